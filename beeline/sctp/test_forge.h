// Packets that no association of ours would write, for tests: chunks of any content with a right
// checksum. And how to learn the tags that make them heard.
#pragma once

#include <map>
#include <vector>

#include "beeline/sctp/test_pair.h"
#include "beeline/sctp/wire/packet_builder.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {

struct RawChunk {
  ChunkType type = ChunkType::kData;
  std::uint8_t flags = 0;
  std::vector<std::uint8_t> value;
};

// Big-endian numbers one after the other: u16(1), u32(2).
class Raw {
 public:
  Raw& u8(std::uint8_t value) { return bytes_.push_back(value), *this; }
  Raw& u16(std::uint32_t value) {
    return u8(static_cast<std::uint8_t>(value >> 8 & 0xFF)).u8(static_cast<std::uint8_t>(value));
  }
  Raw& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xFFFF); }
  Raw& zeros(std::size_t count) { return bytes_.resize(bytes_.size() + count), *this; }
  Raw& append(const std::vector<std::uint8_t>& bytes) {
    return bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()), *this;
  }
  operator std::vector<std::uint8_t>() const { return bytes_; }  // NOLINT: that is its purpose

 private:
  std::vector<std::uint8_t> bytes_;
};

inline RawChunk raw_data(std::uint32_t tsn, std::uint8_t flags, std::uint16_t stream,
                         std::uint32_t message, std::vector<std::uint8_t> payload) {
  return {ChunkType::kData, flags, Raw().u32(tsn).u16(stream).u16(message).u32(53).append(payload)};
}
inline RawChunk raw_idata(std::uint32_t tsn, std::uint8_t flags, std::uint16_t stream,
                          std::uint32_t message, std::uint32_t fragment,
                          std::vector<std::uint8_t> payload) {
  const bool begins = (flags & DataChunk::kBegin) != 0;
  return {
      ChunkType::kIData, flags,
      Raw().u32(tsn).u16(stream).u16(0).u32(message).u32(begins ? 53 : fragment).append(payload)};
}
inline RawChunk raw_sack(std::uint32_t cumulative, std::uint32_t window,
                         const std::vector<SackChunk::Block>& blocks = {},
                         std::size_t duplicates = 0) {
  Raw raw;
  raw.u32(cumulative).u32(window).u16(static_cast<std::uint32_t>(blocks.size()));
  raw.u16(static_cast<std::uint32_t>(duplicates));
  for (const auto& block : blocks) raw.u16(block.first).u16(block.last);
  for (std::size_t i = 0; i < duplicates; ++i) raw.u32(cumulative);
  return {ChunkType::kSack, 0, raw};
}
inline RawChunk raw_re_config(const ReConfigParameter& parameter) {
  RawChunk chunk{ChunkType::kReConfig, 0, {}};
  append_re_config(chunk.value, parameter);
  return chunk;
}

inline Packet forge(PacketPool& packets, std::uint32_t tag, const std::vector<RawChunk>& chunks) {
  PacketBuilder builder(packets, {5000, 5000, {tag}}, Packet::kMaxPayload);
  for (const RawChunk& chunk : chunks) builder.chunk(chunk.type, chunk.flags, Bytes(chunk.value));
  return builder.finish(false);
}

// A pair whose wire is listened to: an attacker that knows everything.
class WatchedPair : public TestPair {
 public:
  explicit WatchedPair(WireRules rules = {}, const Settings& a_settings = {},
                       const Settings& b_settings = {}, std::uint64_t seed = 1)
      : TestPair(rules, a_settings, b_settings, seed) {
    wire.censor = [this](bool from_a, Bytes packet) {
      watch(from_a, packet);
      return lose && lose(from_a, packet);
    };
  }

  // As if the other side had said it; `flush` false: the answer waits.
  void say_to_b(const std::vector<RawChunk>& chunks) {
    b.association.handle_input(forge(packets, tag_of_b, chunks), now);
    run_for(Duration(0));
  }
  void say_to_a(const std::vector<RawChunk>& chunks) {
    a.association.handle_input(forge(packets, tag_of_a, chunks), now);
    run_for(Duration(0));
  }

  std::function<bool(bool, Bytes)> lose;
  std::uint32_t tag_of_a = 0, tag_of_b = 0;
  std::uint32_t first_tsn_of_a = 0, first_tsn_of_b = 0;
  std::map<std::pair<bool, ChunkType>, int> seen;
  std::vector<ReConfigResponse> responses_of_b;

 private:
  void watch(bool from_a, Bytes packet) {
    auto reader = PacketReader::parse(packet, true);
    if (!reader) return;
    if (reader->header().tag.value != 0)
      (from_a ? tag_of_b : tag_of_a) = reader->header().tag.value;
    while (const auto chunk = reader->next()) {
      ++seen[{from_a, chunk->type}];
      if (chunk->type == ChunkType::kInit || chunk->type == ChunkType::kInitAck)
        if (const auto init = parse_init(*chunk))
          (from_a ? first_tsn_of_a : first_tsn_of_b) = init->first_tsn.value;
      if (chunk->type != ChunkType::kReConfig || from_a) continue;
      const auto parameters = parse_re_config(*chunk);
      if (!parameters) continue;
      for (const auto& each : *parameters)
        if (const auto* response = std::get_if<ReConfigResponse>(&each))
          responses_of_b.push_back(*response);
    }
  }
};

}  // namespace beeline::sctp
