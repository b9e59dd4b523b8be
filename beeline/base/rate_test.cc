#include "beeline/base/rate.h"

#include <gtest/gtest.h>

namespace beeline {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(Rate, allows_the_burst_at_once_and_then_one_per_interval) {
  const Rate rate{3, seconds(2)};
  const Instant start{seconds(100)};
  Instant used;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(rate.allows(used, start)) << i;
    used = rate.use(used, start);
  }
  EXPECT_FALSE(rate.allows(used, start));
  EXPECT_EQ(rate.next(used), start + seconds(2));
  EXPECT_FALSE(rate.allows(used, start + seconds(2) - microseconds(1)));
  EXPECT_TRUE(rate.allows(used, start + seconds(2)));
}

TEST(Rate, a_pause_gives_back_the_burst_and_no_more) {
  const Rate rate{3, seconds(2)};
  Instant now{seconds(100)};
  Instant used;
  for (int i = 0; i < 3; ++i) used = rate.use(used, now);
  now = now + seconds(1000);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(rate.allows(used, now)) << i;
    used = rate.use(used, now);
  }
  EXPECT_FALSE(rate.allows(used, now));
}

}  // namespace
}  // namespace beeline
