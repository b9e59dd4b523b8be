#include "beeline/sctp/tx/rate_control.h"

#include <gtest/gtest.h>

#include <algorithm>

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

// A round of `acknowledged` and `lost` packets in `round_trip`; all before it was delivered.
AckSample round_of(std::uint64_t acknowledged, std::uint64_t lost, std::uint64_t before,
                   Duration round_trip) {
  return {.acknowledged = acknowledged * kPacket,
          .lost = lost * kPacket,
          .delivered = (before + acknowledged) * kPacket,
          .in_flight = acknowledged * kPacket,
          .round_trip = round_trip,
          .rate_bytes = acknowledged * kPacket,
          .rate_interval = round_trip,
          .delivered_before = before * kPacket};
}

// What others keep in the queue is in a round trip as well: to go down to what the empty path holds
// was to leave nearly all of it to BBR.
TEST(RateControl, where_much_is_lost_the_window_is_little_more_than_what_was_delivered) {
  RateControl control(kPacket, 40ms);
  control.on_ack(round_of(100, 0, 0, 40ms), Instant{1s});
  control.on_ack(round_of(90, 10, 100, 60ms), Instant{1060ms});
  EXPECT_EQ(control.window(), 99 * kPacket);
}

TEST(RateControl, losses_again_and_again_do_not_halve_the_rate_again_and_again) {
  RateControl control(kPacket, 40ms);
  control.on_ack(round_of(100, 0, 0, 40ms), Instant{1s});
  control.on_ack(round_of(90, 10, 100, 80ms), Instant{1080ms});
  const std::uint64_t once = control.rate();
  control.on_ack(round_of(45, 10, 190, 80ms), Instant{1160ms});
  EXPECT_GE(control.rate(), once);
  EXPECT_EQ(control.window(), 45 * kPacket * 11 / 10);
}

// Beside CUBIC, which gives way to loss, the larger window had seven tenths of the path.
TEST(RateControl, the_window_is_smaller_where_nobody_fills_the_queue_whatever_is_lost) {
  RateControl control(kPacket, 40ms);
  Instant now{1s};
  std::uint64_t before = 0;
  const auto rounds = [&](int count, std::uint64_t lost) {
    for (int i = 0; i < count; ++i, before += 100, now = now + 40ms)
      control.on_ack(round_of(100, lost, before, 40ms), now);
    return control.window();
  };
  const std::uint64_t alone = rounds(8, 0);
  EXPECT_GE(alone, 190 * kPacket);
  EXPECT_LT(alone, 200 * kPacket);
  rounds(1, 10);
  EXPECT_GE(rounds(20, 0), 200 * kPacket);
  EXPECT_EQ(rounds(6, 0), alone);
}

// A path of 40 ms that holds 200 packets and lets others wait, beside a flow that keeps 160 there.
class SharedPath {
 public:
  Duration round_trip() const { return std::max<Duration>(40ms, 40ms * (in_flight_ + 160) / 200); }

  void pass_round() {
    const Duration took = round_trip();
    now_ = now_ + took;
    control_.on_ack(round_of(in_flight_, 0, before_, took), now_);
    before_ += in_flight_;
    const std::uint64_t paced =
        control_.rate() * static_cast<std::uint64_t>(took.count()) / 1'000'000;
    in_flight_ = std::min(control_.window(), paced) / kPacket;
  }

  Instant now() const { return now_; }

 private:
  RateControl control_{kPacket, 40ms};
  Instant now_{1s};
  std::uint64_t before_ = 0;
  std::uint64_t in_flight_ = 10;
};

// With half of the path's content under way it saw 44 ms or more, took that for the path, and had
// seven tenths of a link beside CUBIC.
TEST(RateControl, a_queue_that_another_keeps_is_not_taken_for_the_path) {
  SharedPath path;
  while (path.now() < Instant{9s}) path.pass_round();
  EXPECT_GT(path.round_trip(), 50ms);
  Duration least = 1s;
  for (; path.now() < Instant{13s}; path.pass_round()) least = std::min(least, path.round_trip());
  EXPECT_EQ(least, 40ms);
}

}  // namespace
}  // namespace beeline::sctp
