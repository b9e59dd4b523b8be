#include "beeline/sctp/tx/rate_control.h"

#include <gtest/gtest.h>

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPacket = 1160;

// Found by seed 498 of random data calls: after a minute of sleep the next packet was due in eight.
TEST(RateControl, a_path_that_stood_still_is_tried_at_the_least_rate) {
  RateControl control(kPacket, 100ms);
  control.on_ack({.acknowledged = 10 * kPacket,
                  .delivered = 10 * kPacket,
                  .round_trip = 100ms,
                  .rate_bytes = 10 * kPacket,
                  .rate_interval = 100ms},
                 Instant{1s});
  // One packet came through in all that time, and the others are taken for lost.
  control.on_ack({.acknowledged = kPacket,
                  .lost = 9 * kPacket,
                  .delivered = 11 * kPacket,
                  .rate_bytes = kPacket,
                  .rate_interval = 60s,
                  .delivered_before = 10 * kPacket},
                 Instant{61s});
  EXPECT_EQ(control.window(), 4 * kPacket);
  EXPECT_EQ(control.rate(), 4 * kPacket * 10);
}

}  // namespace
}  // namespace beeline::sctp
