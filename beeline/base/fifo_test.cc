#include "beeline/base/fifo.h"

#include <gtest/gtest.h>

#include <memory>

namespace beeline {
namespace {

TEST(Fifo, gives_back_in_order_what_was_put_in) {
  Fifo<int> fifo;
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 1000; ++round) {
    for (int i = 0; i < round % 7 + 1; ++i, ++next_in) EXPECT_EQ(fifo.push(next_in), next_in);
    for (int i = 0; i < round % 5 + 1; ++i)
      if (const auto item = fifo.pop()) {
        EXPECT_EQ(*item, next_out++);
      }
    for (std::size_t i = 0; i < fifo.size(); ++i)
      ASSERT_EQ(fifo[i], next_out + static_cast<int>(i));
  }
  EXPECT_EQ(fifo.size(), static_cast<std::size_t>(next_in - next_out));
  while (const auto item = fifo.pop()) EXPECT_EQ(*item, next_out++);
  EXPECT_EQ(next_in, next_out);
  EXPECT_TRUE(fifo.empty());
  EXPECT_FALSE(fifo.pop());
}

TEST(Fifo, an_item_ends_when_it_is_dropped) {
  const auto counted = std::make_shared<int>();
  Fifo<std::shared_ptr<int>> fifo;
  for (int i = 0; i < 20; ++i) fifo.push(counted);
  EXPECT_EQ(counted.use_count(), 21);
  for (int i = 0; i < 5; ++i) fifo.drop();
  EXPECT_EQ(counted.use_count(), 16);
  fifo.clear();
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(Fifo, begins_anew_after_it_was_large) {
  Fifo<std::vector<int>> fifo;
  for (int i = 0; i < 5000; ++i) fifo.push({i});
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(fifo.pop()->front(), i);
  fifo.push({7});
  EXPECT_EQ(fifo.front().front(), 7);
  EXPECT_EQ(fifo.back().front(), 7);
}

TEST(FifoDeathTest, a_free_place_is_no_item) {
  Fifo<int> fifo;
  fifo.push(1);
  EXPECT_DEATH(fifo[1], "a place of the queue");
  fifo.drop();
  EXPECT_DEATH(fifo.front(), "a place of the queue");
  EXPECT_DEATH(fifo.drop(), "something to drop");
}

}  // namespace
}  // namespace beeline
