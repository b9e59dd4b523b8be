#include "beeline/sctp/tx/sender.h"

#include <algorithm>
#include <array>

#include "beeline/base/protocol_core.h"
#include "beeline/sctp/rules.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {
namespace {

// A message is cut where at least this much fits, or else a new packet begins.
constexpr std::size_t kLeastFragment = 256;
// As with a FORWARD TSN, which has a few streams at least.
constexpr std::size_t kLeastForward = 64;
// A chunk that was cut for a path that took more gets a packet as large as it needs.
constexpr std::size_t kAny = Packet::kMaxPayload;
constexpr std::size_t kProbeInfo = 8;

}  // namespace

Sender::Sender(const Settings& settings, SendQueue& queue)
    : queue_(queue),
      outstanding_(settings.first, queue),
      round_trip_(settings.round_trip),
      congestion_(
          make_congestion_control(settings.congestion, settings.packet, settings.round_trip)),
      pacer_(settings.packet),
      path_mtu_(settings.packet),
      interleaved_(settings.interleaved),
      peer_window_(settings.peer_window) {
  queue_.set_interleaved(interleaved_);
  queue_.set_partial_reliability(settings.partial_reliability);
  pacer_.set_rate(congestion_->rate());
  forward_told_ = outstanding_.cumulative();
  path_mtu_.begin(settings.largest_packet);
}

bool Sender::on_sack(const SackChunk& sack, Instant now) {
  AckSample sample;
  const LongTsn before = outstanding_.cumulative();
  const auto heard = outstanding_.on_sack(sack, round_trip_, sample, now);
  if (heard == Outstanding::Heard::kImpossible) return false;
  if (heard == Outstanding::Heard::kOld) return true;
  peer_window_ = sack.window();
  sample.lost = outstanding_.detect_losses(round_trip_, now);
  sample.in_flight = outstanding_.in_flight();
  if (outstanding_.cumulative() > before) forward_tries_ = 0;
  if (outstanding_.cumulative() >= forward_told_) forward_cut_ = false;
  if (sample.acknowledged > 0 || outstanding_.cumulative() > before) {
    silences_ = 0;
    probe_owed_ = false;
    silent_since_ = now;
  }
  if (outstanding_.in_flight() == 0) silent_since_.reset();
  if (sample.acknowledged > 0 || sample.lost > 0) {
    congestion_->on_ack(sample, now);
    pacer_.set_rate(congestion_->rate());
  }
  return true;
}

bool Sender::meet(std::uint32_t window, bool interleaved, bool partial_reliability) {
  if (interleaved != interleaved_ && !outstanding_.empty()) return false;
  interleaved_ = interleaved;
  queue_.set_interleaved(interleaved);
  queue_.set_partial_reliability(partial_reliability);
  peer_window_ = window;
  return true;
}

bool Sender::on_cumulative(Tsn tsn, Instant now) {
  std::array<std::uint8_t, 12> value{};
  ByteWriter writer(value);
  writer.u32(tsn.value);
  writer.u32(static_cast<std::uint32_t>(peer_window_));
  const auto sack = SackChunk::parse({ChunkType::kSack, 0, value, value});
  return on_sack(*sack, now);
}

void Sender::handle_timeout(Instant now) {
  path_mtu_.handle_timeout(now);
  if (outstanding_.loss_at() && *outstanding_.loss_at() <= now) {
    AckSample sample;
    sample.lost = outstanding_.detect_losses(round_trip_, now);
    sample.in_flight = outstanding_.in_flight();
    if (sample.lost > 0) congestion_->on_ack(sample, now);
  }
  const auto silence = silence_at();
  if (!silence || *silence > now) return;
  silent_since_ = now;
  outstanding_.on_silence();
  if (rules::sends_tail_probe(silences_++)) {
    ++counters_.probes;
    probe_owed_ = true;
    return;
  }
  //= RFC 9260 §6.3.3
  ++counters_.timeouts;
  //= RFC 8899 §4.3
  // Of what is larger than base, nothing may arrive any more.
  if (!path_mtu_.is_base()) path_mtu_.on_black_hole(now);
  probe_owed_ = false;
  outstanding_.lose_all();
  congestion_->on_timeout(now);
}

std::optional<Instant> Sender::silence_at() const {
  if (!silent_since_ || outstanding_.in_flight() == 0) return std::nullopt;
  if (rules::sends_tail_probe(silences_))
    return *silent_since_ + rules::probe_after(round_trip_.smoothed());
  return *silent_since_ + rules::backed_off(round_trip_.timeout(), silences_);
}

std::optional<Instant> Sender::next_timeout() const {
  auto at = earliest(outstanding_.loss_at(), silence_at());
  at = earliest(at, forward_at_);
  at = earliest(at, path_mtu_.next_timeout());
  const bool waits = outstanding_.has_lost() || (!queue_.empty() && peer_allows());
  if (waits && window_allows()) at = earliest(at, pacer_.wake());
  return at;
}

void Sender::on_new_path(Duration round_trip, std::size_t largest, Instant now) {
  round_trip_.forget(round_trip);
  path_mtu_.begin(largest);
  outstanding_.on_new_path();
  congestion_->on_new_path(now);
  pacer_.set_rate(congestion_->rate());
  silences_ = 0;
}

bool Sender::window_allows() const {
  return rules::congestion_allows(outstanding_.in_flight(), packet(), congestion_->window());
}

bool Sender::peer_allows() const {
  return rules::peer_allows(outstanding_.in_flight(), packet(), peer_window_);
}

bool Sender::is_forward_due(Instant now) const {
  return rules::forward_tsn_is_due(forward_cut_ ? forward_told_ : outstanding_.advanced(),
                                   outstanding_.cumulative(), forward_told_, forward_at_, now);
}

bool Sender::has_something(Instant now) const {
  if (probe_owed_ || is_forward_due(now)) return true;
  if (!pacer_.may_send(now) || !window_allows()) return false;
  return outstanding_.has_lost() || (!queue_.empty() && peer_allows());
}

bool Sender::write(PacketBuilder& builder, Instant now) {
  for (bool has_data = false;;) {
    if (is_forward_due(now)) {
      //= RFC 9260 §6.10
      // What is no data stands before it.
      if (has_data || builder.room() < kLeastForward) return true;
      write_forward_tsn(builder, now);
    }
    switch (write_chunk(builder, now)) {
      case Wrote::kChunk:
        has_data = true;
        break;
      case Wrote::kGaveUp:
        break;
      case Wrote::kNoRoom:
        path_mtu_.want(now);
        return true;
      case Wrote::kNothing:
        // What was to be sent again may have been given up instead.
        if (!is_forward_due(now)) return false;
    }
  }
}

void Sender::write_forward_tsn(PacketBuilder& builder, Instant now) {
  forward_told_ = outstanding_.write_forward_tsn(builder, interleaved_);
  forward_cut_ = forward_told_ < outstanding_.advanced();
  forward_at_ = now + rules::backed_off(round_trip_.timeout(), ++forward_tries_);
}

Sender::Wrote Sender::write_chunk(PacketBuilder& builder, Instant now) {
  const std::size_t header =
      (interleaved_ ? DataChunk::kInterleavedHeader : DataChunk::kHeader) - TlvReader::kHeader;
  const std::size_t room =
      builder.room() > header ? (builder.room() - header) & ~std::size_t{3} : 0;
  if (probe_owed_) {
    if (room == 0) return Wrote::kNoRoom;
    probe_owed_ = false;
    // What was lost or is new serves as well and brings more.
    if (outstanding_.has_lost()) return write_lost(builder, room, now);
    if (!queue_.empty() && peer_allows()) return write_new(builder, room, now);
    const SentChunk* again = outstanding_.probe(builder.empty() ? kAny : room, now);
    if (again == nullptr) return builder.empty() ? Wrote::kNothing : Wrote::kNoRoom;
    ++counters_.retransmissions;
    write_data(builder, *again, true, now);
    return Wrote::kChunk;
  }
  if (!pacer_.may_send(now) || !window_allows()) return Wrote::kNothing;
  if (outstanding_.has_lost()) {
    if (room == 0) return Wrote::kNoRoom;
    const Wrote wrote = write_lost(builder, room, now);
    if (wrote != Wrote::kNothing) return wrote;
  }
  if (queue_.empty() || !peer_allows()) return Wrote::kNothing;
  return write_new(builder, room, now);
}

Sender::Wrote Sender::write_lost(PacketBuilder& builder, std::size_t room, Instant now) {
  const SentChunk* again = outstanding_.send_again(builder.empty() ? kAny : room, now);
  // It does not fit what is left of this packet, but fits one of its own.
  if (again == nullptr) return outstanding_.has_lost() ? Wrote::kNoRoom : Wrote::kNothing;
  ++counters_.retransmissions;
  doubt_size(*again, now);
  write_data(builder, *again, !outstanding_.has_lost() && queue_.empty(), now);
  return Wrote::kChunk;
}

Sender::Wrote Sender::write_new(PacketBuilder& builder, std::size_t room, Instant now) {
  if (room < kLeastFragment && !builder.empty()) return Wrote::kNoRoom;
  auto fragment = queue_.next(room, now);
  if (!fragment) return Wrote::kNothing;
  if (fragment->given_up) {
    outstanding_.send_nothing(*fragment);
    return Wrote::kGaveUp;
  }
  const SentChunk& sent = outstanding_.send_new(std::move(*fragment), now);
  write_data(builder, sent, queue_.empty(), now);
  return Wrote::kChunk;
}

void Sender::write_data(PacketBuilder& builder, const SentChunk& sent, bool immediate,
                        Instant now) {
  DataChunk chunk = sent.chunk;
  //= RFC 7053 §4
  // The last for now: hearing of it soon is worth more than a packet saved.
  chunk.immediate = immediate;
  if (builder.empty()) builder.stretch(sent.size() - TlvReader::kHeader);
  builder.data(chunk);
  pacer_.sent(sent.size(), now);
  silent_since_ = now;
}

// Small packets may get through where large ones vanish, so that no silence tells.
void Sender::doubt_size(const SentChunk& again, Instant now) {
  if (path_mtu_.is_base() || !rules::suspects_size(again.transmissions)) return;
  if (again.size() + PacketHeader::kSize > path_mtu_.base()) path_mtu_.on_black_hole(now);
}

//= RFC 8899 §6.2.1.2
// A HEARTBEAT that says which it is, and PAD (RFC 4820) to the end of the packet.
void Sender::write_size_probe(PacketBuilder& builder, Instant now) {
  const std::size_t size = *path_mtu_.due();
  ++counters_.size_probes;
  std::vector<std::uint8_t> info(kProbeInfo);
  ByteWriter writer(info);
  writer.u32(path_mtu_.sent(round_trip_.timeout(), now));
  writer.u32(static_cast<std::uint32_t>(size));
  std::vector<std::uint8_t> parameter;
  append_parameter(parameter, ParameterType::kHeartbeatInfo, info);
  builder.chunk(ChunkType::kHeartbeat, 0, parameter);
  std::ranges::fill(builder.chunk(ChunkType::kPad, 0, builder.room()), std::uint8_t{0});
}

void Sender::on_heartbeat_ack(const Chunk& chunk, Instant now) {
  const auto info = TlvReader(chunk.value).next();
  if (!info || info->kind != std::to_underlying(ParameterType::kHeartbeatInfo) ||
      info->value.size() != kProbeInfo)
    return;
  ByteReader reader(info->value);
  const std::uint32_t number = reader.u32();
  path_mtu_.on_answer(number, reader.u32(), now);
}

void Sender::settle() {
  if (outstanding_.advanced() == outstanding_.cumulative()) forward_at_.reset();
  if (queue_.empty() && !outstanding_.has_lost() && window_allows())
    outstanding_.note_application_limited();
  if (outstanding_.in_flight() == 0) silent_since_.reset();
}

}  // namespace beeline::sctp
