#include "beeline/sctp/spare_buffers.h"

#include <gtest/gtest.h>

namespace beeline::sctp {
namespace {

TEST(SpareBuffers, what_was_given_is_taken_again_and_empty) {
  SpareBuffers spares;
  EXPECT_EQ(spares.take().capacity(), 0U);
  spares.give(std::vector<std::uint8_t>(1000, 7));
  const std::vector<std::uint8_t> taken = spares.take();
  EXPECT_TRUE(taken.empty());
  EXPECT_GE(taken.capacity(), 1000U);
  EXPECT_EQ(spares.take().capacity(), 0U);
}

TEST(SpareBuffers, no_more_is_kept_than_a_mebibyte) {
  SpareBuffers spares;
  for (int i = 0; i < 100; ++i) spares.give(std::vector<std::uint8_t>(100'000));
  std::size_t kept = 0;
  for (int i = 0; i < 100; ++i) kept += spares.take().capacity();
  EXPECT_LE(kept, 1024U * 1024);
  EXPECT_GT(kept, 900'000U);
  // What was taken made room.
  spares.give(std::vector<std::uint8_t>(100'000));
  EXPECT_GE(spares.take().capacity(), 100'000U);
}

}  // namespace
}  // namespace beeline::sctp
