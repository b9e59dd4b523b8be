// A sender that means harm: what it makes wait counts for what it costs (S4 of the threat list).
#include <gmock/gmock.h>

#include "beeline/sctp/test_forge.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kWhole = DataChunk::kBegin | DataChunk::kEnd;

Settings plain() {  // DATA, not I-DATA
  Settings settings;
  settings.capabilities.interleaving = false;
  return settings;
}

TEST(Association, s4_small_pieces_count_for_what_they_cost) {
  for (const bool interleaved : {false, true}) {
    Settings settings = plain();
    settings.capabilities.interleaving = interleaved;
    WatchedPair pair({}, settings, settings);
    pair.connect();
    pair.lose = [](bool from_a, Bytes) { return !from_a; };
    // Messages of one byte that wait for one that never comes.
    for (std::uint32_t i = 0; i < 60'000; ++i) {
      const std::uint32_t tsn = pair.first_tsn_of_a + i;
      pair.b.association.handle_input(
          forge(pair.packets, pair.tag_of_b,
                {interleaved ? raw_idata(tsn, DataChunk::kBegin,
                                         static_cast<std::uint16_t>(i % 100), 1 + i / 100, 0, {1})
                             : raw_data(tsn, kWhole, static_cast<std::uint16_t>(i % 100),
                                        1 + i / 100, {1})}),
          pair.now);
    }
    pair.run_for(0ms);
    EXPECT_GE(pair.b.association.receiver()->held(), 1'000'000u);
    EXPECT_LE(pair.b.association.receiver()->held(),
              2 * pair.b.association.receiver()->window() + 100);
  }
}

TEST(Association, s4_what_is_given_up_in_the_middle_gives_back_its_window) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  pair.lose = [](bool from_a, Bytes) { return !from_a; };
  std::uint32_t tsn = pair.first_tsn_of_a;
  // Unordered beginnings without an end, one after the other.
  for (int i = 0; i < 10'000; ++i, ++tsn)
    pair.b.association.handle_input(forge(pair.packets, pair.tag_of_b,
                                          {raw_data(tsn, DataChunk::kBegin | DataChunk::kUnordered,
                                                    1, 0, std::vector<std::uint8_t>(1000))}),
                                    pair.now);
  EXPECT_LE(pair.b.association.receiver()->held(), 2000u);
}

TEST(Association, s4_a_million_duplicates_cost_little) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  pair.lose = [](bool from_a, Bytes) { return !from_a; };
  const std::vector<RawChunk> same(60, raw_data(pair.first_tsn_of_a, kWhole, 1, 0, {1}));
  for (int i = 0; i < 1'000'000 / 60; ++i)
    pair.b.association.handle_input(forge(pair.packets, pair.tag_of_b, same), pair.now);
  pair.run_for(20ms);
  EXPECT_EQ(pair.b.received.size(), 1u);
  EXPECT_LE((pair.seen[{false, ChunkType::kSack}]), 3);
  // And told of them a million times, the sender sends.
  for (int i = 0; i < 3000; ++i)
    pair.say_to_a({raw_sack(pair.first_tsn_of_a - 1, 100'000, {}, 300)});
  ASSERT_TRUE(pair.send(pair.a, 1, {1}));
  EXPECT_FALSE(pair.a.ended);
}

TEST(Association, s4_a_peer_that_takes_back_what_it_said_again_and_again_gets_it_again) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  pair.lose = [](bool from_a, Bytes) { return from_a; };
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(pair.send(pair.a, 1, {1}));
  pair.run_for(100ms);  // until what the first window holds has left
  const std::uint32_t first = pair.first_tsn_of_a;
  for (std::uint32_t i = 0; i + 4 < 300 && !pair.a.ended; ++i) {
    const auto last = static_cast<std::uint16_t>(300 - i);
    pair.say_to_a({raw_sack(first + i - 1, 100'000, {{3, last}}), raw_sack(first + i, 100'000, {}),
                   raw_sack(first + i + 1, 100'000, {})});
  }
  ASSERT_FALSE(pair.a.ended) << pair.a.ended->detail;
  pair.run_for(1s);
  EXPECT_GT(pair.a.association.sender()->counters().retransmissions, 0u);
}

TEST(Association, s4_gaps_without_number_are_kept_track_of) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  pair.lose = [](bool from_a, Bytes) { return !from_a; };
  // Every second TSN, the last first: 32,767 gaps; each a beginning that goes nowhere.
  for (std::uint32_t i = 65'534; i > 0; i -= 2)
    pair.b.association.handle_input(
        forge(pair.packets, pair.tag_of_b,
              {raw_data(pair.first_tsn_of_a + i, DataChunk::kBegin, 1, 0, {1})}),
        pair.now);
  pair.run_for(20ms);
  EXPECT_FALSE(pair.b.ended);
  EXPECT_LE(pair.b.association.receiver()->held(), 2u * 1024 * 1024);
}

TEST(Parameters, known_ones_without_use_hide_nothing_behind_them) {
  std::vector<std::uint8_t> all;
  append_parameter(all, ParameterType::kIpv4Address, std::vector<std::uint8_t>{1, 2, 3, 4});
  append_parameter(all, ParameterType::kSupportedAddressTypes, std::vector<std::uint8_t>{0, 5});
  const auto capabilities = write_capabilities({true, true, true, true});
  all.insert(all.end(), capabilities.begin(), capabilities.end());
  const auto parsed = parse_init_parameters(all);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->capabilities, (Capabilities{true, true, true, true}));
}

//= RFC 9260 §3.2.1 test
TEST(Parameters, an_unknown_type_says_itself_what_becomes_of_it) {
  for (const std::uint32_t type : {0x0123u, 0x4123u, 0x8123u, 0xC123u}) {
    std::vector<std::uint8_t> all = Raw().u16(type).u16(8).u32(0);
    const auto capabilities = write_capabilities({true, false, true, false});
    all.insert(all.end(), capabilities.begin(), capabilities.end());
    const auto parsed = parse_init_parameters(all);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->unrecognized.size(), (type & 0x4000) != 0 ? 1u : 0u) << type;
    EXPECT_EQ(parsed->capabilities.re_config, (type & 0x8000) != 0) << type;
  }
}

}  // namespace
}  // namespace beeline::sctp
