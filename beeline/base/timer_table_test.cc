#include "beeline/base/timer_table.h"

#include <gtest/gtest.h>

namespace beeline {
namespace {

enum class Timer { kRetransmit, kExpire, kCount };
constexpr Instant at(int microseconds) {
  return Instant{Duration(microseconds)};
}

TEST(TimerTable, fires_at_the_deadline_and_not_a_microsecond_before) {
  TimerTable<Timer> timers;
  timers.set(Timer::kExpire, at(100));
  EXPECT_EQ(timers.pop_due(at(99)), std::nullopt);
  EXPECT_EQ(timers.pop_due(at(100)), Timer::kExpire);
  EXPECT_EQ(timers.pop_due(at(100)), std::nullopt);
  EXPECT_FALSE(timers.next());
}

TEST(TimerTable, the_next_deadline_says_whose_it_is) {
  TimerTable<Timer> timers;
  timers.set(Timer::kRetransmit, at(50));
  timers.set(Timer::kExpire, at(40));
  EXPECT_EQ(timers.next()->timer, Timer::kExpire);
  timers.set(Timer::kExpire, at(60));
  EXPECT_EQ(timers.next()->timer, Timer::kRetransmit);
  timers.cancel(Timer::kRetransmit);
  EXPECT_EQ(timers.next()->at, at(60));
}

}  // namespace
}  // namespace beeline
