// An SCTP association over DTLS (RFC 9260, RFC 8261): messages on streams, in order or not, whole,
// as reliably as each asks. A core; below it is anything that carries packets to the other side and
// nobody else.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/log.h"
#include "beeline/base/packet.h"
#include "beeline/base/protocol_core.h"
#include "beeline/base/random.h"
#include "beeline/sctp/association/event.h"
#include "beeline/sctp/association/handshake.h"
#include "beeline/sctp/association/stream_resets.h"
#include "beeline/sctp/message.h"
#include "beeline/sctp/rx/receiver.h"
#include "beeline/sctp/settings.h"
#include "beeline/sctp/tx/sender.h"
#include "beeline/sctp/wire/error_cause.h"

namespace beeline::sctp {

enum class SendError : std::uint8_t {
  kEnded,
  kEmpty,    // SCTP has no empty messages (RFC 8831 §6.6 says what stands for them)
  kTooLong,  // more than the other side takes
  kNoStream  // an id beyond what the other side accepts
};

//   closed ──connect()──▶ connecting ──▶ connected ──shutdown()──▶ shutting down ──▶ ended
//      └──────────────── the other side connects ───▲    └──abort(), violation──────────▲
class Association {
 public:
  using Input = Packet;  // one SCTP packet, as DTLS gave it
  using Transmit = Packet;
  using Event = AssociationEvent;

  // `packets` and `log` are borrowed.
  Association(const Settings& settings, const Random& random, PacketPool& packets, Log& log);
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  void handle_input(Input packet, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit() { return transmits_.pop(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const;

  // Of the other side, as its description has it (RFC 8841 §5); before anything is sent.
  void set_remote_port(std::uint16_t port);
  // Begins the handshake; both sides may (RFC 8841 §9.3).
  void connect(Instant now);
  // Both descriptions carried an INIT chunk: connected at once. False where the other's is not one.
  bool connect_with(Bytes remote_init, Instant now);
  // Ours, for the description.
  std::vector<std::uint8_t> local_init() const { return handshake_.local_init(); }

  // Queues a message; its bytes are owned from then on. Also before being connected.
  std::expected<void, SendError> send(Message message, const Reliability& reliability, Instant now);
  void set_weight(StreamId stream, std::uint16_t weight) { queue_.set_weight(stream, weight); }
  // What the other side takes (a=max-message-size), bytes; 0: anything.
  void set_max_outgoing(std::size_t bytes) { max_outgoing_ = bytes; }
  // Our side of these streams begins anew, after what was sent on them (which must have left
  // already: unsent() is 0). StreamsResetDone follows.
  void reset_streams(std::vector<StreamId> streams);
  // The other side uses this stream as if that were done: then it is, and its answer got lost.
  // Returns the streams of that request, of which no StreamsResetDone comes.
  std::vector<StreamId> on_reused(StreamId stream);
  // The bytes of received messages count against the window until they are released.
  void release(std::size_t bytes);
  // The buffer of a received message, for the next one: in steady state nothing is allocated.
  void give_back(std::vector<std::uint8_t> buffer);
  // A buffer of a message that was sent, for the next one.
  std::vector<std::uint8_t> spare() { return queue_.spare(); }

  // Another path below; `round_trip` a guess. `largest`: bytes of the largest packet that may be
  // tried there (RFC 8899); 0: Settings::packet is all it takes.
  void on_new_path(Duration round_trip, Instant now, std::size_t largest = 0);
  // Ends when everything was acknowledged, by both (RFC 9260 §9.2).
  void shutdown(Instant now);
  // Ends at once and says so (RFC 9260 §9.1).
  void abort(Instant now);

  bool is_connected() const { return handshake_.is_established() && !ended_; }
  bool is_ended() const { return ended_; }
  // Bytes not sent yet, of one stream and of all; and bytes not acknowledged, with those.
  std::size_t unsent(StreamId stream) const { return queue_.unsent(stream); }
  std::size_t unsent() const { return queue_.unsent(); }
  // Messages of a stream that may be given up still, or whose giving up the other side may not
  // know.
  std::size_t unsettled_limited(StreamId stream) const { return queue_.unsettled_limited(stream); }
  std::size_t unacknowledged() const { return queue_.held(); }

  struct Counters {
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::uint64_t malformed = 0;  // packets that are none, and chunks with a wrong length
    std::uint64_t bad_checksum = 0;
    std::uint64_t wrong_tag = 0;  // RFC 9260 §8.5
    std::uint64_t unknown_chunks = 0;
    std::uint64_t ignored = 0;  // chunks that do not belong into the state
  };
  const Counters& counters() const { return counters_; }
  // The halves, for statistics; none before being connected.
  const Sender* sender() const { return sender_ ? &*sender_ : nullptr; }
  const Receiver* receiver() const { return receiver_ ? &*receiver_ : nullptr; }

 private:
  enum class Shutdown : std::uint8_t { kNone, kPending, kSent, kReceived, kAckSent };

  // association.cc
  void begin_transfer(Instant now);
  void flush_data(Instant now);
  bool write_control(PacketBuilder& builder, Instant now);
  void emit(PacketBuilder& builder);
  void emit_size_probe(Instant now);
  void end(EndReason reason, std::string detail);
  void violate(std::string_view what, EndReason reason = EndReason::kProtocolViolation);
  void advance_shutdown(Instant now);
  void owe_shutdown(Instant now);

  // association_input.cc
  void hear_after_the_end(Bytes packet);
  bool is_tag_right(const PacketHeader& header, const Chunk& first) const;
  void on_chunk(const Chunk& chunk, const PacketHeader& header, Instant now);
  void on_established_chunk(const Chunk& chunk, Instant now);
  void on_data(const Chunk& chunk, Instant now);
  void refuse_stream(const DataChunk& data);
  void reply_error(ErrorCause cause, Bytes value);
  void on_sack(const Chunk& chunk, Instant now);
  void on_forward_tsn(const Chunk& chunk);
  void on_re_config(const Chunk& chunk, Instant now);
  void on_heartbeat(const Chunk& chunk);
  void on_abort(const Chunk& chunk);
  void on_error(const Chunk& chunk, Instant now);
  void on_shutdown(const Chunk& chunk, Instant now);
  void on_shutdown_ack();
  void on_unknown(const Chunk& chunk);
  static bool is_known(ChunkType type);
  void reset_incoming(const StreamResets::Asked& asked);
  void deliver(Instant now);

  Settings settings_;
  PacketPool& packets_;
  Log& log_;
  Handshake handshake_;
  SendQueue queue_;
  std::size_t max_outgoing_ = 0;
  // From the moment both sides' numbers are known.
  std::optional<Sender> sender_;
  std::optional<Receiver> receiver_;
  std::optional<StreamResets> resets_;
  std::optional<Tsn> met_;  // the other side's first, as those know it
  bool told_connected_ = false;

  // What the packet in hand had.
  bool had_data_ = false;
  bool had_immediate_ = false;

  Fifo<std::vector<std::uint8_t>> replies_;  // whole chunks: HEARTBEAT ACK, ERROR
  std::vector<std::uint8_t> abort_;          // the cause of our ABORT, if one ended it
  bool owes_abort_ = false;
  Shutdown shutdown_ = Shutdown::kNone;
  bool owes_shutdown_ = false;
  bool owes_shutdown_complete_ = false;
  std::optional<Instant> shutdown_at_;
  std::uint32_t shutdown_tries_ = 0;
  bool ended_ = false;
  bool silent_ = false;  // ended, and the last word was said

  Fifo<Packet> transmits_;
  Fifo<AssociationEvent> events_;
  Counters counters_;
};

}  // namespace beeline::sctp
