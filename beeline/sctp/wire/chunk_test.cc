#include "beeline/sctp/wire/chunk.h"

#include <gmock/gmock.h>

#include "beeline/base/random.h"
#include "beeline/sctp/rx/received_tsns.h"
#include "beeline/sctp/test_forge.h"

namespace beeline::sctp {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}
std::vector<Chunk> walk(Bytes packet, bool zero_is_fine = false) {
  std::vector<Chunk> chunks;
  auto reader = PacketReader::parse(packet, zero_is_fine);
  while (const auto chunk = reader ? reader->next() : std::nullopt) chunks.push_back(*chunk);
  return chunks;
}
// Everything that reads a chunk, on this one: none may read beyond it.
void read_all(const Chunk& chunk) {
  std::ignore = parse_data(chunk);
  if (const auto init = parse_init(chunk)) std::ignore = parse_init_parameters(init->parameters);
  if (const auto sack = SackChunk::parse(chunk)) {
    for (std::size_t i = 0; i < sack->blocks(); ++i) std::ignore = sack->block(i);
    for (std::size_t i = 0; i < sack->duplicates(); ++i) std::ignore = sack->duplicate(i);
  }
  if (const auto forward = ForwardTsnChunk::parse(chunk))
    for (std::size_t i = 0; i < forward->skips(); ++i) std::ignore = forward->skip(i);
  std::ignore = parse_shutdown(chunk);
  std::ignore = parse_re_config(chunk);
  std::ignore = first_cause(chunk);
}
Chunk chunk_of(ChunkType type, Bytes value) {
  return {type, 0, value, value};
}

// A packet of one chunk of each kind.
Packet every_chunk(PacketPool& packets) {
  const Buffer init = Raw().u32(7).u32(5000).u16(3).u16(4).u32(9).append(
      write_capabilities({true, true, true, true}));
  return forge(packets, 77,
               {{ChunkType::kInit, 0, init},
                raw_data(5, 3, 1, 2, {1, 2, 3}),
                raw_idata(6, 0, 1, 2, 3, {4, 5}),
                raw_sack(9, 1000, {{2, 3}, {5, 9}}, 2),
                {ChunkType::kForwardTsn, 0, Raw().u32(9).u16(1).u16(2)},
                {ChunkType::kIForwardTsn, 0, Raw().u32(9).u16(1).u16(1).u32(2)},
                raw_re_config(OutgoingReset{{1}, {2}, {3}, {{4}, {5}}}),
                {ChunkType::kShutdown, 0, Raw().u32(4)},
                {ChunkType::kAbort, 0, write_cause(ErrorCause::kUserAbort, as_bytes("why"))}});
}

TEST(Packets, are_read_as_they_were_written) {
  PacketPool packets;
  const Packet packet = every_chunk(packets);
  const auto reader = PacketReader::parse(packet.bytes(), false);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->header().source_port, 5000);
  EXPECT_EQ(reader->header().destination_port, 5000);
  EXPECT_EQ(reader->header().tag, VerificationTag{77});
  EXPECT_EQ(walk(packet.bytes()).size(), 9u);
  EXPECT_EQ(packet.size() % 4, 0u);
}

TEST(Packets, with_any_bit_wrong_have_another_checksum) {
  PacketPool packets;
  Packet packet = every_chunk(packets);
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    packet.mutable_bytes()[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    const auto reader = PacketReader::parse(packet.bytes(), true);
    ASSERT_FALSE(reader) << bit;
    EXPECT_EQ(reader.error(), ParseError::kBadChecksum);
    packet.mutable_bytes()[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
  }
}

//= RFC 9653 §5.3 test
TEST(Packets, without_a_checksum_are_read_where_that_was_agreed) {
  PacketPool packets;
  PacketBuilder builder(packets, {1, 2, {3}}, 1160);
  builder.chunk(ChunkType::kCookieAck, 0, Bytes{});
  const Packet packet = builder.finish(true);
  EXPECT_TRUE(PacketReader::parse(packet.bytes(), true));
  EXPECT_FALSE(PacketReader::parse(packet.bytes(), false));
}

TEST(Packets, cut_short_anywhere_are_read_as_far_as_they_go) {
  PacketPool packets;
  Packet packet = every_chunk(packets);
  std::fill_n(packet.mutable_bytes().begin() + 8, 4, std::uint8_t{0});
  std::size_t most = 0;
  for (std::size_t size = 0; size <= packet.size(); ++size) {
    const Buffer shorter = copy(packet.bytes().first(size));
    const auto chunks = walk(shorter, true);
    EXPECT_GE(chunks.size(), most);
    most = chunks.size();
    for (const Chunk& chunk : chunks) read_all(chunk);
  }
  EXPECT_EQ(most, 9u);
}

TEST(Packets, with_flipped_bits_and_no_checksum_are_read_within_their_bounds) {
  PacketPool packets;
  Packet packet = every_chunk(packets);
  std::fill_n(packet.mutable_bytes().begin() + 8, 4, std::uint8_t{0});
  for (std::size_t bit = 12 * 8; bit < packet.size() * 8; ++bit) {
    Buffer flipped = copy(packet.bytes());
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    for (const Chunk& chunk : walk(flipped, true)) read_all(chunk);
  }
}

// --- the one walker ---

TEST(Tlvs, with_any_length_stay_within_their_bytes) {
  for (std::size_t size = 4; size <= 24; ++size) {
    for (std::uint32_t length = 0; length <= 0xFFFF; ++length) {
      Buffer bytes = Raw().u16(0x0102).u16(length).zeros(size - 4);
      TlvReader reader(bytes);
      const auto tlv = reader.next();
      ASSERT_EQ(tlv.has_value(), length >= 4 && length <= size);
      ASSERT_EQ(reader.ok(), tlv.has_value());
      if (!tlv) {
        ASSERT_FALSE(reader.next());
        continue;
      }
      ASSERT_EQ(tlv->whole.size(), length);
      ASSERT_EQ(tlv->value.size(), length - 4);
      ASSERT_EQ(tlv->whole.data(), bytes.data());
      if (length > 64) break;
    }
  }
}

TEST(Tlvs, need_a_whole_header) {
  for (std::size_t size = 1; size < 4; ++size) {
    const Buffer bytes(size, 0);
    TlvReader reader(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.ok());
  }
  TlvReader nothing({});
  EXPECT_FALSE(nothing.next());
  EXPECT_TRUE(nothing.ok());
}

TEST(Tlvs, the_last_may_go_without_its_padding) {
  Buffer bytes;
  append_parameter(bytes, ParameterType::kStateCookie, Buffer{1, 2, 3, 4, 5});
  EXPECT_EQ(bytes.size(), 12u);
  bytes.resize(9);
  TlvReader reader(bytes);
  EXPECT_EQ(reader.next()->value.size(), 5u);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.ok());
}

// --- each chunk ---

TEST(Chunks, data_is_read_as_it_was_written) {
  for (const bool interleaved : {false, true})
    for (unsigned bits = 0; bits < 16; ++bits)
      for (const std::size_t size : {1u, 2u, 3u, 4u, 1100u}) {
        const Buffer payload = TestPair::bytes(size, 9);
        DataChunk data{.tsn = {0xFEDC'BA98},
                       .stream = {0xABCD},
                       .begin = (bits & 1) != 0,
                       .end = (bits & 2) != 0,
                       .unordered = (bits & 4) != 0,
                       .immediate = (bits & 8) != 0,
                       .interleaved = interleaved,
                       .message = interleaved ? 0x8765'4321 : 0x4321,
                       .fragment = 0,
                       .protocol = {0x1234'5678},
                       .payload = payload};
        if (!data.begin && interleaved) data.fragment = 0xFFFF'0001;
        PacketPool packets;
        PacketBuilder builder(packets, {1, 2, {3}}, 1160);
        builder.data(data);
        const Packet packet = builder.finish(false);
        const auto chunks = walk(packet.bytes());
        ASSERT_EQ(chunks.size(), 1u);
        const auto read = parse_data(chunks[0]);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->tsn, data.tsn);
        EXPECT_EQ(read->stream, data.stream);
        EXPECT_EQ(read->begin, data.begin);
        EXPECT_EQ(read->end, data.end);
        EXPECT_EQ(read->unordered, data.unordered);
        EXPECT_EQ(read->immediate, data.immediate);
        EXPECT_EQ(read->interleaved, interleaved);
        EXPECT_EQ(read->message, data.message);
        EXPECT_EQ(read->fragment, data.fragment);
        if (data.begin || !interleaved) {
          EXPECT_EQ(read->protocol, data.protocol);
        }
        EXPECT_EQ(copy(read->payload), payload);
      }
}

TEST(Chunks, data_without_data_or_header_is_none) {
  const Buffer value = raw_data(1, 3, 1, 1, {1}).value;
  for (std::size_t size = 0; size <= value.size(); ++size) {
    const auto read = parse_data(chunk_of(ChunkType::kData, Bytes(value).first(size)));
    EXPECT_EQ(read.has_value(), size == 13) << size;
    if (!read) {
      EXPECT_EQ(read.error(), size == 12 ? ParseError::kBadValue : ParseError::kTooShort);
    }
  }
}

TEST(Chunks, an_init_is_read_as_it_was_written_and_not_shorter) {
  TestPair pair;
  const Buffer init = pair.a.association.local_init();
  const auto tlv = TlvReader(init).next();
  ASSERT_TRUE(tlv);
  EXPECT_EQ(tlv->kind >> 8, static_cast<int>(ChunkType::kInit));
  const auto read = parse_init(chunk_of(ChunkType::kInit, tlv->value));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outbound_streams, 65535);
  EXPECT_EQ(read->inbound_streams, 65535);
  EXPECT_EQ(read->window, 1024u * 1024);
  const auto parameters = parse_init_parameters(read->parameters);
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->capabilities, (Capabilities{true, true, true, true}));
  for (std::size_t size = 0; size < InitChunk::kSize; ++size)
    EXPECT_FALSE(parse_init(chunk_of(ChunkType::kInit, tlv->value.first(size)))) << size;
}

TEST(Chunks, every_set_of_capabilities_survives_a_round_trip) {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const Capabilities able{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
    const auto read = parse_init_parameters(write_capabilities(able));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->capabilities, able) << bits;
  }
}

TEST(Chunks, parameters_whose_length_lies_are_refused_or_end_where_they_say) {
  const Buffer right = write_capabilities({true, true, true, true});
  for (std::size_t at = 2; at + 1 < right.size(); at += 4)
    for (std::uint32_t length = 0; length < 80; ++length) {
      Buffer wrong = right;
      wrong[at] = 0;
      wrong[at + 1] = static_cast<std::uint8_t>(length);
      std::ignore = parse_init_parameters(wrong);
    }
  Buffer beyond = right;
  beyond[3] = 200;
  EXPECT_FALSE(parse_init_parameters(beyond));
  Buffer below = right;
  below[3] = 3;
  EXPECT_FALSE(parse_init_parameters(below));
}

TEST(Chunks, a_sack_is_read_as_it_was_written_and_not_shorter) {
  ReceivedTsns tsns(Tsn{0xFFFF'FFFE});
  const LongTsn first = tsns.cumulative().next();
  for (const std::uint64_t offset : {0u, 1u, 3u, 4u, 9u}) tsns.add(first + offset);
  tsns.add_duplicate(first);
  PacketPool packets;
  PacketBuilder builder(packets, {1, 2, {3}}, 1160);
  tsns.write_sack(builder, 12'345);
  const Packet packet = builder.finish(false);
  const auto chunks = walk(packet.bytes());
  ASSERT_EQ(chunks.size(), 1u);
  const auto sack = SackChunk::parse(chunks[0]);
  ASSERT_TRUE(sack);
  EXPECT_EQ(sack->cumulative(), Tsn{0xFFFF'FFFF});
  EXPECT_EQ(sack->window(), 12'345u);
  ASSERT_EQ(sack->blocks(), 2u);
  EXPECT_EQ(sack->block(0).first, 2);
  EXPECT_EQ(sack->block(0).last, 3);
  EXPECT_EQ(sack->block(1).first, 8);
  EXPECT_EQ(sack->block(1).last, 8);
  ASSERT_EQ(sack->duplicates(), 1u);
  EXPECT_EQ(sack->duplicate(0), Tsn{0xFFFF'FFFE});
  for (std::size_t size = 0; size < chunks[0].value.size(); ++size)
    EXPECT_FALSE(SackChunk::parse(chunk_of(ChunkType::kSack, chunks[0].value.first(size))));
}

TEST(Chunks, a_sack_that_promises_more_blocks_than_it_has_is_refused) {
  for (const std::uint32_t blocks : {1u, 2u, 0xFFFFu})
    EXPECT_FALSE(SackChunk::parse(
        chunk_of(ChunkType::kSack, Buffer(Raw().u32(1).u32(1).u16(blocks).u16(0).u16(2)))));
  EXPECT_FALSE(
      SackChunk::parse(chunk_of(ChunkType::kSack, Buffer(Raw().u32(1).u32(1).u16(0).u16(0xFFFF)))));
}

TEST(Chunks, a_forward_tsn_has_whole_entries) {
  for (const bool interleaved : {false, true}) {
    const std::size_t each = interleaved ? 8 : 4;
    const ChunkType type = interleaved ? ChunkType::kIForwardTsn : ChunkType::kForwardTsn;
    for (std::size_t size = 0; size < 40; ++size) {
      const Buffer value(size, 1);
      const auto read = ForwardTsnChunk::parse(chunk_of(type, value));
      ASSERT_EQ(read.has_value(), size >= 4 && (size - 4) % each == 0) << size;
      if (read) {
        EXPECT_EQ(read->skips(), (size - 4) / each);
      }
    }
  }
}

TEST(Chunks, every_re_config_parameter_survives_a_round_trip_and_no_cut) {
  const std::vector<ReConfigParameter> all{
      OutgoingReset{{1}, {2}, {3}, {{4}, {65535}, {0}}},
      OutgoingReset{{1}, {2}, {3}, {}},
      IncomingReset{{7}, {{1}}},
      AddStreams{{9}, 500, true},
      AddStreams{{9}, 1, false},
      ReConfigResponse{{0xFFFF'FFFF}, ReConfigResult::kInProgress}};
  for (const ReConfigParameter& parameter : all) {
    Buffer value;
    append_re_config(value, parameter);
    const auto read = parse_re_config(chunk_of(ChunkType::kReConfig, value));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1u);
    Buffer again;
    append_re_config(again, read->at(0));
    EXPECT_EQ(again, value);
    EXPECT_EQ(read->at(0).index(), parameter.index());
    for (std::size_t size = 1; size + 3 < value.size(); ++size)
      EXPECT_FALSE(parse_re_config(chunk_of(ChunkType::kReConfig, Bytes(value).first(size))));
  }
}

TEST(Chunks, a_third_parameter_of_a_re_config_is_not_looked_at) {
  Buffer value;
  for (int i = 0; i < 3; ++i) append_re_config(value, ReConfigResponse{{1}, {}});
  EXPECT_EQ(parse_re_config(chunk_of(ChunkType::kReConfig, value))->size(), 2u);
}

TEST(Chunks, a_cause_is_read_as_it_was_written) {
  for (const std::size_t size : {0u, 1u, 4u, 100u}) {
    const Buffer why(size, 'x');
    const Buffer value = write_cause(ErrorCause::kProtocolViolation, why);
    const auto cause = first_cause(chunk_of(ChunkType::kAbort, value));
    ASSERT_TRUE(cause);
    EXPECT_EQ(cause->cause, ErrorCause::kProtocolViolation);
    EXPECT_EQ(copy(cause->value), why);
  }
  EXPECT_FALSE(first_cause(chunk_of(ChunkType::kAbort, {})));
  EXPECT_FALSE(first_cause(chunk_of(ChunkType::kAbort, Buffer{0, 1, 0, 9})));
}

}  // namespace
}  // namespace beeline::sctp
