// The handshake against another side that does what it likes (RFC 9260 §5, §8.4, §8.5).
#include "beeline/sctp/association/handshake.h"

#include <gmock/gmock.h>

#include "beeline/sctp/test_alone.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kWhole = Alone::kWhole;
constexpr std::uint32_t kTag = Alone::kTag;

Settings settings() {
  Settings made;
  made.round_trip = 100ms;
  return made;
}

// --- when ---

TEST(Handshake, an_init_is_repeated_at_its_deadline_and_not_before) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  EXPECT_EQ(end.count(ChunkType::kInit), 1);
  Duration wait = 200ms;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(end.association.next_timeout(), end.now + wait) << i;
    end.wait(wait - 1us);
    EXPECT_EQ(end.count(ChunkType::kInit), 0) << i;
    end.wait(1us);
    EXPECT_EQ(end.count(ChunkType::kInit), 1) << i;
    wait = std::min<Duration>(2 * wait, 2s);
  }
}

TEST(Handshake, a_cookie_is_echoed_again_at_its_deadline_and_with_the_same_data) {
  Alone end(settings());
  ASSERT_TRUE(end.association.send({{1}, {53}, false, {7}}, {}, end.now));
  end.association.connect(end.now);
  end.settle();
  end.say(Alone::init_ack(kTag, 1000));
  ASSERT_EQ(end.count(ChunkType::kCookieEcho), 1);
  ASSERT_EQ(end.count(ChunkType::kData), 1);
  end.wait(200ms - 1us);
  EXPECT_EQ(end.count(ChunkType::kCookieEcho), 0);
  end.wait(1us);
  EXPECT_EQ(end.count(ChunkType::kCookieEcho), 1);
  ASSERT_EQ(end.count(ChunkType::kData), 1);
  EXPECT_EQ(end.find(ChunkType::kData)->value[3], end.first_tsn & 0xFF);
}

//= RFC 8841 §5 test
TEST(Handshake, packets_go_to_the_port_that_the_other_side_announced) {
  PacketPool packets;
  NullLog log;
  Association association({}, Random::from_number(1), packets, log);
  association.set_remote_port(6000);
  association.connect(Instant{1s});
  association.flush(Instant{1s});
  const auto packet = association.poll_transmit();
  ASSERT_TRUE(packet);
  ByteReader header(packet->bytes());
  EXPECT_EQ(header.u16(), 5000);
  EXPECT_EQ(header.u16(), 6000);
}

TEST(Handshake, never_gives_up) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(end.association.next_timeout());
    end.wait_until(*end.association.next_timeout());
    ASSERT_EQ(end.count(ChunkType::kInit), 1);
  }
  end.say(Alone::init_ack(kTag, 1000));
  end.say({{ChunkType::kCookieAck, 0, {}}});
  EXPECT_EQ(end.connected, 1);
}

// --- cookies ---

//= RFC 9260 §5.1.5 test
TEST(Handshake, a_cookie_with_any_bit_wrong_or_any_byte_less_is_none_of_ours) {
  Alone end(settings());
  end.say(0, Alone::init(kTag, 1000));
  const auto cookie = end.cookie();
  ASSERT_GE(cookie.size(), 30u);
  for (std::size_t bit = 0; bit < cookie.size() * 8; ++bit) {
    auto wrong = cookie;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    end.say({{ChunkType::kCookieEcho, 0, wrong}});
    ASSERT_EQ(end.connected, 0) << bit;
  }
  for (std::size_t size = 0; size < cookie.size(); ++size)
    end.say({{ChunkType::kCookieEcho,
              0,
              {cookie.begin(), cookie.begin() + static_cast<std::ptrdiff_t>(size)}}});
  auto longer = cookie;
  longer.push_back(0);
  end.say({{ChunkType::kCookieEcho, 0, longer}});
  EXPECT_EQ(end.connected, 0);
  EXPECT_TRUE(end.heard.empty());
  end.say({{ChunkType::kCookieEcho, 0, cookie}});
  EXPECT_EQ(end.connected, 1);
  EXPECT_EQ(end.count(ChunkType::kCookieAck), 1);
}

TEST(Handshake, the_cookie_of_one_association_is_nothing_to_another) {
  Alone one(settings(), 1), other(settings(), 2);
  one.say(0, Alone::init(kTag, 1000));
  other.say(0, Alone::init(kTag, 1000));
  other.say({{ChunkType::kCookieEcho, 0, one.cookie()}});
  EXPECT_EQ(other.connected, 0);
}

//= RFC 9260 §5.2.4 test
TEST(Handshake, a_cookie_that_comes_again_is_acknowledged_again) {
  Alone end(settings());
  end.say(0, Alone::init(kTag, 1000));
  const auto cookie = end.cookie();
  for (int i = 0; i < 3; ++i) {
    end.say({{ChunkType::kCookieEcho, 0, cookie}});
    EXPECT_EQ(end.count(ChunkType::kCookieAck), 1);
  }
  EXPECT_EQ(end.connected, 1);
}

TEST(Handshake, an_answer_without_a_cookie_is_none) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  end.say({{ChunkType::kInitAck, 0, Alone::fixed(kTag, 1000, 5000)}});
  EXPECT_TRUE(end.heard.empty());
  EXPECT_EQ(end.association.counters().ignored, 1u);
  end.say(Alone::init_ack(kTag, 1000));
  EXPECT_EQ(end.count(ChunkType::kCookieEcho), 1);
}

//= RFC 9260 §5.2.3 test
TEST(Handshake, a_second_answer_is_not_listened_to) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  end.say(Alone::init_ack(kTag, 1000));
  end.say(Alone::init_ack(kTag + 1, 9000));
  EXPECT_TRUE(end.heard.empty());
  end.say({{ChunkType::kCookieAck, 0, {}}});
  EXPECT_EQ(end.connected, 1);
  end.say(Alone::init_ack(kTag + 1, 9000));
  end.say({raw_data(1000, kWhole, 1, 0, {5})});
  EXPECT_EQ(end.received.size(), 1u);
}

// --- another side that begins again (RFC 9260 §5.2) ---

//= RFC 9260 §5.2.6 test
TEST(Handshake, after_a_stale_cookie_what_counts_is_what_the_other_side_says_then) {
  Alone end(settings());
  ASSERT_TRUE(end.association.send({{1}, {53}, false, {7}}, {}, end.now));
  end.association.connect(end.now);
  end.settle();
  end.say(Alone::init_ack(kTag, 1000));
  end.say({{ChunkType::kError, 0, write_cause(ErrorCause::kStaleCookie, {})}});
  ASSERT_EQ(end.count(ChunkType::kInit), 1);
  // What comes now belongs to an association that is none.
  end.say({raw_data(1000, kWhole, 1, 0, {4})});
  EXPECT_TRUE(end.received.empty());
  end.say(Alone::init_ack(kTag + 1, 70'000));
  EXPECT_EQ(end.count(ChunkType::kCookieEcho), 1);
  EXPECT_EQ(end.count(ChunkType::kData), 1);
  end.say({{ChunkType::kCookieAck, 0, {}}});
  EXPECT_EQ(end.connected, 1);
  end.say({raw_data(70'000, kWhole, 1, 0, {5})});
  ASSERT_EQ(end.received.size(), 1u);
  EXPECT_EQ(end.heard_tags.back(), kTag + 1);
}

// An end that keeps nothing before the cookie draws other numbers for its own INIT than for its
// answer to ours.
TEST(Handshake, the_numbers_that_count_are_those_of_the_cookie_that_came) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  end.say(Alone::init_ack(kTag, 1000));
  end.say(0, Alone::init(kTag + 1, 70'000));
  const auto cookie = end.cookie();
  end.say({{ChunkType::kCookieEcho, 0, cookie}, raw_data(70'000, kWhole, 1, 0, {5})});
  EXPECT_EQ(end.connected, 1);
  ASSERT_EQ(end.received.size(), 1u);
  EXPECT_EQ(end.heard_tags.back(), kTag + 1);
}

//= RFC 9260 §5.2.4 test
// Below DTLS nobody starts anew without another DTLS association.
TEST(Handshake, s2_an_association_that_stands_takes_no_restart_by_init_or_cookie) {
  Alone end(settings());
  end.say(0, Alone::init(kTag + 5, 70'000));
  const auto other = end.cookie();
  end.connect();
  end.say(0, Alone::init(kTag + 5, 70'000));
  EXPECT_TRUE(end.heard.empty());
  end.say({{ChunkType::kCookieEcho, 0, other}});
  EXPECT_TRUE(end.heard.empty());
  ASSERT_TRUE(end.association.send({{1}, {53}, false, {7}}, {}, end.now));
  end.settle();
  EXPECT_EQ(end.count(ChunkType::kData), 1);
  EXPECT_EQ(end.heard_tags.back(), kTag);
}

TEST(Handshake, a_stale_cookie_is_nothing_to_an_association_that_stands) {
  Alone end(settings());
  end.connect();
  end.say({{ChunkType::kError, 0, write_cause(ErrorCause::kStaleCookie, {})}});
  EXPECT_TRUE(end.heard.empty());
  EXPECT_TRUE(end.association.is_connected());
}

TEST(Handshake, both_may_begin_whichever_of_the_packets_get_lost) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    TestPair pair;
    unsigned count = 0;
    pair.wire.censor = [&](bool, Bytes) { return count < 8 && (mask >> count++ & 1) != 0; };
    pair.a.association.connect(pair.now);
    pair.b.association.connect(pair.now);
    ASSERT_TRUE(pair.run_until([&] { return pair.a.connected && pair.b.connected; })) << mask;
    ASSERT_TRUE(pair.send(pair.a, 1, {1}));
    ASSERT_TRUE(pair.send(pair.b, 1, {2}));
    ASSERT_TRUE(pair.run_until([&] {
      return pair.a.received.size() == 1 && pair.b.received.size() == 1;
    })) << mask;
  }
}

// --- floods and strangers ---

TEST(Handshake, a_flood_of_inits_leaves_nothing_but_its_answers) {
  Alone end(settings());
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    end.say(0, Alone::init(i, i));
    ASSERT_EQ(end.count(ChunkType::kInitAck), 1);
    ASSERT_EQ(end.heard_tags.back(), i);
    end.heard_tags.clear();
  }
  EXPECT_FALSE(end.association.next_timeout());
  EXPECT_EQ(end.association.receiver(), nullptr);
  EXPECT_EQ(end.packets.live(), 0u);
  // Of a batch, the last is answered.
  for (std::uint32_t i = 1; i <= 100; ++i)
    end.association.handle_input(forge(end.packets, 0, Alone::init(i, i)), end.now);
  end.settle();
  EXPECT_EQ(end.count(ChunkType::kInitAck), 1);
  end.say({{ChunkType::kCookieEcho, 0, end.cookie()}});
  EXPECT_EQ(end.connected, 1);
}

//= RFC 9260 §8.4 test
TEST(Handshake, s3_what_comes_before_any_association_is_not_answered) {
  Alone end(settings());
  // Nobody knows its tag; suppose somebody does.
  end.say(0, Alone::init(kTag, 1));
  const std::vector<RawChunk> chunks{
      raw_data(1, kWhole, 0, 0, {1}),
      raw_sack(1, 1),
      {ChunkType::kHeartbeat, 0, {0, 1, 0, 4}},
      {ChunkType::kHeartbeatAck, 0, {0, 1, 0, 4}},
      {ChunkType::kShutdown, 0, Raw().u32(1)},
      {ChunkType::kShutdownAck, 0, {}},
      {ChunkType::kShutdownComplete, 0, {}},
      {ChunkType::kShutdownComplete, 1, {}},
      {ChunkType::kCookieAck, 0, {}},
      {ChunkType::kInitAck, 0, Alone::fixed(kTag, 1, 1)},
      {ChunkType::kError, 0, write_cause(ErrorCause::kStaleCookie, {})},
      {ChunkType::kForwardTsn, 0, Raw().u32(5)},
      raw_re_config(IncomingReset{{1}, {}}),
      {ChunkType::kAbort, 1, {}}};
  for (const RawChunk& chunk : chunks) {
    end.say({chunk});
    EXPECT_TRUE(end.heard.empty());
    EXPECT_FALSE(end.association.next_timeout());
  }
  EXPECT_FALSE(end.ended);
  EXPECT_EQ(end.connected, 0);
}

//= RFC 9260 §8.5.1 test
TEST(Handshake, s3_nothing_rides_on_a_reflected_tag) {
  for (const ChunkType first : {ChunkType::kShutdownComplete, ChunkType::kAbort}) {
    Alone end(settings());
    end.connect();
    end.say(kTag, {{first, 1, {}}, raw_data(1000, kWhole, 1, 0, {5})});
    EXPECT_TRUE(end.received.empty());
    EXPECT_EQ(end.ended.has_value(), first == ChunkType::kAbort);
  }
}

TEST(Handshake, s3_an_abort_with_a_reflected_tag_counts_once_there_is_one) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  // No tag of the other side's is known: 0 is none.
  for (const std::uint32_t tag : {0u, kTag, end.tag}) end.say(tag, {{ChunkType::kAbort, 1, {}}});
  EXPECT_FALSE(end.ended);
  end.say(Alone::init_ack(kTag, 1000));
  for (const std::uint32_t tag : {0u, kTag + 1, end.tag})
    end.say(tag, {{ChunkType::kAbort, 1, {}}});
  EXPECT_FALSE(end.ended);
  end.say(kTag, {{ChunkType::kAbort, 1, {}}});
  EXPECT_TRUE(end.ended);
}

TEST(Handshake, s3_an_abort_that_answers_an_init_ends_it) {
  Alone end(settings());
  end.association.connect(end.now);
  end.settle();
  end.say({{ChunkType::kAbort, 0, {}}});
  ASSERT_TRUE(end.ended);
  EXPECT_EQ(end.ended->reason, EndReason::kAborted);
  EXPECT_FALSE(end.association.next_timeout());
}

}  // namespace
}  // namespace beeline::sctp
