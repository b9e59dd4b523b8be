// Messages that may be given up (RFC 3758, RFC 7496), between two associations: whatever is given
// up and whenever, what comes after it on its stream arrives.
#include <gmock/gmock.h>

#include "beeline/sctp/test_forge.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

Settings interleaving(bool on) {
  Settings settings;
  settings.capabilities.interleaving = on;
  return settings;
}

// What one end of a pair was heard to send, by TSN.
std::map<std::uint32_t, int> count_data(Bytes packet) {
  std::map<std::uint32_t, int> found;
  auto reader = PacketReader::parse(packet, true);
  while (const auto chunk = reader ? reader->next() : std::nullopt)
    if (chunk->type == ChunkType::kData || chunk->type == ChunkType::kIData)
      if (const auto data = parse_data(*chunk)) ++found[data->tsn.value];
  return found;
}
bool has_chunk(Bytes packet, ChunkType type) {
  auto reader = PacketReader::parse(packet, true);
  while (const auto chunk = reader ? reader->next() : std::nullopt)
    if (chunk->type == type) return true;
  return false;
}

class PartialReliability : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, PartialReliability, testing::Values(false, true));

// Its fragments were all acknowledged; nothing is missing but the end, which never leaves.
TEST_P(PartialReliability, a_message_that_expires_partway_does_not_hold_up_its_stream) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(100'000, 1), false, {.lifetime = 15ms}));
  pair.run_for(200ms);
  ASSERT_TRUE(pair.send(pair.a, 1, {42}));
  ASSERT_TRUE(pair.run_until([&] { return !pair.b.received.empty(); }, 5s));
  EXPECT_EQ(pair.b.received[0].bytes, std::vector<std::uint8_t>{42});
  EXPECT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }, 5s));
  EXPECT_EQ(pair.b.association.receiver()->held(), 0u);
}

TEST_P(PartialReliability, an_unordered_message_that_expires_partway_leaves_nothing_behind) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(100'000, 1), true, {.lifetime = 15ms}));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }, 5s));
  EXPECT_EQ(pair.b.association.receiver()->held(), 0u);
  EXPECT_TRUE(pair.b.received.empty());
}

TEST_P(PartialReliability, what_is_reliable_arrives_behind_anything_given_up) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    TestPair pair({.loss = 0.15, .duplicates = 0.05, .reordered = 0.1}, interleaving(GetParam()),
                  interleaving(GetParam()), seed);
    pair.connect();
    Random random = Random::from_number(seed);
    std::vector<std::uint8_t> marks;
    for (std::uint8_t i = 0; i < 60; ++i) {
      const auto size = 1 + random.below(30'000);
      Reliability limit;
      if (random.below(2) == 0)
        limit.lifetime = std::chrono::milliseconds(random.below(80));
      else
        limit.retransmissions = random.below(3);
      ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(size, i), random.below(3) == 0, limit));
      ASSERT_TRUE(pair.send(pair.a, 1, {i}));
      marks.push_back(i);
      pair.run_for(std::chrono::milliseconds(random.below(30)));
    }
    ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }, 600s));
    std::vector<std::uint8_t> arrived;
    for (const Message& message : pair.b.received)
      if (message.bytes.size() == 1) arrived.push_back(message.bytes[0]);
    ASSERT_EQ(arrived, marks) << seed;
    ASSERT_EQ(pair.b.association.receiver()->held(), 0u) << seed;
  }
}

//= RFC 3758 §3.5 test
TEST_P(PartialReliability, a_forward_tsn_of_more_streams_than_fit_a_packet_reaches_all_of_them) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  bool gone = true;
  pair.wire.censor = [&](bool from_a, Bytes packet) {
    return gone && from_a && !has_chunk(packet, ChunkType::kForwardTsn) &&
           !has_chunk(packet, ChunkType::kIForwardTsn);
  };
  constexpr std::uint16_t kStreams = 900;
  for (std::uint16_t i = 0; i < kStreams; ++i)
    ASSERT_TRUE(pair.send(pair.a, i, {1}, false, {.retransmissions = 0}));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }, 300s));
  gone = false;
  for (std::uint16_t i = 0; i < kStreams; ++i) ASSERT_TRUE(pair.send(pair.a, i, {2}));
  EXPECT_TRUE(pair.run_until([&] { return pair.b.received.size() == kStreams; }, 30s));
}

//= RFC 3758 §3.3.1 test
TEST_P(PartialReliability, nothing_is_given_up_where_the_other_side_would_not_understand) {
  Settings without = interleaving(GetParam());
  without.capabilities.partial_reliability = false;
  TestPair pair({.loss = 0.3}, interleaving(GetParam()), without);
  pair.connect();
  for (std::uint8_t i = 0; i < 30; ++i)
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(3'000, i), false, {.retransmissions = 0}));
  for (std::uint8_t i = 0; i < 30; ++i)
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(3'000, i), false, {.lifetime = 0ms}));
  EXPECT_TRUE(pair.run_until([&] { return pair.b.received.size() == 60; }, 300s));
}

//= RFC 8985 §7.3 test
TEST_P(PartialReliability, a_tail_probe_is_no_way_around_a_limit_of_retransmissions) {
  for (const std::uint32_t limit : {0u, 1u, 3u}) {
    TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
    pair.connect();
    pair.run_for(1s);
    std::map<std::uint32_t, int> sent;
    pair.wire.censor = [&](bool from_a, Bytes packet) {
      if (from_a)
        for (const auto& [tsn, times] : count_data(packet)) sent[tsn] += times;
      return from_a && !count_data(packet).empty();
    };
    ASSERT_TRUE(pair.send(pair.a, 1, {7}, false, {.retransmissions = limit}));
    ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }, 300s));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent.begin()->second, static_cast<int>(limit) + 1);
  }
}

TEST_P(PartialReliability, what_was_given_up_says_nothing_about_the_path) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(500, 1)));
    pair.run_for(50ms);
  }
  const Duration before = pair.a.association.sender()->round_trip().smoothed();
  bool gone = true;
  pair.wire.censor = [&](bool, Bytes) { return gone; };
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(500, 1), false, {.retransmissions = 0}));
  pair.run_for(5s);
  gone = false;
  EXPECT_NE(pair.a.association.unacknowledged(), 0u);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }));
  EXPECT_LE(pair.a.association.sender()->round_trip().smoothed(), before * 2);
}

TEST_P(PartialReliability, a_forward_tsn_into_silence_is_repeated_ever_more_rarely) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  pair.wire.censor = [&](bool, Bytes) { return true; };
  ASSERT_TRUE(pair.send(pair.a, 1, {1}, false, {.lifetime = 1ms}));
  pair.run_for(3600s);
  EXPECT_GT(pair.wire.dropped, 300u);
  EXPECT_LT(pair.wire.dropped, 500u);
}

TEST_P(PartialReliability, a_lifetime_of_nothing_is_one_transmission) {
  TestPair pair({}, interleaving(GetParam()), interleaving(GetParam()));
  pair.connect();
  ASSERT_TRUE(pair.send(pair.a, 1, {1}, false, {.lifetime = 0ms}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }, 1s));
}

// I-DATA lets other messages stand between the fragments of one: some may come after it was said
// that the message is given up, and nobody says so again.
TEST(PartialReliabilityOfHostiles, fragments_of_a_message_that_was_given_up_before_are_dropped) {
  for (const bool unordered : {false, true}) {
    WatchedPair pair({}, interleaving(true), interleaving(true));
    pair.connect();
    const std::uint32_t first = pair.first_tsn_of_a;
    const std::uint8_t flags = unordered ? DataChunk::kUnordered : 0;
    const RawChunk forward{ChunkType::kIForwardTsn, 0,
                           Raw().u32(first).u16(1).u16(unordered ? 1 : 0).u32(0)};
    pair.say_to_b({forward, raw_idata(first + 1, flags, 1, 0, 1, {1, 2, 3})});
    EXPECT_EQ(pair.b.association.receiver()->held(), 0u);
    const std::uint8_t whole = flags | DataChunk::kBegin | DataChunk::kEnd;
    pair.say_to_b({raw_idata(first + 2, whole, 1, 1, 0, {9})});
    ASSERT_EQ(pair.b.received.size(), 1u);
    EXPECT_FALSE(pair.b.ended);
  }
}

}  // namespace
}  // namespace beeline::sctp
