#include "beeline/ice/look_around.h"

#include <gtest/gtest.h>

namespace beeline::ice {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr Instant at(Duration since_start) {
  return Instant{since_start};
}

LookAround started_at_zero() {
  LookAround look;
  look.start(at({}));
  return look;
}

TEST(LookAround, begins_nothing_that_nobody_wants) {
  LookAround look = started_at_zero();
  EXPECT_FALSE(look.next());
  EXPECT_FALSE(look.begin(at(seconds(100))));
  EXPECT_EQ(look.count(), 1U);
}

TEST(LookAround, begins_ten_seconds_after_the_one_before_and_not_earlier) {
  LookAround look = started_at_zero();
  look.want(1);
  EXPECT_EQ(look.next(), at(seconds(10)));
  EXPECT_FALSE(look.begin(at(seconds(10) - microseconds(1))));
  EXPECT_TRUE(look.begin(at(seconds(10))));
  EXPECT_FALSE(look.next());
  EXPECT_EQ(look.count(), 2U);
  EXPECT_EQ(look.own(), 1U);
}

TEST(LookAround, two_that_are_wanted_are_two_and_not_three) {
  LookAround look = started_at_zero();
  look.want(2);
  look.want(1);
  EXPECT_TRUE(look.begin(at(seconds(10))));
  EXPECT_TRUE(look.begin(at(seconds(20))));
  EXPECT_FALSE(look.begin(at(seconds(30))));
}

TEST(LookAround, goes_along_with_the_other_side_once_for_each_of_its_looks) {
  LookAround look = started_at_zero();
  look.hear(1);
  look.hear(1);
  EXPECT_TRUE(look.begin(at(seconds(10))));
  look.hear(1);
  look.hear(0);
  EXPECT_FALSE(look.begin(at(seconds(20))));
  look.hear(3);
  EXPECT_TRUE(look.begin(at(seconds(20))));
  EXPECT_FALSE(look.begin(at(seconds(30))));
}

TEST(LookAround, going_along_is_not_told_as_a_cause_of_our_own) {
  LookAround one = started_at_zero();
  LookAround other = started_at_zero();
  one.want(1);
  ASSERT_TRUE(one.begin(at(seconds(10))));
  other.hear(one.own());
  ASSERT_TRUE(other.begin(at(seconds(10))));
  one.hear(other.own());
  EXPECT_FALSE(one.begin(at(seconds(20))));
}

TEST(LookAround, a_new_generation_forgets_what_was_wanted_and_heard) {
  LookAround look = started_at_zero();
  look.want(2);
  look.hear(5);
  ASSERT_TRUE(look.begin(at(seconds(10))));
  look.start(at(seconds(11)));
  EXPECT_FALSE(look.next());
  EXPECT_EQ(look.own(), 0U);
  look.hear(1);
  EXPECT_EQ(look.next(), at(seconds(21)));
}

}  // namespace
}  // namespace beeline::ice
