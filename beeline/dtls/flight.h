// The datagrams of the flight that was sent last (RFC 6347 §4.2.4), to be sent again, and the
// sequence numbers of records in the clear, which are ours to give.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "beeline/base/bytes.h"

namespace beeline::dtls {

class Flight {
 public:
  // Datagrams of up to `mtu` bytes are made of the records that are added.
  explicit Flight(std::size_t mtu) : mtu_(mtu) {}

  // Adds records that belong together in one datagram; small ones share a datagram.
  void add(Bytes records);
  void clear() { datagrams_.clear(); }
  bool empty() const { return datagrams_.empty(); }
  std::span<const std::vector<std::uint8_t>> datagrams() const { return datagrams_; }

  // Whether there are protected records in it. Those cannot be sent twice: a receiver that had one
  // takes the copy for a replay.
  bool has_protected() const;

 private:
  std::size_t mtu_;
  std::vector<std::vector<std::uint8_t>> datagrams_;
};

// Numbers the records of epoch 0. RFC 6347 §4.1: no two records may have the same number, so that
// what is sent again gets a new one; in the clear nothing depends on it but replay detection.
class PlaintextNumbers {
 public:
  // Writes the next numbers into the records of epoch 0; leaves the others alone.
  void renumber(MutableBytes datagram);

 private:
  std::uint64_t next_ = 0;
};

}  // namespace beeline::dtls
