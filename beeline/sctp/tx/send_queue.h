// Messages that wait to be sent, and those under way until they are acknowledged: which stream is
// served next (RFC 8260 §3), cut into fragments of what fits a packet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/sctp/message.h"
#include "beeline/sctp/spare_buffers.h"
#include "beeline/sctp/wire/chunk.h"

namespace beeline::sctp {

// A place in the queue; used again once its message is gone.
struct MessageId {
  std::uint32_t value = 0;
  bool operator==(const MessageId&) const = default;
};

// What one packet takes of a message. `chunk` has no TSN yet; its payload stays valid until the
// message is released.
struct Fragment {
  MessageId message;
  DataChunk chunk;
  // Stands for the rest of a message that was begun and is given up: it takes a TSN, has no payload
  // and never leaves, so that the other side cannot come past it without being told.
  bool given_up = false;
};

class SendQueue {
 public:
  // With `interleaved`, large messages of different streams share the way (RFC 8260).
  void set_interleaved(bool interleaved) { interleaved_ = interleaved; }
  // Whether anything may be given up: the other side understands FORWARD TSN.
  void set_partial_reliability(bool possible) { may_give_up_ = possible; }
  void add(Message message, const Reliability& reliability, Instant now);
  // Of streams that compete, each gets by its weight (RFC 8831 §6.4: 128 to 1024).
  void set_weight(StreamId stream, std::uint16_t weight) { streams_[stream].weight = weight; }

  bool empty() const { return unsent_ == 0; }
  // Bytes not yet handed to next(), of one stream and of all.
  std::size_t unsent(StreamId stream) const;
  std::size_t unsent() const { return unsent_; }
  // Messages of a stream that may be given up and are not acknowledged, or given up, in whole.
  std::size_t unsettled_limited(StreamId stream) const;
  // Bytes of all messages that are not acknowledged in whole.
  std::size_t held() const { return held_; }

  // At most `room` bytes of the message whose turn it is; messages whose lifetime is over and of
  // which nothing was sent are dropped on the way. A fragment counts as under way until settle().
  std::optional<Fragment> next(std::size_t room, Instant now);
  // One fragment needs no more retransmission. The message goes with its last.
  void settle(MessageId message);

  // Whether the message may be given up: too old, or a fragment was sent too often. Asked for
  // fragments that got lost.
  bool is_over(MessageId message, std::uint32_t transmissions, Instant now) const;
  // The rest of it will not be sent.
  void give_up(MessageId message);
  bool is_given_up(MessageId message) const { return entries_[message.value].given_up; }
  // Anything that may be given up by time is under way or waiting.
  bool has_limits() const { return limited_ > 0; }

  // The number the next message of these streams gets is the first again (RFC 6525 §5.1.2). None:
  // all.
  void restart_numbers(std::span<const StreamId> streams);

  // A buffer of a message that is gone, for the next.
  std::vector<std::uint8_t> spare() { return spares_.take(); }

 private:
  struct Entry {
    Message message;
    std::optional<Instant> expires;
    std::optional<std::uint32_t> retransmissions;
    std::size_t sent = 0;  // bytes
    std::uint32_t fragments = 0;
    std::uint32_t unsettled = 0;  // fragments under way
    std::uint32_t number = 0;     // SSN or MID, given with the first fragment
    bool given_up = false;
    bool done_sending = false;
    bool used = false;
  };
  struct Stream {
    Fifo<MessageId> waiting;
    std::size_t unsent = 0;
    std::size_t limited = 0;  // messages
    std::uint16_t weight = 256;
    std::uint64_t served = 0;  // virtual time: bytes by weight
    std::uint32_t next_ordered = 0;
    std::uint32_t next_unordered = 0;  // of I-DATA, which numbers these too
    bool active = false;               // in turns_
  };
  struct Turn {
    std::uint64_t served;
    StreamId stream;
    // For a heap whose front is the one served least.
    bool operator<(const Turn& other) const {
      return served != other.served ? served > other.served : stream > other.stream;
    }
  };

  MessageId place(Entry entry);
  void release(MessageId message);
  void release_if_done(MessageId message);
  void begin_turn(StreamId id, Stream& stream);
  std::optional<Fragment> drop_expired(Stream& stream, Instant now);
  static Fragment stand_in(MessageId message, const Entry& entry, bool interleaved);
  Fragment cut(StreamId id, Stream& stream, std::size_t room);
  void take_unsent(Stream& stream, std::size_t bytes);

  bool interleaved_ = false;
  bool may_give_up_ = true;
  std::vector<Entry> entries_;
  std::vector<MessageId> free_;
  std::map<StreamId, Stream> streams_;
  std::vector<Turn> turns_;          // a heap
  std::optional<StreamId> current_;  // in the middle of a message, without interleaving
  std::uint64_t virtual_time_ = 0;
  std::size_t unsent_ = 0;
  std::size_t held_ = 0;
  std::size_t limited_ = 0;
  SpareBuffers spares_;
};

}  // namespace beeline::sctp
