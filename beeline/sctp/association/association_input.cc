// What a packet of the other side does to an association: chunk by chunk (RFC 9260 §5 to §9).
#include "beeline/sctp/association/association.h"
#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

// The flag of ABORT and SHUTDOWN COMPLETE that says: this tag is yours, I have none of my own.
constexpr std::uint8_t kReflectedTag = 1;
constexpr std::size_t kMostReplies = 8;

}  // namespace

void Association::handle_input(Input packet, Instant now) {
  if (ended_) return hear_after_the_end(packet.bytes());
  ++counters_.packets_received;
  auto reader = PacketReader::parse(packet.bytes(), settings_.capabilities.zero_checksum);
  if (!reader) {
    ++(reader.error() == ParseError::kBadChecksum ? counters_.bad_checksum : counters_.malformed);
    return;
  }
  auto chunk = reader->next();
  if (!chunk) {
    ++counters_.malformed;
    return;
  }
  if (!is_tag_right(reader->header(), *chunk)) {
    ++counters_.wrong_tag;
    return;
  }
  had_data_ = had_immediate_ = false;
  // An INIT and what reflects a tag travel alone (RFC 9260 §6.10); what follows is not looked at.
  const bool alone = chunk->type == ChunkType::kInit || chunk->type == ChunkType::kInitAck ||
                     reader->header().tag != handshake_.local_tag();
  for (; chunk && !ended_; chunk = alone ? std::nullopt : reader->next()) {
    on_chunk(*chunk, reader->header(), now);
    //= RFC 9260 §3.2
    // After an unknown type that does not say "skip me" nothing is looked at.
    if (!is_known(chunk->type) && (std::to_underlying(chunk->type) & 0x80) == 0) break;
  }
  if (!reader->ok()) ++counters_.malformed;
  if (ended_) return;
  if (receiver_ && had_data_) receiver_->packet_ends(had_immediate_, now);
  if (receiver_) deliver(now);
}

//= RFC 9260 §8.4
// Whose last word got lost is asked again. Who ended it is not answered, or two that are gone would
// talk for ever.
void Association::hear_after_the_end(Bytes packet) {
  auto reader = PacketReader::parse(packet, settings_.capabilities.zero_checksum);
  if (!reader || !sender_ || reader->header().tag != handshake_.local_tag()) return;
  const auto chunk = reader->next();
  if (!chunk || chunk->type == ChunkType::kAbort || chunk->type == ChunkType::kShutdownComplete)
    return;
  if (chunk->type == ChunkType::kShutdownAck)
    owes_shutdown_complete_ = true;
  else if (!abort_.empty())
    owes_abort_ = true;
  if (owes_shutdown_complete_ || owes_abort_) silent_ = false;
}

bool Association::is_tag_right(const PacketHeader& header, const Chunk& first) const {
  using rules::TagUse;
  const bool reflectable =
      first.type == ChunkType::kAbort || first.type == ChunkType::kShutdownComplete;
  const bool reflected = reflectable && (first.flags & kReflectedTag) != 0;
  const TagUse use = first.type == ChunkType::kInit ? TagUse::kNone
                     : reflected                    ? TagUse::kReflected
                                                    : TagUse::kOurs;
  return rules::admits_tag(use, header.tag, handshake_.local_tag(),
                           sender_ ? std::optional(handshake_.peer().tag) : std::nullopt);
}

void Association::on_chunk(const Chunk& chunk, const PacketHeader& header, Instant now) {
  bool taken = true;
  switch (chunk.type) {
    case ChunkType::kInit:
      taken = handshake_.on_init(chunk);
      break;
    case ChunkType::kInitAck:
      taken = handshake_.on_init_ack(chunk, now);
      if (taken) begin_transfer(now);
      break;
    case ChunkType::kCookieEcho:
      taken = handshake_.on_cookie_echo(chunk, header.tag);
      if (taken) begin_transfer(now);
      break;
    case ChunkType::kCookieAck:
      taken = handshake_.on_cookie_ack();
      if (taken) begin_transfer(now);
      break;
    case ChunkType::kAbort:
      return on_abort(chunk);
    case ChunkType::kError:
      return on_error(chunk, now);
    case ChunkType::kHeartbeat:
      return on_heartbeat(chunk);
    case ChunkType::kHeartbeatAck:
      if (sender_) sender_->on_heartbeat_ack(chunk, now);
      return;
    case ChunkType::kPad:
      return;
    default:
      if (!is_known(chunk.type)) return on_unknown(chunk);
      if (!sender_) break;
      return on_established_chunk(chunk, now);
  }
  if (!taken || (!sender_ && !handshake_.owes())) ++counters_.ignored;
}

void Association::on_established_chunk(const Chunk& chunk, Instant now) {
  if (!handshake_.is_established()) {
    handshake_.on_implied_cookie_ack();
    begin_transfer(now);
  }
  if (!handshake_.is_established()) {
    ++counters_.ignored;
    return;
  }
  switch (chunk.type) {
    case ChunkType::kData:
    case ChunkType::kIData:
      return on_data(chunk, now);
    case ChunkType::kSack:
      return on_sack(chunk, now);
    case ChunkType::kForwardTsn:
    case ChunkType::kIForwardTsn:
      return on_forward_tsn(chunk);
    case ChunkType::kReConfig:
      return on_re_config(chunk, now);
    case ChunkType::kShutdown:
      return on_shutdown(chunk, now);
    case ChunkType::kShutdownAck:
      return on_shutdown_ack();
    case ChunkType::kShutdownComplete:
      if (shutdown_ == Shutdown::kAckSent) end(EndReason::kClosed, {});
      return;
    default:
      ++counters_.ignored;
  }
}

bool Association::is_known(ChunkType type) {
  switch (type) {
    case ChunkType::kData:
    case ChunkType::kInit:
    case ChunkType::kInitAck:
    case ChunkType::kSack:
    case ChunkType::kHeartbeat:
    case ChunkType::kHeartbeatAck:
    case ChunkType::kAbort:
    case ChunkType::kShutdown:
    case ChunkType::kShutdownAck:
    case ChunkType::kError:
    case ChunkType::kCookieEcho:
    case ChunkType::kCookieAck:
    case ChunkType::kShutdownComplete:
    case ChunkType::kIData:
    case ChunkType::kReConfig:
    case ChunkType::kPad:
    case ChunkType::kForwardTsn:
    case ChunkType::kIForwardTsn:
      return true;
  }
  return false;
}

//= RFC 9260 §3.2
void Association::on_unknown(const Chunk& chunk) {
  ++counters_.unknown_chunks;
  const bool report = (static_cast<std::uint8_t>(chunk.type) & 0x40) != 0;
  if (report) reply_error(ErrorCause::kUnrecognizedChunk, chunk.whole);
}

void Association::reply_error(ErrorCause cause, Bytes value) {
  if (replies_.size() >= kMostReplies) return;
  std::vector<std::uint8_t> error;
  append_parameter(error, static_cast<ParameterType>(std::to_underlying(ChunkType::kError) << 8),
                   write_cause(cause, value));
  replies_.push(std::move(error));
}

void Association::on_data(const Chunk& chunk, Instant now) {
  const auto data = parse_data(chunk);
  if (!data) {
    //= RFC 9260 §6.2
    if (data.error() == ParseError::kBadValue) return violate("a DATA chunk without data");
    ++counters_.malformed;
    return;
  }
  const Capabilities both = settings_.capabilities & handshake_.peer().capabilities;
  //= RFC 8260 §2.2.1
  if (data->interleaved != both.interleaving)
    return violate(data->interleaved ? "I-DATA without having agreed on it"
                                     : "DATA after having agreed on I-DATA");
  had_data_ = true;
  had_immediate_ |= data->immediate;
  if (data->stream.value >= settings_.streams) return refuse_stream(*data);
  if (!receiver_->on_data(*data, sender_->round_trip().smoothed(), now))
    violate("fragments that belong to no message, or a message that is too long",
            EndReason::kMessageTooLong);
}

//= RFC 9260 §6.5
// It is acknowledged, and nobody is told what it was.
void Association::refuse_stream(const DataChunk& data) {
  if (!receiver_->discard(data.tsn)) return;
  std::array<std::uint8_t, 4> value{};
  ByteWriter(value).u16(data.stream.value);
  reply_error(ErrorCause::kInvalidStream, value);
}

void Association::on_sack(const Chunk& chunk, Instant now) {
  const auto sack = SackChunk::parse(chunk);
  if (!sack) {
    ++counters_.malformed;
    return;
  }
  if (!sender_->on_sack(*sack, now)) violate("a SACK for what was never sent");
}

void Association::on_forward_tsn(const Chunk& chunk) {
  const auto forward = ForwardTsnChunk::parse(chunk);
  if (!forward) {
    ++counters_.malformed;
    return;
  }
  const Capabilities both = settings_.capabilities & handshake_.peer().capabilities;
  //= RFC 3758 §3.3.1
  if (!both.partial_reliability || forward->interleaved() != both.interleaving)
    return violate("FORWARD TSN without having agreed on it");
  receiver_->on_forward_tsn(*forward);
}

void Association::on_re_config(const Chunk& chunk, Instant now) {
  const auto parameters = parse_re_config(chunk);
  if (!parameters) {
    ++counters_.malformed;
    return;
  }
  for (const ReConfigParameter& parameter : *parameters) {
    const auto* response = std::get_if<ReConfigResponse>(&parameter);
    if (response == nullptr) {
      // What came before belongs to the old numbers.
      deliver(now);
      reset_incoming(resets_->on_request(parameter, receiver_->cumulative(), now));
      continue;
    }
    auto answered = resets_->on_response(*response, now, sender_->round_trip().timeout());
    if (!answered) continue;
    if (!answered->refused) queue_.restart_numbers(answered->streams);
    events_.push(StreamsResetDone{std::move(answered->streams), answered->refused});
  }
}

void Association::reset_incoming(const StreamResets::Asked& asked) {
  if (!asked.reset) return;
  receiver_->reset_streams(*asked.reset);
  events_.push(StreamsReset{*asked.reset});
}

void Association::deliver(Instant now) {
  while (auto message = receiver_->next_message())
    events_.push(MessageReceived{std::move(*message)});
  while (resets_) {
    const auto asked = resets_->on_progress(receiver_->cumulative(), now);
    if (!asked.reset) break;
    reset_incoming(asked);
  }
}

void Association::on_heartbeat(const Chunk& chunk) {
  if (!sender_ || replies_.size() >= kMostReplies) return;
  std::vector<std::uint8_t> reply(chunk.whole.begin(), chunk.whole.end());
  reply[0] = static_cast<std::uint8_t>(ChunkType::kHeartbeatAck);
  replies_.push(std::move(reply));
}

void Association::on_abort(const Chunk& chunk) {
  const auto cause = first_cause(chunk);
  std::string detail(cause ? to_string(cause->cause) : "no cause given");
  end(EndReason::kAborted, std::move(detail));
}

void Association::on_error(const Chunk& chunk, Instant now) {
  const auto cause = first_cause(chunk);
  if (!cause) return;
  log_.debug("sctp_error", {{"cause", std::string(to_string(cause->cause))}});
  if (cause->cause == ErrorCause::kStaleCookie) handshake_.on_stale_cookie(now);
}

//= RFC 9260 §9.2
void Association::on_shutdown(const Chunk& chunk, Instant now) {
  const auto arrived = parse_shutdown(chunk);
  if (!arrived) {
    ++counters_.malformed;
    return;
  }
  if (!sender_->on_cumulative(*arrived, now)) return violate("a SHUTDOWN for what was never sent");
  if (shutdown_ == Shutdown::kNone || shutdown_ == Shutdown::kPending ||
      shutdown_ == Shutdown::kSent)
    shutdown_ = Shutdown::kReceived;
  else if (shutdown_ == Shutdown::kAckSent)
    owes_shutdown_ = true;
  advance_shutdown(now);
}

void Association::on_shutdown_ack() {
  if (shutdown_ != Shutdown::kSent && shutdown_ != Shutdown::kAckSent) {
    ++counters_.ignored;
    return;
  }
  owes_shutdown_complete_ = true;
  end(EndReason::kClosed, {});
}

}  // namespace beeline::sctp
