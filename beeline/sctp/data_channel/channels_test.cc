#include "beeline/sctp/data_channel/channels.h"

#include <gmock/gmock.h>

#include "beeline/sctp/test_channels.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

TEST(Channels, open_on_both_sides_with_numbers_by_dtls_role) {
  ChannelPair pair;
  const ChannelId of_a = must(pair.a.channels.open({.label = "chat"}, {}, pair.now));
  const ChannelId of_b = must(pair.b.channels.open({.label = "files"}, {}, pair.now));
  pair.connect();
  ASSERT_TRUE(pair.run_until([&] { return pair.a.accepted.size() + pair.b.accepted.size() == 2; }));
  EXPECT_EQ(pair.b.accepted[0].options.label, "chat");
  EXPECT_EQ(pair.a.channels.number(of_a), StreamId{0});
  EXPECT_EQ(pair.b.channels.number(of_b), StreamId{1});
}

TEST(Channels, carry_text_bytes_and_nothing_at_all) {
  ChannelPair pair;
  pair.connect();
  const ChannelId id = must(pair.a.channels.open({.label = "x"}, {}, pair.now));
  ASSERT_TRUE(pair.a.channels.send(id, true, {'h', 'i'}, pair.now));
  ASSERT_TRUE(pair.a.channels.send(id, false, {1, 2}, pair.now));
  ASSERT_TRUE(pair.a.channels.send(id, true, {}, pair.now));
  ASSERT_TRUE(pair.a.channels.send(id, false, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 4; }));
  EXPECT_TRUE(pair.b.messages[0].text);
  EXPECT_FALSE(pair.b.messages[1].text);
  EXPECT_TRUE(pair.b.messages[2].text && pair.b.messages[2].bytes.empty());
  EXPECT_TRUE(!pair.b.messages[3].text && pair.b.messages[3].bytes.empty());
}

TEST(Channels, are_the_same_number_when_agreed_on_elsewhere) {
  ChannelPair pair;
  const ChannelId of_a = must(pair.a.channels.open({}, StreamId{7}, pair.now));
  must(pair.b.channels.open({}, StreamId{7}, pair.now));
  pair.connect();
  ASSERT_TRUE(pair.a.channels.send(of_a, true, {'x'}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 1; }));
  EXPECT_TRUE(pair.b.accepted.empty());
  EXPECT_EQ(pair.a.channels.open({}, StreamId{7}, pair.now).error(), OpenError::kNumberUsed);
}

TEST(Channels, close_from_either_side_after_what_was_sent) {
  for (const bool by_a : {true, false}) {
    ChannelPair pair({.loss = 0.1});
    pair.connect();
    const ChannelId id = must(pair.a.channels.open({.label = "x"}, {}, pair.now));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
    ChannelEnd& closer = by_a ? pair.a : pair.b;
    ChannelEnd& other = by_a ? pair.b : pair.a;
    const ChannelId theirs = by_a ? id : pair.b.accepted[0].channel;
    for (std::uint8_t i = 0; i < 20; ++i)
      ASSERT_TRUE(closer.channels.send(theirs, false, {i}, pair.now));
    closer.channels.close(theirs);
    EXPECT_EQ(closer.channels.send(theirs, false, {1}, pair.now).error(),
              ChannelSendError::kNotOpen);
    ASSERT_TRUE(
        pair.run_until([&] { return closer.closed.size() == 1 && other.closed.size() == 1; }));
    EXPECT_EQ(other.messages.size(), 20u);
    // The number is free for the next.
    const ChannelId again = must(pair.a.channels.open({}, {}, pair.now));
    EXPECT_EQ(pair.a.channels.number(again), StreamId{0});
    ASSERT_TRUE(pair.a.channels.send(again, false, {77}, pair.now));
    ASSERT_TRUE(pair.run_until([&] {
      return !pair.b.messages.empty() &&
             pair.b.messages.back().bytes == std::vector<std::uint8_t>{77};
    }));
  }
}

TEST(Channels, a_thousand_open_close_and_open_again) {
  ChannelPair pair({.loss = 0.02});
  pair.connect();
  for (int round = 0; round < 2; ++round) {
    std::vector<ChannelId> of_a, of_b;
    for (int i = 0; i < 500; ++i) of_a.push_back(must(pair.a.channels.open({}, {}, pair.now)));
    for (int i = 0; i < 500; ++i) of_b.push_back(must(pair.b.channels.open({}, {}, pair.now)));
    ASSERT_TRUE(pair.run_until([&] {
      return pair.a.accepted.size() + pair.b.accepted.size() ==
             1000u * (static_cast<unsigned>(round) + 1);
    }));
    for (const ChannelId id : of_a) pair.a.channels.close(id);
    for (const ChannelId id : of_b) pair.b.channels.close(id);
    ASSERT_TRUE(pair.run_until([&] {
      return pair.a.channels.open_channels() == 0 && pair.b.channels.open_channels() == 0;
    }));
  }
}

// Found by seed 31216 of random data calls: a FORWARD TSN that came after the reset of its stream
// skipped messages of the next channel there.
TEST(Channels, nothing_of_a_stream_may_be_given_up_any_more_when_it_is_reset) {
  ChannelPair pair;
  pair.connect();
  const ChannelId id = must(
      pair.a.channels.open({.label = "x", .reliability = {.retransmissions = 0}}, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
  int resets = 0;
  bool deaf = true;
  pair.wire.censor = [&](bool from_a, Bytes packet) {
    const auto type = static_cast<ChunkType>(packet[12]);
    constexpr int kOutgoingReset = 13;
    if (from_a && type == ChunkType::kReConfig && packet[17] == kOutgoingReset) ++resets;
    return deaf && (!from_a || type == ChunkType::kIData);
  };
  ASSERT_TRUE(pair.a.channels.send(id, true, {'g', 'o', 'n', 'e'}, pair.now));
  pair.a.channels.close(id);
  pair.run_until([] { return false; }, 5s);
  EXPECT_EQ(resets, 0);
  deaf = false;
  ASSERT_TRUE(pair.run_until([&] { return !pair.a.closed.empty() && !pair.b.closed.empty(); }));
  EXPECT_EQ(resets, 1);
}

TEST(Channels, are_no_more_than_the_limit) {
  ChannelPair pair;
  for (std::size_t i = 0; i < Channels::kMostChannels; ++i)
    must(pair.a.channels.open({}, {}, pair.now));
  EXPECT_EQ(pair.a.channels.open({}, {}, pair.now).error(), OpenError::kTooMany);
}

TEST(Channels, tell_when_what_waits_fell_to_the_mark) {
  ChannelPair pair;
  pair.connect();
  const ChannelId id = must(pair.a.channels.open({}, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.opened.size() == 1; }));
  pair.a.channels.set_low_mark(id, 50'000);
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(pair.a.channels.send(id, false, std::vector<std::uint8_t>(64 * 1024), pair.now));
  EXPECT_EQ(pair.a.channels.buffered(id), 640u * 1024);
  ASSERT_TRUE(pair.run_until([&] { return !pair.a.low.empty(); }));
  EXPECT_LE(pair.a.channels.buffered(id), 50'000u);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 10; }));
  EXPECT_EQ(pair.a.low.size(), 1u);
}

TEST(Channels, end_with_their_association) {
  ChannelPair pair;
  pair.connect();
  must(pair.a.channels.open({}, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
  pair.a.channels.association().abort(pair.now);
  ASSERT_TRUE(
      pair.run_until([&] { return pair.a.closed.size() == 1 && pair.b.closed.size() == 1; }));
}

}  // namespace
}  // namespace beeline::sctp
