#include "beeline/sctp/wire/chunk.h"

#include "beeline/sctp/rules.h"
#include "beeline/sctp/wire/crc32c.h"

namespace beeline::sctp {
namespace {

constexpr std::size_t kChecksumOffset = 8;

std::uint32_t checksum(Bytes packet) {
  static constexpr std::uint8_t kZeros[4]{};
  Crc32c crc;
  crc.add(packet.first(kChecksumOffset));
  crc.add(kZeros);
  crc.add(packet.subspan(PacketHeader::kSize));
  return crc.value();
}

// The one little-endian field of the protocol.
std::uint32_t stored_checksum(Bytes packet) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value |= static_cast<std::uint32_t>(packet[kChecksumOffset + i]) << (8 * i);
  return value;
}

}  // namespace

std::expected<PacketReader, ParseError> PacketReader::parse(Bytes packet, bool zero_is_fine) {
  if (packet.size() < PacketHeader::kSize + TlvReader::kHeader)
    return std::unexpected(ParseError::kTooShort);
  const std::uint32_t stored = stored_checksum(packet);
  if (!rules::skips_checksum(stored, zero_is_fine) &&
      !rules::admits_checksum(stored, checksum(packet)))
    return std::unexpected(ParseError::kBadChecksum);
  ByteReader reader(packet);
  PacketHeader header;
  header.source_port = reader.u16();
  header.destination_port = reader.u16();
  header.tag = {reader.u32()};
  return PacketReader(header, packet.subspan(PacketHeader::kSize));
}

std::optional<Chunk> PacketReader::next() {
  const auto tlv = chunks_.next();
  if (!tlv) return std::nullopt;
  return Chunk{static_cast<ChunkType>(tlv->kind >> 8), static_cast<std::uint8_t>(tlv->kind & 0xFF),
               tlv->value, tlv->whole};
}

//= RFC 9260 §3.3.1
//  |   Type = 0    |  Res  |I|U|B|E|           Length              |
//  |                              TSN                              |
//  |      Stream Identifier        |    Stream Sequence Number     |
//  |                  Payload Protocol Identifier                  |
//= RFC 8260 §2.1
//  |   Type = 64   |  Res  |I|U|B|E|           Length              |
//  |                              TSN                              |
//  |      Stream Identifier        |           Reserved            |
//  |                      Message Identifier                       |
//  |  Payload Protocol Identifier / Fragment Sequence Number       |
std::expected<DataChunk, ParseError> parse_data(const Chunk& chunk) {
  ByteReader reader(chunk.value);
  DataChunk data;
  data.interleaved = chunk.type == ChunkType::kIData;
  data.end = (chunk.flags & DataChunk::kEnd) != 0;
  data.begin = (chunk.flags & DataChunk::kBegin) != 0;
  data.unordered = (chunk.flags & DataChunk::kUnordered) != 0;
  data.immediate = (chunk.flags & DataChunk::kImmediate) != 0;
  data.tsn = {reader.u32()};
  data.stream = {reader.u16()};
  const std::uint16_t sequence = reader.u16();
  data.message = data.interleaved ? reader.u32() : sequence;
  const std::uint32_t last = reader.u32();
  if (data.interleaved && !data.begin)
    data.fragment = last;
  else
    data.protocol = {last};
  data.payload = reader.take_rest();
  if (!reader.ok()) return std::unexpected(ParseError::kTooShort);
  //= RFC 9260 §6.2
  if (data.payload.empty()) return std::unexpected(ParseError::kBadValue);
  return data;
}

std::expected<InitChunk, ParseError> parse_init(const Chunk& chunk) {
  ByteReader reader(chunk.value);
  InitChunk init;
  init.tag = {reader.u32()};
  init.window = reader.u32();
  init.outbound_streams = reader.u16();
  init.inbound_streams = reader.u16();
  init.first_tsn = {reader.u32()};
  init.parameters = reader.take_rest();
  if (!reader.ok()) return std::unexpected(ParseError::kTooShort);
  //= RFC 9260 §3.3.2
  if (init.tag.value == 0 || init.outbound_streams == 0 || init.inbound_streams == 0)
    return std::unexpected(ParseError::kBadValue);
  return init;
}

std::expected<SackChunk, ParseError> SackChunk::parse(const Chunk& chunk) {
  ByteReader reader(chunk.value);
  SackChunk sack;
  sack.cumulative_ = {reader.u32()};
  sack.window_ = reader.u32();
  const std::size_t blocks = reader.u16();
  const std::size_t duplicates = reader.u16();
  sack.blocks_ = reader.take(4 * blocks);
  sack.duplicates_ = reader.take(4 * duplicates);
  if (!reader.ok()) return std::unexpected(ParseError::kTooShort);
  return sack;
}

SackChunk::Block SackChunk::block(std::size_t index) const {
  ByteReader reader(blocks_.subspan(4 * index, 4));
  Block block;
  block.first = reader.u16();
  block.last = reader.u16();
  return block;
}

Tsn SackChunk::duplicate(std::size_t index) const {
  return {ByteReader(duplicates_.subspan(4 * index, 4)).u32()};
}

std::expected<ForwardTsnChunk, ParseError> ForwardTsnChunk::parse(const Chunk& chunk) {
  ByteReader reader(chunk.value);
  ForwardTsnChunk forward;
  forward.interleaved_ = chunk.type == ChunkType::kIForwardTsn;
  forward.cumulative_ = {reader.u32()};
  forward.skips_ = reader.take_rest();
  if (!reader.ok()) return std::unexpected(ParseError::kTooShort);
  if (forward.skips_.size() % (forward.interleaved_ ? 8 : 4) != 0)
    return std::unexpected(ParseError::kBadLength);
  return forward;
}

ForwardTsnChunk::Skipped ForwardTsnChunk::skip(std::size_t index) const {
  const std::size_t size = interleaved_ ? 8 : 4;
  ByteReader reader(skips_.subspan(size * index, size));
  Skipped skipped;
  skipped.stream = {reader.u16()};
  const std::uint16_t second = reader.u16();
  if (interleaved_) {
    skipped.unordered = (second & 1) != 0;
    skipped.message = reader.u32();
  } else {
    skipped.message = second;
  }
  return skipped;
}

std::expected<Tsn, ParseError> parse_shutdown(const Chunk& chunk) {
  ByteReader reader(chunk.value);
  const Tsn tsn{reader.u32()};
  if (!reader.ok()) return std::unexpected(ParseError::kTooShort);
  return tsn;
}

}  // namespace beeline::sctp
