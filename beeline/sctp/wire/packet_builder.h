// Makes SCTP packets: the header, chunks one after the other in place, the checksum at the end.
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/packet.h"
#include "beeline/sctp/wire/chunk.h"

namespace beeline::sctp {

// One packet at a time. `packets` is borrowed.
class PacketBuilder {
 public:
  // `most`: bytes of a packet, at most Packet::kMaxPayload.
  PacketBuilder(PacketPool& packets, const PacketHeader& header, std::size_t most);

  bool empty() const { return packet_.size() <= PacketHeader::kSize; }
  std::size_t size() const { return packet_.size(); }
  // Bytes that the value of one more chunk may have.
  std::size_t room() const;
  // The packet, which is empty, becomes as large as one chunk of `size` value bytes makes it, where
  // that is more than `most`. The next is as it was.
  void stretch(std::size_t size);

  // Appends a chunk of `size` value bytes (at most room()) and returns them, unspecified, for the
  // caller to fill; the padding is zero.
  MutableBytes chunk(ChunkType type, std::uint8_t flags, std::size_t size);
  void chunk(ChunkType type, std::uint8_t flags, Bytes value);
  void data(const DataChunk& data);

  // The packet so far; the next begins afresh.
  Packet finish(bool zero_checksum);

 private:
  void begin();

  PacketPool& packets_;
  PacketHeader header_;
  std::size_t most_;
  std::size_t stretched_ = 0;  // of this packet, where that is more
  Packet packet_;
};

}  // namespace beeline::sctp
