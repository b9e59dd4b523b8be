// What arrives, until it can be delivered: fragments become messages, messages of a stream come in
// order (RFC 9260 §6.5, §6.6).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "beeline/base/fifo.h"
#include "beeline/sctp/rx/fragments.h"

namespace beeline::sctp {

class Reassembly {
 public:
  explicit Reassembly(std::size_t max_message)
      : by_tsn_(spares_, max_message), by_mid_(spares_, max_message), max_message_(max_message) {}
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  // False where the fragment breaks the protocol or makes a message too long.
  [[nodiscard]] bool add(LongTsn tsn, const DataChunk& data);
  // Pops what can be delivered, in order.
  std::optional<Message> next();
  // The other side gave up everything to `to` (RFC 3758 §3.6).
  void forward(LongTsn to, const ForwardTsnChunk& chunk);
  // These streams begin anew (RFC 6525 §5.2.2); none: all.
  void reset(std::span<const StreamId> streams);

  // Bytes that wait here, also those next() has not taken; each piece that waits costs some beyond
  // its own, or a million messages of a byte would count as a megabyte.
  static constexpr std::size_t kPieceCost = 64;
  std::size_t held() const {
    return held_ + kPieceCost * (by_tsn_.pieces() + by_mid_.pieces() + waiting_);
  }
  // A delivered message's buffer, for use again.
  void give_back(std::vector<std::uint8_t> buffer) { spares_.give(std::move(buffer)); }

 private:
  struct Stream {
    std::uint64_t next = kFirst;       // long SSN or MID
    std::uint64_t unordered = kFirst;  // the first MID that was not given up
    std::map<std::uint64_t, Message> waiting;
  };

  bool was_given_up(const DataChunk& data) const;
  bool order(Assembled assembled, bool interleaved);
  void skip(StreamId stream, std::uint64_t to);
  void deliver_in_order(Stream& stream);
  void deliver(Message message) { ready_.push(std::move(message)); }

  SpareBuffers spares_;
  TsnFragments by_tsn_;
  MidFragments by_mid_;
  std::size_t max_message_;
  std::map<StreamId, Stream> streams_;
  Fifo<Message> ready_;
  std::size_t held_ = 0;
  std::size_t waiting_ = 0;  // messages, of all streams
};

}  // namespace beeline::sctp
