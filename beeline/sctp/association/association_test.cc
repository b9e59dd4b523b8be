#include "beeline/sctp/association/association.h"

#include <gmock/gmock.h>

#include "beeline/sctp/test_pair.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

TEST(Association, connects_in_two_round_trips) {
  TestPair pair;
  const Instant began = pair.now;
  pair.connect();
  EXPECT_EQ(pair.a.connected, 1);
  EXPECT_EQ(pair.b.connected, 1);
  EXPECT_EQ(pair.now - began, 40ms);
}

TEST(Association, sends_data_with_the_cookie_a_round_and_a_half_after_the_beginning) {
  TestPair pair;
  const Instant began = pair.now;
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(100, 1)));
  pair.a.association.connect(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }));
  EXPECT_EQ(pair.now - began, 30ms);
  EXPECT_EQ(pair.b.received[0].bytes, TestPair::bytes(100, 1));
}

TEST(Association, connects_when_both_begin_at_once) {
  TestPair pair;
  pair.a.association.connect(pair.now);
  pair.b.association.connect(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.connected && pair.b.connected; }));
  ASSERT_TRUE(pair.send(pair.a, 1, {1}));
  ASSERT_TRUE(pair.send(pair.b, 1, {2}));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.received.size() + pair.b.received.size() == 2; }));
}

TEST(Association, is_connected_at_once_when_the_descriptions_carried_the_inits) {
  TestPair pair;
  const auto of_a = pair.a.association.local_init();
  const auto of_b = pair.b.association.local_init();
  ASSERT_TRUE(pair.a.association.connect_with(of_b, pair.now));
  ASSERT_TRUE(pair.b.association.connect_with(of_a, pair.now));
  const Instant began = pair.now;
  ASSERT_TRUE(pair.send(pair.a, 1, {1, 2, 3}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }));
  EXPECT_EQ(pair.now - began, 10ms);
}

TEST(Association, does_not_take_its_own_init_for_the_other_sides) {
  TestPair pair;
  EXPECT_FALSE(pair.a.association.connect_with(pair.a.association.local_init(), pair.now));
  pair.connect();
}

TEST(Association, connects_whichever_packets_of_the_handshake_get_lost) {
  for (unsigned mask = 0; mask < 64; ++mask) {
    TestPair pair;
    unsigned seen = 0;
    pair.wire.censor = [&](bool, Bytes) { return seen < 6 && ((mask >> seen++) & 1) != 0; };
    ASSERT_TRUE(pair.send(pair.a, 1, {1}));
    pair.connect();
    ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; })) << mask;
  }
}

TEST(Association, carries_a_large_message_whole) {
  for (const bool interleaving : {false, true}) {
    Settings settings;
    settings.capabilities.interleaving = interleaving;
    TestPair pair({}, settings, settings);
    pair.connect();
    ASSERT_TRUE(pair.send(pair.a, 3, TestPair::bytes(256 * 1024, 9)));
    ASSERT_TRUE(pair.run_until([&] { return !pair.b.received.empty(); }));
    EXPECT_EQ(pair.b.received[0].bytes, TestPair::bytes(256 * 1024, 9));
  }
}

struct Weather {
  double loss, duplicates, reordered;
};

class AssociationInWeather : public testing::TestWithParam<Weather> {};

TEST_P(AssociationInWeather, loses_doubles_and_reorders_nothing) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Settings settings;
    settings.capabilities.interleaving = seed % 2 == 0;
    settings.congestion = seed % 3 == 0 ? CongestionModel::kCubic : CongestionModel::kRate;
    const Weather weather = GetParam();
    TestPair pair(
        {.loss = weather.loss, .duplicates = weather.duplicates, .reordered = weather.reordered},
        settings, settings, seed);
    pair.connect();
    Random random = Random::from_number(seed);
    std::map<std::uint16_t, std::vector<std::vector<std::uint8_t>>> sent;
    for (std::uint8_t i = 0; i < 120; ++i) {
      const auto stream = static_cast<std::uint16_t>(random.below(5));
      auto content = TestPair::bytes(1 + random.below(i % 10 == 0 ? 60'000 : 3'000), i);
      sent[stream].push_back(content);
      ASSERT_TRUE(pair.send(pair.a, stream, std::move(content)));
      if (i % 30 == 0) pair.run_for(30ms);
    }
    ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 120; }, 600s)) << seed;
    std::map<std::uint16_t, std::vector<std::vector<std::uint8_t>>> received;
    for (Message& message : pair.b.received)
      received[message.stream.value].push_back(std::move(message.bytes));
    ASSERT_EQ(received, sent) << seed;
    ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; })) << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(, AssociationInWeather,
                         testing::Values(Weather{0, 0, 0}, Weather{0.01, 0, 0}, Weather{0.1, 0, 0},
                                         Weather{0.3, 0.1, 0.3}, Weather{0, 0.3, 0},
                                         Weather{0, 0, 0.5}));

TEST(Association, gives_up_what_may_be_and_goes_on) {
  for (const bool interleaving : {false, true}) {
    Settings settings;
    settings.capabilities.interleaving = interleaving;
    TestPair pair({.loss = 0.2}, settings, settings);
    pair.connect();
    for (std::uint8_t i = 0; i < 200; ++i) {
      ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(2'500, i), false, {.retransmissions = 0}));
      ASSERT_TRUE(pair.send(pair.a, 2, {i}));
      pair.run_for(5ms);
    }
    std::vector<std::uint8_t> reliable;
    std::size_t partial = 0;
    ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }));
    for (const Message& message : pair.b.received) {
      if (message.stream.value == 2)
        reliable.push_back(message.bytes[0]);
      else
        ++partial;
    }
    EXPECT_EQ(reliable.size(), 200u);
    EXPECT_TRUE(std::ranges::is_sorted(reliable));
    EXPECT_GT(partial, 60u);
    EXPECT_LT(partial, 200u);
  }
}

TEST(Association, resets_streams_after_what_was_sent_on_them) {
  TestPair pair({.loss = 0.1});
  pair.connect();
  for (std::uint8_t i = 0; i < 50; ++i) ASSERT_TRUE(pair.send(pair.a, 4, {i}));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unsent({4}) == 0; }));
  pair.a.association.reset_streams({{4}});
  ASSERT_TRUE(pair.run_until([&] { return pair.a.resets_done == 1 && pair.b.resets.size() == 1; }));
  EXPECT_EQ(pair.b.resets_after, std::vector<std::size_t>{50});
  // And it can be used again, from the first number.
  ASSERT_TRUE(pair.send(pair.a, 4, {99}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 51; }));
}

TEST(Association, holds_back_while_the_application_does_not_read) {
  Settings settings;
  settings.max_window = 1024 * 1024;
  TestPair pair({}, settings, settings);
  pair.b.auto_release = false;
  pair.connect();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(64 * 1024, 1)));
  pair.run_for(20s);
  EXPECT_LE(pair.b.received_bytes, 2u * 1024 * 1024);
  EXPECT_GT(pair.b.received_bytes, 512u * 1024);
  pair.b.auto_release = true;
  pair.b.association.release(pair.b.received_bytes);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 40; }));
}

TEST(Association, shuts_down_when_everything_arrived) {
  TestPair pair({.loss = 0.1});
  pair.connect();
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(100'000, 1)));
  pair.a.association.shutdown(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.ended && pair.b.ended; }));
  EXPECT_EQ(pair.b.received.size(), 1u);
  EXPECT_EQ(pair.a.ended->reason, EndReason::kClosed);
  EXPECT_EQ(pair.b.ended->reason, EndReason::kClosed);
}

TEST(Association, tells_the_other_side_of_an_abort) {
  TestPair pair;
  pair.connect();
  pair.a.association.abort(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.ended.has_value(); }));
  EXPECT_EQ(pair.b.ended->reason, EndReason::kAborted);
}

TEST(Association, never_gives_up_while_the_path_is_gone) {
  TestPair pair;
  pair.connect();
  bool gone = true;
  pair.wire.censor = [&](bool, Bytes) { return gone; };
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(50'000, 1)));
  pair.run_for(3600s);
  EXPECT_LT(pair.wire.dropped, 500u);
  gone = false;
  const Instant back = pair.now;
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }));
  EXPECT_LE(pair.now - back, 11s);
}

// How long 10 KB take once a path is there again that is shorter than the one on which all of them
// were lost; `told`: somebody says that it is another. A probe gets through before any timeout.
Duration on_a_shorter_path(bool told) {
  TestPair pair({.delay = 200ms});
  pair.connect();
  EXPECT_TRUE(pair.send(pair.a, 1, TestPair::bytes(10'000, 1)));
  EXPECT_TRUE(pair.run_until([&] { return pair.b.received.size() == 1; }));
  bool gone = true;
  pair.wire.censor = [&](bool, Bytes) { return gone; };
  EXPECT_TRUE(pair.send(pair.a, 1, TestPair::bytes(10'000, 2)));
  pair.run_for(700ms);
  gone = false;
  pair.wire.set_delay(150ms);
  if (told)
    for (TestEnd* end : {&pair.a, &pair.b}) end->association.on_new_path(300ms, pair.now);
  const Instant back = pair.now;
  EXPECT_TRUE(pair.run_until([&] { return pair.b.received.size() == 2; }));
  return pair.now - back;
}

// Found by seed 9001 of random data calls: every answer to a repetition looked like one to what was
// lost with the path before, and one packet went each six seconds.
TEST(Association, goes_on_at_once_on_a_shorter_path) {
  EXPECT_LE(on_a_shorter_path(true), 3s);
}

// Found by seed 7842: the same, and nobody says that the path is another.
TEST(Association, goes_on_soon_where_the_path_becomes_shorter) {
  EXPECT_LE(on_a_shorter_path(false), 3s);
}

}  // namespace
}  // namespace beeline::sctp
