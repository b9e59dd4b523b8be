#include "beeline/turn/stranger_budget.h"

#include <gtest/gtest.h>

#include "beeline/turn/settings.h"

namespace beeline::turn {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

IpAddress at(const char* text) {
  return *IpAddress::parse(text);
}
// A network of its own for each number.
IpAddress network(std::uint32_t number) {
  return IpAddress::v4(0x0B000001U + (number << 8));
}

class StrangerBudgetTest : public testing::Test {
 protected:
  int taken(const IpAddress& sender, int tries, std::uint32_t transport = 0) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += budget_.take(sender, transport, now_) ? 1 : 0;
    return count;
  }
  StrangerBudget budget_{Random::from_number(1), {10, 20}};
  Instant now_{seconds(1000)};
};

TEST_F(StrangerBudgetTest, a_burst_then_the_rate_and_not_one_more) {
  EXPECT_EQ(taken(at("203.0.113.1"), 100), 20);
  now_ = now_ + microseconds(99'999);
  EXPECT_EQ(taken(at("203.0.113.1"), 100), 0);
  now_ = now_ + microseconds(1);
  EXPECT_EQ(taken(at("203.0.113.1"), 100), 1);
  now_ = now_ + seconds(1);
  EXPECT_EQ(taken(at("203.0.113.1"), 100), 10);
  now_ = now_ + seconds(1'000'000);
  EXPECT_EQ(taken(at("203.0.113.1"), 100), 20) << "never more than the burst";
}

TEST_F(StrangerBudgetTest, a_slash_24_and_a_slash_64_share_one_budget_and_neighbours_do_not) {
  EXPECT_EQ(taken(at("203.0.113.1"), 15), 15);
  EXPECT_EQ(taken(at("203.0.113.254"), 15), 5);
  EXPECT_EQ(taken(at("203.0.114.1"), 15), 15);
  EXPECT_EQ(taken(at("2001:db8:0:1::1"), 15), 15);
  EXPECT_EQ(taken(at("2001:db8:0:1:ffff::2"), 15), 5);
  EXPECT_EQ(taken(at("2001:db8:0:2::1"), 15), 15);
}

TEST_F(StrangerBudgetTest, transports_have_budgets_of_their_own) {
  EXPECT_EQ(taken(at("203.0.113.1"), 100, 0), 20);
  EXPECT_EQ(taken(at("203.0.113.1"), 100, 1), 20);
}

TEST_F(StrangerBudgetTest, a_flood_from_everywhere_takes_nothing_from_newcomers) {
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    now_ = now_ + microseconds(1);
    EXPECT_TRUE(budget_.take(network(i), 0, now_)) << i;
  }
}

TEST_F(StrangerBudgetTest, the_quietest_network_of_a_row_makes_room) {
  const IpAddress victim = at("203.0.113.1");
  ASSERT_EQ(taken(victim, 100), 20);
  // As long as its bucket is in the table it stays empty; how many others it takes to push it out
  // is what the size of the table buys.
  std::uint32_t others = 0;
  while (!budget_.take(victim, 0, now_)) {
    now_ = now_ + microseconds(1);
    budget_.take(network(others++), 0, now_);
    ASSERT_LT(others, 90'000U) << "it may not stay for ever either";
  }
  EXPECT_GT(others, StrangerBudget::kRows / 2);
}

TEST_F(StrangerBudgetTest, colliding_networks_of_one_row_keep_apart) {
  // Far more networks than rows, few enough for most rows to hold them all.
  constexpr std::uint32_t kNetworks = 1000;
  int kept = 0;
  for (std::uint32_t i = 0; i < kNetworks; ++i) taken(network(i), 20);
  for (std::uint32_t i = 0; i < kNetworks; ++i) kept += taken(network(i), 1) == 0 ? 1 : 0;
  EXPECT_GT(kept, 990);
}

TEST(StrangerBudgetDefaults, an_office_that_joins_at_once_fits_and_a_flood_does_not) {
  const Limits limits;
  StrangerBudget budget(Random::from_number(1), limits.strangers);
  Instant now{seconds(1)};
  // 100 people, seven links, five URLs, in two seconds.
  for (int i = 0; i < 3500; ++i) {
    ASSERT_TRUE(budget.take(at("203.0.113.1"), 0, now)) << i;
    now = now + microseconds(571);
  }
  int answered = 0;
  for (int i = 0; i < 100'000; ++i) {  // a second of flood
    answered += budget.take(at("198.51.100.1"), 0, now) ? 1 : 0;
    now = now + microseconds(10);
  }
  EXPECT_LE(answered, 5'001);
}

}  // namespace
}  // namespace beeline::turn
