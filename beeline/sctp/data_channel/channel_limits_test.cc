// Channels against another side that opens what it should not, and against a wire that loses the
// packets of their closing.
#include <gmock/gmock.h>

#include "beeline/sctp/test_channels.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

// As whoever knows the association only.
void say(ChannelPair& pair, std::uint16_t stream, std::vector<std::uint8_t> bytes) {
  ASSERT_TRUE(
      pair.a.channels.association().send({{stream}, kDcep, false, std::move(bytes)}, {}, pair.now));
}
bool answers_reset(Bytes packet) {
  auto reader = PacketReader::parse(packet, true);
  while (const auto chunk = reader ? reader->next() : std::nullopt) {
    if (chunk->type != ChunkType::kReConfig) continue;
    const auto parameters = parse_re_config(*chunk);
    for (const auto& each : *parameters)
      if (std::holds_alternative<ReConfigResponse>(each)) return true;
  }
  return false;
}

TEST(ChannelLimits, a_channel_beyond_the_streams_of_the_other_side_is_closed_once_and_forgotten) {
  Settings few;
  few.streams = 4;
  ChannelPair pair({}, few);
  must(pair.a.channels.open({.label = "early"}, StreamId{10}, pair.now));
  const ChannelId fine = must(pair.a.channels.open({.label = "fine"}, StreamId{2}, pair.now));
  pair.connect();
  ASSERT_TRUE(pair.run_until([&] { return pair.a.closed.size() == 1; }));
  EXPECT_TRUE(pair.a.closed[0].refused);
  EXPECT_EQ(pair.a.channels.open_channels(), 1u);
  for (int i = 0; i < 2000; ++i) must(pair.a.channels.open({}, StreamId{10}, pair.now));
  pair.run_until([&] { return pair.a.closed.size() == 2001; });
  EXPECT_EQ(pair.a.channels.open_channels(), 1u);
  pair.a.channels.association().abort(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.closed.size() == 2002; }));
  EXPECT_EQ(pair.a.closed.back().channel, fine);
}

TEST(ChannelLimits, s5_a_channel_that_could_not_be_answered_is_refused) {
  Settings few;
  few.streams = 4;
  ChannelPair pair({}, few);
  pair.connect();
  say(pair, 2, write_open({.label = "fine"}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
}

TEST(ChannelLimits, s4_at_most_1024_are_open_whoever_opens_them) {
  ChannelPair pair;
  pair.connect();
  for (std::uint16_t i = 0; i < 1100; ++i)
    say(pair, static_cast<std::uint16_t>(2 * i), write_open({}));
  pair.run_until([&] { return pair.a.channels.association().unacknowledged() == 0; });
  EXPECT_EQ(pair.b.accepted.size(), 1024u);
  EXPECT_EQ(pair.b.channels.open_channels(), 1024u);
  EXPECT_EQ(pair.b.channels.open({}, {}, pair.now).error(), OpenError::kTooMany);
}

TEST(ChannelLimits, s5_a_megabyte_of_names_is_enough) {
  ChannelPair pair;
  pair.connect();
  const std::string name(32'768, 'x');
  std::vector<ChannelId> ours;
  for (int i = 0; i < 40; ++i)
    ours.push_back(must(pair.a.channels.open({.label = name, .protocol = name}, {}, pair.now)));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.channels.open_channels() == 16; }));
  EXPECT_EQ(pair.b.accepted.size(), 16u);
  EXPECT_EQ(pair.b.channels.open_channels(), 16u);
  // With one gone there is room for one.
  pair.a.channels.close(ours[0]);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.channels.open_channels() == 15; }));
  for (int i = 0; i < 2; ++i)
    must(pair.a.channels.open({.label = name, .protocol = name}, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 17; }));
  pair.run_until([&] { return pair.a.channels.association().unacknowledged() == 0; });
  EXPECT_EQ(pair.b.channels.open_channels(), 16u);
}

TEST(ChannelLimits, s5_an_opening_that_is_none_is_refused_and_the_rest_lives) {
  const auto right = write_open({.label = "label", .protocol = "protocol"});
  std::vector<std::vector<std::uint8_t>> wrong;
  for (const std::size_t at : {std::size_t{9}, std::size_t{11}})
    for (const int by : {-1, 1, 100}) {
      wrong.push_back(right);  // a length that lies
      wrong.back()[at] = static_cast<std::uint8_t>(wrong.back()[at] + by);
    }
  wrong.push_back(right);
  wrong.back()[12] = 0xFF;  // no UTF-8
  wrong.push_back(right);
  wrong.back()[right.size() - 1] = 0xC3;  // nor this
  wrong.push_back(right);
  wrong.back()[1] = 3;  // no type of channel
  wrong.push_back({3});
  wrong.push_back({99});
  ChannelPair pair;
  pair.connect();
  for (std::size_t i = 0; i < wrong.size(); ++i)
    say(pair, static_cast<std::uint16_t>(2 * i), wrong[i]);
  std::size_t resets = 0;
  pair.wire.censor = [&](bool from_a, Bytes packet) {
    auto reader = PacketReader::parse(packet, true);
    while (const auto chunk = reader->next()) {
      if (from_a || chunk->type != ChunkType::kReConfig) continue;
      const auto parameters = parse_re_config(*chunk);
      for (const auto& each : *parameters)
        if (const auto* reset = std::get_if<OutgoingReset>(&each)) resets += reset->streams.size();
    }
    return false;
  };
  pair.run_until([&] { return resets == wrong.size(); });
  EXPECT_EQ(resets, wrong.size());
  EXPECT_TRUE(pair.b.accepted.empty());
  EXPECT_EQ(pair.b.channels.open_channels(), 0u);
  must(pair.a.channels.open({.label = "fine"}, StreamId{200}, pair.now));
  say(pair, 100, write_open({.label = "fine"}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
}

TEST(ChannelLimits, s5_an_opening_of_a_number_in_use_changes_nothing) {
  ChannelPair pair;
  pair.connect();
  const ChannelId first = must(pair.a.channels.open({.label = "first"}, {}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
  say(pair, pair.a.channels.number(first)->value, write_open({.label = "second"}));
  ASSERT_TRUE(pair.a.channels.send(first, true, {'x'}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 1; }));
  EXPECT_EQ(pair.b.messages[0].channel, pair.b.accepted[0].channel);
  EXPECT_EQ(pair.b.accepted.size(), 1u);
  EXPECT_EQ(pair.b.channels.open_channels(), 1u);
}

//= RFC 8832 §6 test
TEST(ChannelLimits, s5_a_number_that_is_ours_to_give_is_refused) {
  ChannelPair pair;
  pair.connect();
  say(pair, 1, write_open({.label = "odd"}));
  say(pair, 2, write_open({.label = "even"}));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
  EXPECT_EQ(pair.b.accepted[0].options.label, "even");
}

TEST(ChannelLimits, what_is_unordered_passes_what_got_lost_once_the_channel_is_known) {
  for (const bool ordered : {false, true}) {
    ChannelPair pair;
    pair.connect();
    const ChannelId id = must(pair.a.channels.open({.ordered = ordered}, {}, pair.now));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.accepted.size() == 1; }));
    pair.run_until([] { return false; }, 1s);
    bool lose = true;
    pair.wire.censor = [&](bool from_a, Bytes) { return from_a && std::exchange(lose, false); };
    ASSERT_TRUE(pair.a.channels.send(id, true, {'1'}, pair.now));
    pair.run_until([&] { return !lose; });
    ASSERT_TRUE(pair.a.channels.send(id, true, {'2'}, pair.now));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 2; }));
    EXPECT_EQ(pair.b.messages[0].bytes[0], ordered ? '1' : '2');
  }
}

TEST(ChannelLimits, a_channel_closes_after_all_that_waits_to_be_sent) {
  ChannelPair pair({.loss = 0.05});
  pair.connect();
  const ChannelId id = must(pair.a.channels.open({}, {}, pair.now));
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(pair.a.channels.send(id, false, std::vector<std::uint8_t>(100'000), pair.now));
  pair.a.channels.close(id);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.closed.size() + pair.b.closed.size() == 2; }));
  EXPECT_EQ(pair.b.messages.size(), 10u);
}

// The other side did what we asked and uses the number again, before we hear that it did (seed 507
// of random data calls).
TEST(ChannelLimits, a_number_used_again_before_the_answer_to_its_closing_came_is_a_new_channel) {
  ChannelPair pair;
  pair.connect();
  const ChannelId first = must(pair.a.channels.open({.label = "first"}, {}, pair.now));
  ASSERT_TRUE(pair.a.channels.send(first, true, {'1'}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 1; }));
  ASSERT_TRUE(pair.b.channels.send(pair.b.accepted[0].channel, true, {'1'}, pair.now));
  pair.wire.censor = [&](bool from_a, Bytes packet) {
    return from_a && pair.b.messages.size() < 2 && answers_reset(packet);
  };
  pair.a.channels.close(first);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.closed.size() == 1; }));
  EXPECT_TRUE(pair.b.closed.empty());
  const ChannelId second = must(pair.a.channels.open({.label = "second"}, {}, pair.now));
  EXPECT_EQ(pair.a.channels.number(second), StreamId{0});
  ASSERT_TRUE(pair.a.channels.send(second, true, {'2'}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.b.messages.size() == 2; }, 10s));
  ASSERT_EQ(pair.b.closed.size(), 1u);
  ASSERT_EQ(pair.b.accepted.size(), 2u);
  EXPECT_EQ(pair.b.messages[1].channel, pair.b.accepted[1].channel);
  ASSERT_TRUE(pair.b.channels.send(pair.b.accepted[1].channel, true, {'2'}, pair.now));
  ASSERT_TRUE(pair.run_until([&] { return pair.a.messages.size() == 2; }, 10s));
  EXPECT_EQ(pair.a.messages[1].channel, second);
}

TEST(ChannelLimits, channels_come_and_go_in_bad_weather_and_none_is_mistaken_for_another) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Settings settings;
    settings.capabilities.interleaving = seed % 2 == 0;
    ChannelPair pair({.loss = 0.15, .duplicates = 0.05, .reordered = 0.2}, settings, seed);
    pair.connect();
    Random random = Random::from_number(seed);
    std::size_t sent = 0;
    for (int round = 0; round < 40; ++round) {
      ChannelEnd& by = random.below(2) == 0 ? pair.a : pair.b;
      const ChannelId id = must(by.channels.open({.label = std::to_string(round)}, {}, pair.now));
      for (std::uint32_t i = random.below(4); i > 0; --i, ++sent)
        ASSERT_TRUE(by.channels.send(id, false, {static_cast<std::uint8_t>(round)}, pair.now));
      pair.run_until([] { return false; }, std::chrono::milliseconds(random.below(60)));
      by.channels.close(id);
    }
    ASSERT_TRUE(pair.run_until([&] {
      return pair.a.messages.size() + pair.b.messages.size() == sent &&
             pair.a.channels.open_channels() + pair.b.channels.open_channels() == 0;
    })) << seed
        << ": " << pair.a.messages.size() + pair.b.messages.size() << " of " << sent << ", "
        << pair.a.channels.open_channels() << " and " << pair.b.channels.open_channels()
        << " open, " << pair.a.channels.association().is_ended()
        << pair.b.channels.association().is_ended();
    EXPECT_EQ(pair.a.accepted.size() + pair.b.accepted.size(), 40u) << seed;
    for (const ChannelEnd* end : {&pair.a, &pair.b})
      for (const ChannelMessage& message : end->messages) {
        const auto of =
            std::ranges::find(end->accepted, message.channel, &ChannelAccepted::channel);
        ASSERT_NE(of, end->accepted.end());
        EXPECT_EQ(of->options.label, std::to_string(message.bytes[0])) << seed;
      }
  }
}

}  // namespace
}  // namespace beeline::sctp
