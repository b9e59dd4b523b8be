// World: time, order and repeatability.
#include "beeline/sim/world.h"

#include <gtest/gtest.h>

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

TEST(World, events_come_in_order_of_time_and_then_of_their_making) {
  World world(1);
  std::string order;
  world.after(2ms, [&] { order += 'c'; });
  world.after(1ms, [&] { order += 'a'; });
  world.after(1ms, [&] { order += 'b'; });
  world.run_for(1999us);
  EXPECT_EQ(order, "ab");
  world.run_for(1us);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(world.now().since_start, 2ms);
}

}  // namespace
}  // namespace beeline::sim
