// How much of a path data gets, in virtual time: no figure here depends on the machine.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "beeline/sctp/test_pair.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

// Megabytes per second over `span`, of messages of 64 KiB.
double speed(const WireRules& rules, CongestionModel congestion, Duration span) {
  Settings settings;
  settings.congestion = congestion;
  TestPair pair(rules, settings, settings);
  pair.b.keep = false;
  pair.connect();
  const Instant began = pair.now;
  const std::uint64_t before = pair.b.received_bytes;
  pair.run_until(
      [&] {
        while (pair.a.association.unsent() < 1024 * 1024)
          if (!pair.send(pair.a, 1, std::vector<std::uint8_t>(64 * 1024))) return true;
        return pair.now - began >= span;
      },
      span);
  return static_cast<double>(pair.b.received_bytes - before) /
         static_cast<double>((pair.now - began).count());
}

TEST(Speed, isolated_loss_does_not_slow_the_rate_model) {
  const WireRules clean{.delay = 20ms, .rate = 20'000'000, .queue = 400'000};
  WireRules lossy = clean;
  lossy.loss = 0.01;
  const double without = speed(clean, CongestionModel::kRate, 10s);
  const double with = speed(lossy, CongestionModel::kRate, 10s);
  const double cubic = speed(lossy, CongestionModel::kCubic, 10s);
  RecordProperty("megabytes_per_second",
                 fmt::format("{:.2f} clean, {:.2f} lossy, cubic {:.2f}", without, with, cubic));
  fmt::print("{:.2f} clean, {:.2f} lossy, cubic {:.2f}\n", without, with, cubic);
  EXPECT_GT(without, 0.85 * 20);
  EXPECT_GT(with, 0.75 * 20);
  EXPECT_LT(cubic, 0.2 * 20);
}

TEST(Speed, loss_above_the_ceiling_does) {
  const WireRules wire{.delay = 20ms, .loss = 0.2, .rate = 20'000'000, .queue = 400'000};
  const double got = speed(wire, CongestionModel::kRate, 10s);
  fmt::print("{:.2f} at 20 % loss\n", got);
  EXPECT_LT(got, 0.5 * 20);
  EXPECT_GT(got, 0.01);
}

}  // namespace
}  // namespace beeline::sctp
