// Which of several paths that work is used when some of them stop: two agents on a flat network
// that loses what a test wants. Found by random calls (tests/scenarios) unless said otherwise.
#include <gtest/gtest.h>

#include <set>

#include "beeline/ice/agent.h"
#include "beeline/ice/test_agents.h"

namespace beeline::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One address on one side, several on the other, the best first; what is lost can be said of each.
struct ManyPaths {
  explicit ManyPaths(std::size_t count) {
    world.b.interfaces.clear();
    for (std::size_t i = 0; i < count; ++i)
      world.b.interfaces.push_back({"eth", ip("203.0.113.1")});
    for (std::size_t i = 0; i < count; ++i) world.b.interfaces[i].address = address(i);
    world.lost = [this](const TestAgents::Flight& flight) { return is_lost(flight); };
  }
  static IpAddress address(std::size_t i) {
    return IpAddress::v4(0xCB00'7101U + static_cast<std::uint32_t>(i));
  }
  bool is_lost(const TestAgents::Flight& flight) const {
    for (const IpAddress& one : {flight.source.ip, flight.destination.ip})
      if (closed.contains(one)) return true;
    const bool asks = flight.bytes[0] == 0 && flight.bytes[1] == 1;
    return asks && unasked.contains(flight.destination.ip);
  }
  // Both sides speak ten times a second, until `done` or for `limit`.
  bool talk_until(const std::function<bool()>& done, Duration limit) {
    for (const Instant end = world.now + limit; !done(); world.run_for(milliseconds(100))) {
      if (world.now >= end) return false;
      world.a.send("a");
      world.b.send("b");
    }
    return true;
  }
  void start() {
    world.start();
    talk_until([] { return false; }, seconds(3));
  }
  bool on(std::size_t i) const {
    const auto a = world.a.agent.path();
    const auto b = world.b.agent.path();
    return a && b && a->remote.address.ip == address(i) && b->local.address.ip == address(i);
  }

  TestAgents world;
  std::set<IpAddress> closed;   // nothing gets to and from there
  std::set<IpAddress> unasked;  // no question gets there
};

// Seed 206351: each path that had worked was tried in turn until it was doubted itself, for 27 s,
// while the other side was heard and answered on the last of them all the time.
TEST(AgentPaths, paths_that_only_worked_before_are_not_tried_one_after_the_other) {
  ManyPaths paths(6);
  paths.world.delay = milliseconds(125);
  paths.start();
  ASSERT_TRUE(paths.on(0));
  for (std::size_t i = 0; i < 5; ++i) paths.closed.insert(ManyPaths::address(i));
  EXPECT_TRUE(paths.talk_until([&] { return paths.on(5); }, seconds(4)));
}

TEST(AgentPaths, a_path_that_comes_back_is_used_again) {
  ManyPaths paths(2);
  paths.start();
  ASSERT_TRUE(paths.on(0));
  paths.closed.insert(ManyPaths::address(0));
  ASSERT_TRUE(paths.talk_until([&] { return paths.on(1); }, seconds(4)));
  paths.closed.clear();
  EXPECT_TRUE(paths.talk_until([&] { return paths.on(0); }, seconds(4)));
}

// Seed 157569: the controlled side knew a path that worked and was better than the one in use, but
// had learned of it beside a better one that stopped later, and never asked there again.
TEST(AgentPaths,
     the_controlled_side_asks_where_it_would_be_better_also_after_a_better_path_stopped) {
  ManyPaths paths(3);
  paths.unasked.insert(ManyPaths::address(1));
  paths.start();
  ASSERT_TRUE(paths.on(0));
  paths.closed.insert(ManyPaths::address(0));
  ASSERT_TRUE(paths.talk_until([&] { return paths.on(2); }, seconds(4)));
  // Until the controlling side has given up to look for others.
  paths.talk_until([] { return false; }, seconds(60));
  ASSERT_TRUE(paths.on(2));
  paths.unasked.clear();
  EXPECT_TRUE(paths.talk_until([&] { return paths.on(1); }, seconds(15)));
}

}  // namespace
}  // namespace beeline::ice
