#include "beeline/sctp/wire/packet_builder.h"

#include <algorithm>
#include <cstring>

#include "beeline/sctp/wire/crc32c.h"

namespace beeline::sctp {

PacketBuilder::PacketBuilder(PacketPool& packets, const PacketHeader& header, std::size_t most)
    : packets_(packets), header_(header), most_(most) {
  ensure(most <= Packet::kMaxPayload && most % 4 == 0, "packets end where chunks may");
}

void PacketBuilder::begin() {
  packet_ = packets_.make();
  packet_.resize(PacketHeader::kSize);
  ByteWriter writer(packet_.mutable_bytes());
  writer.u16(header_.source_port);
  writer.u16(header_.destination_port);
  writer.u32(header_.tag.value);
  writer.u32(0);
}

std::size_t PacketBuilder::room() const {
  const std::size_t used = std::max(packet_.size(), PacketHeader::kSize) + TlvReader::kHeader;
  const std::size_t most = std::max(most_, stretched_);
  return most > used ? most - used : 0;
}

void PacketBuilder::stretch(std::size_t size) {
  ensure(empty(), "an empty packet");
  stretched_ = PacketHeader::kSize + TlvReader::padded(TlvReader::kHeader + size);
  ensure(stretched_ <= Packet::kMaxPayload, "a chunk fits a packet");
}

MutableBytes PacketBuilder::chunk(ChunkType type, std::uint8_t flags, std::size_t size) {
  ensure(size <= room(), "a chunk fits its packet");
  if (!packet_) begin();
  const std::size_t at = packet_.size();
  const std::size_t length = TlvReader::kHeader + size;
  packet_.resize(at + TlvReader::padded(length));
  const MutableBytes all = packet_.mutable_bytes().subspan(at);
  all[0] = static_cast<std::uint8_t>(type);
  all[1] = flags;
  all[2] = static_cast<std::uint8_t>(length >> 8);
  all[3] = static_cast<std::uint8_t>(length & 0xFF);
  std::ranges::fill(all.subspan(length), std::uint8_t{0});
  return all.subspan(TlvReader::kHeader, size);
}

void PacketBuilder::chunk(ChunkType type, std::uint8_t flags, Bytes value) {
  const MutableBytes to = chunk(type, flags, value.size());
  if (!value.empty()) std::memcpy(to.data(), value.data(), value.size());
}

void PacketBuilder::data(const DataChunk& data) {
  const auto flag = [](bool on, std::uint8_t bit) { return on ? bit : std::uint8_t{0}; };
  const auto flags = static_cast<std::uint8_t>(
      flag(data.end, DataChunk::kEnd) | flag(data.begin, DataChunk::kBegin) |
      flag(data.unordered, DataChunk::kUnordered) | flag(data.immediate, DataChunk::kImmediate));
  const std::size_t header =
      (data.interleaved ? DataChunk::kInterleavedHeader : DataChunk::kHeader) - TlvReader::kHeader;
  const MutableBytes value = chunk(data.interleaved ? ChunkType::kIData : ChunkType::kData, flags,
                                   header + data.payload.size());
  ByteWriter writer(value);
  writer.u32(data.tsn.value);
  writer.u16(data.stream.value);
  if (data.interleaved) {
    writer.u16(0);
    writer.u32(data.message);
    writer.u32(data.begin ? data.protocol.value : data.fragment);
  } else {
    writer.u16(static_cast<std::uint16_t>(data.message & 0xFFFF));
    writer.u32(data.protocol.value);
  }
  writer.append(data.payload);
}

Packet PacketBuilder::finish(bool zero_checksum) {
  ensure(!empty(), "a packet with a chunk");
  if (!zero_checksum) {
    Crc32c crc;
    crc.add(packet_.bytes());
    const std::uint32_t value = crc.value();
    const MutableBytes field = packet_.mutable_bytes().subspan(8, 4);
    for (std::size_t i = 0; i < 4; ++i) field[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  stretched_ = 0;
  return std::move(packet_);
}

}  // namespace beeline::sctp
