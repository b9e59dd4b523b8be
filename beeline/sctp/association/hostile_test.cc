// A peer that means harm, with everything it can know: S1 to S4 of the threat list. Nothing it says
// crashes, grows without bound or reaches another association.
#include <gmock/gmock.h>

#include "beeline/sctp/test_alone.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kWhole = DataChunk::kBegin | DataChunk::kEnd;

Settings plain() {  // DATA, not I-DATA
  Settings settings;
  settings.capabilities.interleaving = false;
  return settings;
}

// --- S1 ---

TEST(Association, s1_parameters_that_end_beyond_their_chunk_are_refused) {
  WatchedPair pair;
  const auto init = [](std::vector<std::uint8_t> parameters) {
    return RawChunk{ChunkType::kInit, 0,
                    Raw().u32(7).u32(100'000).u16(1).u16(1).u32(1).append(parameters)};
  };
  for (const std::uint32_t length : {0u, 1u, 3u, 5u, 9u, 0xFFFFu}) {
    pair.b.association.handle_input(
        forge(pair.packets, 0, {init(Raw().u16(7).u16(length).u32(0).append({}))}), pair.now);
    pair.run_for(Duration(0));
  }
  // A length of 5 leaves padding, which is fine.
  EXPECT_EQ((pair.seen[{false, ChunkType::kInitAck}]), 1);
  EXPECT_EQ(pair.b.association.counters().ignored, 5u);
}

TEST(Association, s1_an_init_full_of_unknown_parameters_is_answered_within_a_packet) {
  for (const std::size_t size : {1u, 100u, 1000u, 1100u, 1900u, 2000u}) {
    WatchedPair pair;
    const auto parameters =
        Raw().u16(0xC123).u16(static_cast<std::uint32_t>(4 + size)).zeros((size + 3) / 4 * 4);
    pair.b.association.handle_input(
        forge(pair.packets, 0,
              {{ChunkType::kInit, 0,
                Raw().u32(7).u32(100'000).u16(1).u16(1).u32(1).append(parameters)}}),
        pair.now);
    pair.run_for(Duration(0));
    EXPECT_EQ((pair.seen[{false, ChunkType::kInitAck}]), 1) << size;
  }
}

TEST(Association, s1_an_init_with_two_parameters_of_a_kind_is_answered) {
  WatchedPair pair;
  std::vector<std::uint8_t> twice = write_capabilities({true, true, true, true});
  twice.insert(twice.end(), twice.begin(), twice.end());
  pair.b.association.handle_input(
      forge(pair.packets, 0,
            {{ChunkType::kInit, 0, Raw().u32(7).u32(100'000).u16(1).u16(1).u32(1).append(twice)}}),
      pair.now);
  pair.run_for(Duration(0));
  EXPECT_EQ((pair.seen[{false, ChunkType::kInitAck}]), 1);
}

TEST(Association, s1_an_init_with_tag_zero_or_no_streams_is_ignored) {
  WatchedPair pair;
  for (const auto& value :
       {Raw().u32(0).u32(1).u16(1).u16(1).u32(1), Raw().u32(7).u32(1).u16(0).u16(1).u32(1),
        Raw().u32(7).u32(1).u16(1).u16(0).u32(1), Raw().u32(7).u32(1)}) {
    pair.b.association.handle_input(forge(pair.packets, 0, {{ChunkType::kInit, 0, value}}),
                                    pair.now);
    pair.run_for(Duration(0));
  }
  EXPECT_EQ((pair.seen[{false, ChunkType::kInitAck}]), 0);
  EXPECT_EQ(pair.b.association.counters().ignored, 4u);
}

// --- S2 ---

// Runs a handshake, a transfer and a shutdown, and strikes after so many packets.
template <typename Strike>
void strike_at_every_state(Strike&& strike) {
  for (int after = 0; after < 40; ++after) {
    WatchedPair pair({}, {}, {}, 7);
    int carried = 0;
    bool struck = false;
    pair.lose = [&](bool, Bytes) { return ++carried, false; };
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(10'000, 1)));
    pair.a.association.connect(pair.now);
    const auto step = [&] {
      if (carried >= after && !std::exchange(struck, true)) strike(pair);
      return pair.a.ended && pair.b.ended;
    };
    pair.run_until(step, 200ms);
    pair.a.association.shutdown(pair.now);
    pair.run_until(step, 2s);
    strike(pair);
    pair.run_for(1s);
  }
}

TEST(Association, s2_an_abort_in_any_state_is_the_end_and_touches_nothing_after) {
  strike_at_every_state([](WatchedPair& pair) {
    pair.say_to_b({{ChunkType::kAbort, 0, {}}});
    pair.say_to_b({raw_data(1, kWhole, 0, 0, {1})});
    pair.b.association.abort(pair.now);
    pair.b.association.shutdown(pair.now);
    pair.b.association.reset_streams({{1}});
    pair.b.association.release(1'000'000);
    EXPECT_FALSE(pair.b.ended && pair.send(pair.b, 1, {1}));
    pair.run_for(1s);
  });
}

TEST(Association, s2_a_restart_in_any_state_changes_nothing) {
  strike_at_every_state([](WatchedPair& pair) {
    const bool was = pair.b.association.is_connected();
    pair.b.association.handle_input(
        forge(pair.packets, 0,
              {{ChunkType::kInit, 0, Raw().u32(99).u32(100'000).u16(9).u16(9).u32(1)}}),
        pair.now);
    pair.run_for(Duration(0));
    EXPECT_EQ(pair.b.association.is_connected(), was);
  });
}

TEST(Association, s2_what_the_other_side_does_at_once_with_its_abort_is_not_looked_at) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  pair.say_to_b({{ChunkType::kAbort, 0, {}},
                 raw_data(pair.first_tsn_of_a, kWhole, 0, 0, {1}),
                 {ChunkType::kHeartbeat, 0, {1, 2, 3, 4}}});
  EXPECT_TRUE(pair.b.ended);
  EXPECT_TRUE(pair.b.received.empty());
}

// --- S3 ---

//= RFC 9260 §8.5 test
TEST(Association, s3_nothing_with_a_wrong_tag_is_heard) {
  WatchedPair pair;
  pair.connect();
  const std::vector<RawChunk> chunks{
      {ChunkType::kAbort, 0, {}},
      {ChunkType::kAbort, 1, {}},
      {ChunkType::kShutdown, 0, Raw().u32(0)},
      {ChunkType::kShutdownAck, 0, {}},
      {ChunkType::kShutdownComplete, 0, {}},
      {ChunkType::kShutdownComplete, 1, {}},
      {ChunkType::kInit, 0, Raw().u32(7).u32(1).u16(1).u16(1).u32(1)},
      {ChunkType::kInitAck, 0, Raw().u32(7).u32(1).u16(1).u16(1).u32(1)},
      {ChunkType::kCookieEcho, 0, Raw().zeros(38)},
      raw_sack(0, 0),
      raw_idata(pair.first_tsn_of_a, kWhole, 0, 0, 0, {1})};
  std::uint64_t wrong = 0;
  for (const RawChunk& chunk : chunks)
    for (const std::uint32_t tag :
         {pair.tag_of_b ^ 1, pair.tag_of_b ^ 0x8000'0000, pair.tag_of_b + 7}) {
      pair.b.association.handle_input(forge(pair.packets, tag, {chunk}), pair.now);
      EXPECT_EQ(pair.b.association.counters().wrong_tag, ++wrong);
    }
  // A reflected tag is that of the other side, and means nothing without the flag.
  pair.b.association.handle_input(forge(pair.packets, pair.tag_of_a, {{ChunkType::kAbort, 0, {}}}),
                                  pair.now);
  pair.run_for(1s);
  EXPECT_FALSE(pair.b.ended);
  pair.b.association.handle_input(forge(pair.packets, pair.tag_of_a, {{ChunkType::kAbort, 1, {}}}),
                                  pair.now);
  pair.run_for(1s);
  EXPECT_TRUE(pair.b.ended);
}

TEST(Association, s3_an_init_with_a_tag_in_its_header_is_dropped) {
  WatchedPair pair;
  pair.b.association.handle_input(
      forge(pair.packets, 5, {{ChunkType::kInit, 0, Raw().u32(7).u32(1).u16(1).u16(1).u32(1)}}),
      pair.now);
  EXPECT_EQ(pair.b.association.counters().wrong_tag, 1u);
}

TEST(Association, s3_a_packet_with_a_wrong_checksum_is_dropped) {
  WatchedPair pair;
  pair.connect();
  Packet packet = forge(pair.packets, pair.tag_of_b, {{ChunkType::kAbort, 0, {}}});
  packet.mutable_bytes()[8] ^= 1;
  pair.b.association.handle_input(std::move(packet), pair.now);
  EXPECT_EQ(pair.b.association.counters().bad_checksum, 1u);
  EXPECT_FALSE(pair.b.ended);
}

// --- S4 ---

TEST(Association, s4_a_heartbeat_that_fills_a_packet_leaves_room_for_what_is_owed) {
  for (std::size_t size = 1100; size <= 1160; size += 1) {
    WatchedPair pair({}, plain(), plain());
    pair.connect();
    pair.say_to_b({{ChunkType::kHeartbeat, 0, Raw().zeros(size)},
                   raw_data(pair.first_tsn_of_a, kWhole, 0, 0, {1})});
    ASSERT_TRUE(pair.run_until([&] { return pair.seen[{false, ChunkType::kSack}] > 0; })) << size;
    EXPECT_EQ((pair.seen[{false, ChunkType::kHeartbeatAck}]), size <= 1144 ? 1 : 0) << size;
  }
}

TEST(Association, s4_heartbeats_without_number_are_answered_in_part) {
  WatchedPair pair;
  pair.connect();
  std::vector<RawChunk> many(200, {ChunkType::kHeartbeat, 0, {1, 2, 3, 4}});
  pair.say_to_b(many);
  EXPECT_LE((pair.seen[{false, ChunkType::kHeartbeatAck}]), 8);
}

TEST(Association, s4_a_reset_is_asked_for_though_a_reply_took_the_packet) {
  WatchedPair pair;
  pair.connect();
  pair.b.association.reset_streams({{1}, {2}, {3}});
  pair.say_to_b({{ChunkType::kHeartbeat, 0, Raw().zeros(1130)}});
  EXPECT_TRUE(pair.run_until([&] { return pair.b.resets_done == 1; }, 1s));
}

TEST(Association, s4_fragments_without_end_stay_within_the_window) {
  for (const bool interleaved : {false, true}) {
    Settings settings = plain();
    settings.capabilities.interleaving = interleaved;
    settings.max_message = std::size_t{1} << 30;
    WatchedPair pair({}, settings, settings);
    pair.connect();
    std::uint32_t tsn = pair.first_tsn_of_a;
    const std::vector<std::uint8_t> payload(1000);
    for (std::uint32_t i = 0; i < 40'000 && !pair.b.ended; ++i, ++tsn) {
      const std::uint8_t flags = i == 0 ? DataChunk::kBegin : 0;
      pair.say_to_b({interleaved ? raw_idata(tsn, flags, 1, 0, i, payload)
                                 : raw_data(tsn, flags, 1, 0, payload)});
      ASSERT_LE(pair.b.association.receiver()->held(),
                2 * pair.b.association.receiver()->window() + 1000);
    }
    EXPECT_LE(pair.b.association.receiver()->held(), 2 * settings.max_window + 1000);
  }
}

TEST(Association, s4_a_message_longer_than_was_said_ends_the_association) {
  for (const bool interleaved : {false, true}) {
    Settings settings = plain();
    settings.capabilities.interleaving = interleaved;
    settings.max_message = 10'000;
    WatchedPair pair({}, settings, settings);
    pair.connect();
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(10'000, 1)));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }));
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(10'001, 1)));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.ended.has_value(); }));
    EXPECT_EQ(pair.b.ended->reason, EndReason::kMessageTooLong);
  }
}

TEST(Association, s4_every_stream_there_is_may_be_used) {
  WatchedPair pair({}, plain(), plain());
  pair.connect();
  for (std::uint32_t stream = 0; stream < 65'536; ++stream)
    pair.b.association.handle_input(forge(pair.packets, pair.tag_of_b,
                                          {raw_data(pair.first_tsn_of_a + stream, kWhole,
                                                    static_cast<std::uint16_t>(stream), 0, {1})}),
                                    pair.now);
  pair.run_for(0ms);
  // 65535 is no channel's (RFC 8832 §6), and beyond what we offer.
  EXPECT_EQ(pair.b.received.size(), 65'535u);
  EXPECT_EQ(pair.b.association.receiver()->held(), 0u);
}

TEST(Association, s4_a_storm_of_resets_is_done_sixteen_a_second) {
  WatchedPair pair;
  pair.connect();
  const Instant began = pair.now;
  std::uint32_t request = pair.first_tsn_of_a;
  const auto storm = [&] {
    for (int i = 0; i < 1000; ++i) {
      pair.say_to_b(
          {raw_re_config(OutgoingReset{{request}, {0}, {pair.first_tsn_of_a - 1}, {{1}}})});
      if (!pair.responses_of_b.empty() &&
          pair.responses_of_b.back().result == ReConfigResult::kPerformed &&
          pair.responses_of_b.back().request.value == request)
        ++request;
    }
  };
  storm();
  EXPECT_EQ(pair.b.resets.size(), 16u);
  pair.run_until([] { return false; }, began + 1s - Duration(1) - pair.now);
  EXPECT_EQ(pair.b.resets.size(), 16u);
  // The one that waits is done then, without being asked for again.
  pair.run_until([] { return false; }, Duration(1));
  EXPECT_EQ(pair.b.resets.size(), 17u);
}

TEST(Association, s4_nobody_resets_our_streams_for_us) {
  WatchedPair pair;
  pair.connect();
  for (std::uint32_t i = 0; i < 1000; ++i)
    pair.say_to_b({raw_re_config(
        IncomingReset{{pair.first_tsn_of_a + i}, std::vector<StreamId>(500, StreamId{1})})});
  EXPECT_EQ(pair.responses_of_b.back().result, ReConfigResult::kDenied);
  EXPECT_LE((pair.seen[{false, ChunkType::kReConfig}]), 1000);
  EXPECT_TRUE(pair.b.resets.empty());
}

TEST(Association, s4_a_window_overrun_is_dropped_and_counted) {
  Settings settings = plain();
  settings.max_window = 100'000;
  WatchedPair pair({}, settings, settings);
  pair.b.auto_release = false;
  pair.connect();
  for (std::uint32_t i = 0; i < 500; ++i)
    pair.say_to_b({raw_data(pair.first_tsn_of_a + i, kWhole, 1, i, Raw().zeros(1000))});
  EXPECT_LE(pair.b.received_bytes, 200'000u);
  EXPECT_GE(pair.b.association.receiver()->counters().beyond_window, 300u);
}

TEST(Association, s4_a_window_of_four_gigabytes_is_no_promise_to_fill_it) {
  WatchedPair pair;
  pair.connect();
  pair.say_to_a({raw_sack(pair.first_tsn_of_a - 1, 0xFFFF'FFFF)});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(200'000, 1)));
  pair.run_for(0ms);
  EXPECT_LE(pair.a.association.sender()->in_flight(), 64u * 1024);
}

TEST(Association, s4_a_sack_for_what_was_never_sent_ends_the_association) {
  for (const RawChunk& lie :
       {raw_sack(1, 100'000), raw_sack(0, 100'000, {{2, 2}}), raw_sack(0, 100'000, {{1, 1}}),
        raw_sack(0, 100'000, {{5, 2}}), raw_sack(0, 100'000, {{2, 0xFFFF}})}) {
    WatchedPair pair;
    pair.connect();
    ASSERT_TRUE(pair.send(pair.a, 1, {1}));
    RawChunk chunk = lie;
    // What it is relative to: the one that was sent is number 0.
    const std::uint32_t at = pair.first_tsn_of_a + chunk.value[3];
    for (std::size_t i = 0; i < 4; ++i)
      chunk.value[i] = static_cast<std::uint8_t>(at >> (24 - 8 * i));
    pair.run_for(0ms);
    pair.say_to_a({chunk});
    ASSERT_TRUE(pair.a.ended);
    EXPECT_EQ(pair.a.ended->reason, EndReason::kProtocolViolation);
  }
}

//= RFC 9260 §6.5 test
TEST(Association, data_on_a_stream_that_we_did_not_offer_is_acknowledged_and_refused) {
  Settings settings = plain();
  settings.streams = 10;
  Alone end(settings);
  end.connect(1000);
  end.say({raw_data(1000, kWhole, 10, 0, {1})});
  const RawChunk* error = end.find(ChunkType::kError);
  ASSERT_NE(error, nullptr);
  EXPECT_THAT(error->value, testing::ElementsAre(0, 1, 0, 8, 0, 10, 0, 0));
  end.say({raw_data(1000, kWhole, 10, 0, {1})});
  EXPECT_EQ(end.count(ChunkType::kError), 0) << "said once";
  end.say({raw_data(1001, kWhole, 9, 0, {2})});
  EXPECT_EQ(ByteReader(end.find(ChunkType::kSack)->value).u32(), 1001u);
  ASSERT_EQ(end.received.size(), 1u);
  EXPECT_EQ(end.received[0].stream, StreamId{9});
  EXPECT_FALSE(end.ended);
}

}  // namespace
}  // namespace beeline::sctp
