#include "beeline/base/deadline_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace beeline {
namespace {

constexpr Instant at(int microseconds) {
  return Instant{Duration(microseconds)};
}

TEST(DeadlineQueue, gives_back_what_is_due_in_order_and_follows_moves) {
  DeadlineQueue<std::string> queue;
  queue.set("a", at(10));
  queue.set("b", at(20));
  queue.set("c", at(30));
  queue.set("a", at(25));
  queue.cancel("c");
  queue.cancel("nobody");
  EXPECT_EQ(queue.next(), at(20));
  EXPECT_EQ(queue.pop_due(at(19)), std::nullopt);
  EXPECT_EQ(queue.pop_due(at(30)), "b");
  EXPECT_EQ(queue.pop_due(at(30)), "a");
  EXPECT_EQ(queue.pop_due(at(99)), std::nullopt);
  EXPECT_EQ(queue.next(), std::nullopt);
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace beeline
