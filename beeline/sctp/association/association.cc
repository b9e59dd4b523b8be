#include "beeline/sctp/association/association.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::kClosed:
      return "closed";
    case EndReason::kAborted:
      return "the other side ended the association";
    case EndReason::kProtocolViolation:
      return "the other side broke the protocol";
    case EndReason::kMessageTooLong:
      return "the other side sent a message that is too long";
  }
  return "unknown";
}

Association::Association(const Settings& settings, const Random& random, PacketPool& packets,
                         Log& log)
    : settings_(settings),
      packets_(packets),
      log_(log),
      handshake_(settings, random.fork("sctp handshake")) {}

void Association::set_remote_port(std::uint16_t port) {
  settings_.remote_port = port;
  handshake_.set_remote_port(port);
}

void Association::connect(Instant now) {
  if (!ended_) handshake_.begin(now);
}

bool Association::connect_with(Bytes remote_init, Instant now) {
  const auto tlv = TlvReader(remote_init).next();
  if (!tlv || static_cast<ChunkType>(tlv->kind >> 8) != ChunkType::kInit) return false;
  const Chunk chunk{ChunkType::kInit, 0, tlv->value, tlv->whole};
  if (ended_ || !handshake_.begin_with(chunk)) return false;
  begin_transfer(now);
  return true;
}

// The other side's numbers are known: data may be sent with the COOKIE ECHO and received after it.
void Association::begin_transfer(Instant) {
  const Peer& peer = handshake_.peer();
  const Capabilities both = settings_.capabilities & peer.capabilities;
  if (!sender_) {
    sender_.emplace(Sender::Settings{.first = handshake_.local_first_tsn(),
                                     .peer_window = peer.window,
                                     .interleaved = both.interleaving,
                                     .partial_reliability = both.partial_reliability,
                                     .congestion = settings_.congestion,
                                     .packet = settings_.packet,
                                     .largest_packet = settings_.largest_packet,
                                     .round_trip = settings_.round_trip},
                    queue_);
  }
  if (!told_connected_ && peer.first_tsn != met_) {
    // Also where the other side drew other numbers since: nothing of it was taken yet.
    met_ = peer.first_tsn;
    receiver_.emplace(peer.first_tsn, settings_.max_window, settings_.max_message);
    resets_.emplace(handshake_.local_first_tsn(), peer.first_tsn);
    if (!sender_->meet(peer.window, both.interleaving, both.partial_reliability))
      return violate("another answer to the same question");
  }
  if (!handshake_.is_established() || told_connected_) return;
  told_connected_ = true;
  log_.debug("sctp_connected", {{"interleaving", both.interleaving ? "yes" : "no"}});
  events_.push(Connected{both, std::min(settings_.streams, peer.inbound_streams)});
}

std::expected<void, SendError> Association::send(Message message, const Reliability& reliability,
                                                 Instant now) {
  if (ended_ || shutdown_ != Shutdown::kNone) return std::unexpected(SendError::kEnded);
  if (message.bytes.empty()) return std::unexpected(SendError::kEmpty);
  if (max_outgoing_ != 0 && message.bytes.size() > max_outgoing_)
    return std::unexpected(SendError::kTooLong);
  if (told_connected_ &&
      message.stream.value >= std::min(settings_.streams, handshake_.peer().inbound_streams))
    return std::unexpected(SendError::kNoStream);
  queue_.add(std::move(message), reliability, now);
  return {};
}

void Association::reset_streams(std::vector<StreamId> streams) {
  if (!resets_ || ended_) return;
  if (!handshake_.peer().capabilities.re_config) {
    // It would not understand: they are simply not used again.
    events_.push(StreamsResetDone{std::move(streams), true});
    return;
  }
  resets_->ask(std::move(streams));
}

std::vector<StreamId> Association::on_reused(StreamId stream) {
  auto answered = resets_ ? resets_->on_implied_response(stream) : std::nullopt;
  if (!answered) return {};
  queue_.restart_numbers(answered->streams);
  return std::move(answered->streams);
}

void Association::release(std::size_t bytes) {
  if (receiver_) receiver_->release(bytes);
}

void Association::give_back(std::vector<std::uint8_t> buffer) {
  if (receiver_) receiver_->give_back(std::move(buffer));
}

void Association::on_new_path(Duration round_trip, Instant now, std::size_t largest) {
  settings_.round_trip = round_trip;
  settings_.largest_packet = largest;
  if (sender_) sender_->on_new_path(round_trip, largest, now);
}

void Association::shutdown(Instant now) {
  if (ended_ || shutdown_ != Shutdown::kNone) return;
  if (!handshake_.is_established()) return abort(now);
  shutdown_ = Shutdown::kPending;
  advance_shutdown(now);
}

//= RFC 9260 §9.2
// Goes on once everything of ours was acknowledged.
void Association::advance_shutdown(Instant now) {
  if (!sender_ || !sender_->is_done() || ended_) return;
  if (shutdown_ != Shutdown::kPending && shutdown_ != Shutdown::kReceived) return;
  shutdown_ = shutdown_ == Shutdown::kPending ? Shutdown::kSent : Shutdown::kAckSent;
  shutdown_tries_ = 0;
  owe_shutdown(now);
}

void Association::owe_shutdown(Instant now) {
  owes_shutdown_ = true;
  shutdown_at_ = now + rules::backed_off(sender_->round_trip().timeout(), ++shutdown_tries_);
}

void Association::abort(Instant) {
  if (ended_) return;
  abort_ = write_cause(ErrorCause::kUserAbort, {});
  owes_abort_ = sender_.has_value();
  end(EndReason::kClosed, {});
}

void Association::violate(std::string_view what, EndReason reason) {
  if (ended_) return;
  abort_ = write_cause(ErrorCause::kProtocolViolation, as_bytes(what));
  owes_abort_ = sender_.has_value();
  log_.warning("sctp_violation", {{"what", std::string(what)}});
  end(reason, std::string(what));
}

void Association::end(EndReason reason, std::string detail) {
  if (ended_) return;
  ended_ = true;
  events_.push(Ended{reason, std::move(detail)});
}

void Association::handle_timeout(Instant now) {
  if (ended_) return;
  handshake_.handle_timeout(now);
  if (sender_) sender_->handle_timeout(now);
  if (rules::gives_up(handshake_.silences()) || (sender_ && rules::gives_up(sender_->silences())))
    return end(EndReason::kAborted, "nothing was heard for too long");
  if (receiver_) deliver(now);
  if (shutdown_at_ && *shutdown_at_ <= now) owe_shutdown(now);
}

std::optional<Instant> Association::next_timeout() const {
  if (ended_) return std::nullopt;
  auto at = earliest(handshake_.next_timeout(), shutdown_at_);
  if (handshake_.is_established()) at = earliest(at, sender_->next_timeout());
  if (receiver_) at = earliest(at, receiver_->ack_at());
  if (resets_) at = earliest(at, resets_->next_timeout());
  return at;
}

void Association::emit(PacketBuilder& builder) {
  ++counters_.packets_sent;
  const bool zero = settings_.capabilities.zero_checksum && told_connected_ &&
                    handshake_.peer().capabilities.zero_checksum;
  Packet packet = builder.finish(zero);
  packet.set_fragmenting(rules::fragmenting(packet.size(), settings_.packet, sender_->packet()));
  transmits_.push(std::move(packet));
}

// Whether a larger packet arrives. It brings nothing else, so that nothing is lost with it.
void Association::emit_size_probe(Instant now) {
  const auto size = sender_->size_probe();
  if (!size || !handshake_.is_established()) return;
  PacketBuilder builder(
      packets_, {settings_.local_port, settings_.remote_port, handshake_.peer().tag}, *size);
  sender_->write_size_probe(builder, now);
  emit(builder);
  transmits_.back().set_fragmenting(Fragmenting::kForbidden);
}

void Association::flush(Instant now) {
  if (silent_) return;
  while (auto packet = handshake_.write_alone(packets_)) {
    ++counters_.packets_sent;
    transmits_.push(std::move(*packet));
  }
  if (sender_) flush_data(now);
  if (ended_ && !owes_shutdown_complete_) silent_ = true;
}

void Association::flush_data(Instant now) {
  advance_shutdown(now);
  PacketBuilder builder(packets_,
                        {settings_.local_port, settings_.remote_port, handshake_.peer().tag},
                        sender_->packet());
  if (owes_abort_) {
    builder.chunk(ChunkType::kAbort, 0, abort_);
    owes_abort_ = false;
    emit(builder);
  }
  if (owes_shutdown_complete_) {
    builder.chunk(ChunkType::kShutdownComplete, 0, Bytes{});
    owes_shutdown_complete_ = false;
    emit(builder);
  }
  if (ended_) return;
  //= RFC 9260 §5.1
  // With a COOKIE ECHO data may go, but nothing after it until the answer.
  const bool echo = handshake_.write(builder);
  if (!handshake_.is_established() && !echo) return;
  if (!echo) {
    while (write_control(builder, now)) emit(builder);
    const bool data = sender_->has_something(now);
    if (receiver_->is_ack_due(now) || (receiver_->is_ack_owed() && (data || !builder.empty()))) {
      // A reply may have left too little of the packet.
      if (builder.room() < ReceivedTsns::kLeastSack) emit(builder);
      receiver_->write_sack(builder);
    }
  } else {
    // Sent again with each echo: what went with the last one was lost with it.
    sender_->lose_all();
  }
  bool more = true;
  while (more) {
    more = sender_->write(builder, now) && !echo;
    if (!builder.empty()) emit(builder);
  }
  emit_size_probe(now);
  sender_->settle();
}

// True where the packet is full and there is more.
bool Association::write_control(PacketBuilder& builder, Instant now) {
  while (!replies_.empty()) {
    const std::vector<std::uint8_t>& reply = replies_.front();
    const std::size_t size = reply.size() - TlvReader::kHeader;
    if (size > builder.room() && !builder.empty()) return true;
    if (size <= builder.room())
      builder.chunk(static_cast<ChunkType>(reply[0]), reply[1],
                    Bytes(reply).subspan(TlvReader::kHeader));
    replies_.drop();
  }
  resets_->write_responses(builder);
  if (resets_->owes_response()) return true;
  if (resets_->is_due(now) &&
      !resets_->write_request(builder, sender_->next_tsn().previous().wire(), now,
                              sender_->round_trip().timeout()))
    return !builder.empty();
  if (owes_shutdown_) {
    if (builder.room() < 4) return true;
    owes_shutdown_ = false;
    std::array<std::uint8_t, 4> value{};
    ByteWriter(value).u32(receiver_->cumulative().wire().value);
    if (shutdown_ == Shutdown::kSent)
      builder.chunk(ChunkType::kShutdown, 0, value);
    else
      builder.chunk(ChunkType::kShutdownAck, 0, Bytes{});
  }
  return false;
}

}  // namespace beeline::sctp
