#include "apps/beeline/bridge/frame_lane.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace beeline::cli {
namespace {

using namespace std::chrono_literals;
using sim::Chance;
using sim::LinkProfile;

struct TestLane {
  explicit TestLane(const LinkProfile& profile) : lane(profile, Random::from_number(1)) {}

  void enter(std::string_view text, Duration at) { lane.enter(as_bytes(text), Instant{at}); }
  // All that is due by then.
  std::vector<std::string> leave(Duration at) {
    std::vector<std::string> all;
    while (const auto frame = lane.leave(Instant{at})) all.emplace_back(as_text(*frame));
    return all;
  }
  FrameLane lane;
};

using Texts = std::vector<std::string>;

TEST(FrameLane, a_frame_leaves_after_the_delay_and_not_a_microsecond_before) {
  TestLane t({.delay = 25ms});
  t.enter("one", 0ms);
  t.enter("two", 10ms);
  EXPECT_EQ(t.lane.next_due(), Instant{25ms});
  EXPECT_EQ(t.leave(25ms - 1us), Texts{});
  EXPECT_EQ(t.leave(25ms), Texts{"one"});
  EXPECT_EQ(t.leave(40ms), Texts{"two"});
  EXPECT_EQ(t.lane.counts().latest, 5ms) << "the second one waited for somebody to ask";
  EXPECT_FALSE(t.lane.next_due());
}

TEST(FrameLane, frames_of_one_moment_leave_in_the_order_they_came) {
  TestLane t({.delay = 1ms});
  for (const char* text : {"a", "b", "c"}) t.enter(text, 0ms);
  EXPECT_EQ(t.leave(1ms), (Texts{"a", "b", "c"}));
}

TEST(FrameLane, loses_its_share_and_counts_it) {
  TestLane t({.loss = Chance::percent(10)});
  for (int i = 0; i < 10'000; ++i) t.enter("x", Duration(i));
  const auto left = t.leave(1s).size();
  EXPECT_NEAR(static_cast<double>(left), 9000, 150);
  EXPECT_EQ(t.lane.counts().lost, 10'000 - left);
  EXPECT_EQ(t.lane.counts().frames_in, 10'000U);
  EXPECT_EQ(t.lane.counts().frames_out, left);
}

TEST(FrameLane, the_same_seed_loses_the_same_frames) {
  const auto survivors = [] {
    TestLane t({.jitter = 5ms, .loss = Chance::percent(30)});
    for (int i = 0; i < 100; ++i) t.enter(std::to_string(i), Duration(i));
    return t.leave(1s);
  };
  EXPECT_EQ(survivors(), survivors());
}

TEST(FrameLane, doubles_and_lets_be_overtaken) {
  TestLane doubling({.duplication = Chance::always()});
  doubling.enter("a", 0ms);
  EXPECT_EQ(doubling.leave(0ms), (Texts{"a", "a"}));
  EXPECT_EQ(doubling.lane.counts().doubled, 1U);
  TestLane shuffling({.reordering = Chance::percent(30), .reordering_delay = 10ms});
  Texts sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::to_string(1000 + i));
    shuffling.enter(sent.back(), i * 1ms);
  }
  const Texts left = shuffling.leave(1s);
  EXPECT_NE(left, sent);
  EXPECT_EQ(std::set(left.begin(), left.end()), std::set(sent.begin(), sent.end()));
}

TEST(FrameLane, has_a_rate_and_a_queue_for_it) {
  TestLane t({.bits_per_second = 8'000'000, .queue_bytes = 5000});
  const std::string kilobyte(1000, 'x');
  for (int i = 0; i < 6; ++i) t.enter(kilobyte, 0ms);
  EXPECT_EQ(t.lane.counts().queue_full, 1U);
  EXPECT_EQ(t.leave(1ms).size(), 1U);
  EXPECT_EQ(t.leave(5ms - 1us).size(), 3U);
  EXPECT_EQ(t.leave(5ms).size(), 1U);
  t.enter(kilobyte, 5ms);
  EXPECT_EQ(t.lane.next_due(), Instant{6ms}) << "there is room again";
}

TEST(FrameLane, what_is_on_its_way_does_not_outgrow_the_memory) {
  TestLane t({.delay = 1h, .mtu = FrameLane::kMostBytes});
  const std::string large(FrameLane::kMostBytes / 4, 'x');
  for (int i = 0; i < 4; ++i) t.enter(large, 0ms);
  EXPECT_EQ(t.lane.counts().queue_full, 1U);
}

}  // namespace
}  // namespace beeline::cli
