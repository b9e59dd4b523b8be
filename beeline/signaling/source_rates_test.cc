#include "beeline/signaling/source_rates.h"

#include <gtest/gtest.h>

namespace beeline::signaling {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(SourceRates, each_source_has_a_rate_of_its_own) {
  SourceRates rates({2, seconds(6)}, 10);
  const Instant now{seconds(100)};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(rates.allows("a", now));
    rates.use("a", now);
  }
  EXPECT_FALSE(rates.allows("a", now));
  EXPECT_TRUE(rates.allows("b", now));
  EXPECT_FALSE(rates.allows("a", now + seconds(6) - microseconds(1)));
  EXPECT_TRUE(rates.allows("a", now + seconds(6)));
}

TEST(SourceRates, no_more_sources_are_counted_than_it_was_told) {
  SourceRates rates({5, seconds(6)}, 2);
  const Instant now{seconds(100)};
  rates.use("a", now);
  EXPECT_TRUE(rates.allows("c", now));
  rates.use("b", now);
  EXPECT_FALSE(rates.allows("c", now)) << "it could not be counted";
  EXPECT_TRUE(rates.allows("a", now));
  EXPECT_FALSE(rates.allows("c", now + seconds(6) - microseconds(1)));
  EXPECT_TRUE(rates.allows("c", now + seconds(6))) << "the others are as if they never were";
}

}  // namespace
}  // namespace beeline::signaling
