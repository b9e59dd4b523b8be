#include "beeline/sctp/tx/rate_control.h"

#include <algorithm>
#include <array>

namespace beeline::sctp {
namespace {

constexpr std::uint64_t kRateRounds = 10;
constexpr Duration kRoundTripHolds = std::chrono::seconds(10);
constexpr Duration kProbeTime = std::chrono::milliseconds(200);
// Of the path's content, while the round trip is looked for. Where another flow keeps a queue, it
// does not run empty beside half of that, and what waits there would be taken for the path.
constexpr double kProbeWindowGain = 0.25;
// 2/ln 2: the smallest gain that doubles the rate each round.
constexpr double kStartupGain = 2.885;
// With what groups need besides, twice the path is where a queue that holds as much as the path is
// kept by whoever has it: with more, one takes it from who gives way to loss; with less, one is
// pushed out by who does not. Losses tell the two apart.
constexpr double kCruiseWindowGain = 1.85;
constexpr double kContestedWindowGain = 2.0;
// A quarter more to see whether there is more, then a quarter less to clear what that queued.
constexpr std::array<double, 8> kCruiseGains{1.25, 0.75, 1, 1, 1, 1, 1, 1};
// Of what was delivered in a round trip, where loss stays above the ceiling: what was lost besides
// was under way as well.
constexpr double kCeilingGain = 1.1;
// Between two times that losses make the model forget what it knew. Beside who fills queues and
// cares for no loss, giving way each time would be giving up.
constexpr std::uint64_t kRoundsBetweenResets = 25;
// After a round of such losses; who fills queues whatever is lost causes them more often.
constexpr std::uint64_t kRoundsContested = 25;
constexpr std::uint64_t kLeastPackets = 4;
constexpr std::uint64_t kFirstPackets = 10;
constexpr Duration kShortestRound = std::chrono::milliseconds(1);
constexpr Duration kLongestRound = std::chrono::milliseconds(500);
// What acknowledgements that come in groups need beyond the path's own content.
constexpr std::uint64_t kGroups = 3;
constexpr std::uint64_t kMostAtOnce = 48 * 1024;

}  // namespace

RateControl::RateControl(std::size_t packet, Duration round_trip)
    : packet_(packet),
      rate_(kRateRounds),
      guess_(std::max<Duration>(round_trip, std::chrono::microseconds(50))),
      least_round_trip_(guess_),
      pacing_gain_(kStartupGain),
      window_gain_(kStartupGain) {}

void RateControl::on_ack(const AckSample& sample, Instant now) {
  timed_out_ = false;
  acknowledged_in_round_ += sample.acknowledged;
  lost_in_round_ += sample.lost;
  update_rate(sample);
  update_round_trip(sample, now);
  if (is_round_over(sample)) end_round(now);
  update_phase(sample, now);
}

bool RateControl::is_round_over(const AckSample& sample) {
  if (sample.rate_bytes == 0 || sample.delivered_before < round_ends_) return false;
  round_ends_ = sample.delivered;
  ++round_;
  return true;
}

void RateControl::update_rate(const AckSample& sample) {
  if (sample.rate_bytes == 0 || sample.rate_interval.count() <= 0) return;
  // Faster than a round trip allows is an illusion of acknowledgements that came together.
  if (round_trip_known_ && sample.rate_interval < least_round_trip_) return;
  latest_rate_ =
      sample.rate_bytes * 1'000'000 / static_cast<std::uint64_t>(sample.rate_interval.count());
  rate_in_round_ = std::max(rate_in_round_, latest_rate_);
  if (sample.application_limited) limited_in_round_ = true;
  if (!sample.application_limited || latest_rate_ > rate_.value())
    rate_.update(latest_rate_, round_);
}

void RateControl::update_round_trip(const AckSample& sample, Instant now) {
  if (sample.round_trip.count() <= 0) return;
  least_in_round_ = std::min(least_in_round_, sample.round_trip);
  if (!round_trip_known_ || sample.round_trip <= least_round_trip_) {
    least_round_trip_ = sample.round_trip;
    round_trip_known_ = true;
    least_seen_ = now;
  }
}

void RateControl::end_round(Instant now) {
  judge_losses();
  if (phase_ == Phase::kStartup) judge_growth();
  if (phase_ == Phase::kStartup && rounds_without_growth_ >= 3) {
    phase_ = Phase::kDrain;
    pacing_gain_ = 1 / kStartupGain;
    window_gain_ = kCruiseWindowGain;
    step_began_ = now;
  }
  acknowledged_in_round_ = lost_in_round_ = rate_in_round_ = 0;
  limited_in_round_ = false;
  least_in_round_ = Duration::max();
}

void RateControl::judge_losses() {
  const std::uint64_t all = acknowledged_in_round_ + lost_in_round_;
  const bool above = lost_in_round_ >= 3 * packet_ && lost_in_round_ * 100 > all * kLossCeiling;
  if (!above) {
    // A little more each round, until the model alone decides again.
    if (window_ceiling_ != 0) window_ceiling_ += std::max(packet_, window_ceiling_ / 8);
    if (window_ceiling_ > bandwidth_delay(kContestedWindowGain)) window_ceiling_ = 0;
    return;
  }
  contested_until_ = round_ + kRoundsContested;
  if (phase_ == Phase::kStartup) rounds_without_growth_ = 3;
  if (rate_in_round_ != 0 && round_ >= reset_again_) {
    rate_.reset(rate_in_round_, round_);
    reset_again_ = round_ + kRoundsBetweenResets;
  }
  // What was delivered in a round trip, which has in it what others keep queued: less than that
  // would leave the path to them.
  const auto delivered = static_cast<double>(acknowledged_in_round_) * kCeilingGain;
  window_ceiling_ = std::max(static_cast<std::uint64_t>(delivered), kLeastPackets * packet_);
}

void RateControl::judge_growth() {
  if (limited_in_round_) return;
  if (rate_.value() * 4 >= full_rate_ * 5) {
    full_rate_ = rate_.value();
    rounds_without_growth_ = 0;
    return;
  }
  // With a queue besides, the path is full beyond doubt; without, it may be the sender's pace.
  rounds_without_growth_ += least_in_round_ > least_round_trip_ * 5 / 4 ? 3 : 1;
}

void RateControl::update_phase(const AckSample& sample, Instant now) {
  if (phase_ == Phase::kDrain && sample.in_flight <= bandwidth_delay(1)) begin_cruise(now);
  if (phase_ == Phase::kCruise) next_cruise_step(sample, now);
  if (phase_ == Phase::kProbeRoundTrip) {
    if (now < probe_until_) return;
    least_seen_ = now;
    begin_cruise(now);
    return;
  }
  if (!round_trip_known_ || now - least_seen_ <= kRoundTripHolds) return;
  // Nothing as short for long: either the path changed or a queue never emptied. Look.
  phase_ = Phase::kProbeRoundTrip;
  pacing_gain_ = 1;
  window_gain_ = kProbeWindowGain;
  probe_until_ = now + kProbeTime;
  least_round_trip_ = sample.round_trip.count() > 0 ? sample.round_trip : least_round_trip_;
}

void RateControl::begin_cruise(Instant now) {
  phase_ = rounds_without_growth_ >= 3 ? Phase::kCruise : Phase::kStartup;
  pacing_gain_ = phase_ == Phase::kCruise ? 1 : kStartupGain;
  window_gain_ = phase_ == Phase::kCruise ? kCruiseWindowGain : kStartupGain;
  // Not all flows of a bottleneck are to begin with the step that pushes.
  cruise_step_ = 2 + static_cast<std::size_t>(now.since_start.count() % 6);
  step_began_ = now;
}

void RateControl::next_cruise_step(const AckSample& sample, Instant now) {
  const double gain = kCruiseGains[cruise_step_];
  bool over = now - step_began_ > least_round_trip_;
  // Pushing lasts until it had an effect; clearing ends when there is nothing left to clear.
  if (gain > 1) over = over && (sample.lost > 0 || sample.in_flight >= bandwidth_delay(gain));
  if (gain > 1 && now - step_began_ > 2 * least_round_trip_) over = true;
  // As long as it takes: what one push queued must not be there at the next.
  if (gain < 1)
    over = sample.in_flight <= bandwidth_delay(1) || now - step_began_ > 4 * least_round_trip_;
  if (!over) return;
  cruise_step_ = (cruise_step_ + 1) % kCruiseGains.size();
  step_began_ = now;
  pacing_gain_ = kCruiseGains[cruise_step_];
}

void RateControl::on_timeout(Instant) {
  timed_out_ = true;
}

void RateControl::on_new_path(Instant now) {
  *this = RateControl(packet_, guess_);
  least_seen_ = now;
}

std::uint64_t RateControl::bandwidth_delay(double gain) const {
  const double bytes = static_cast<double>(rate_.value()) *
                       static_cast<double>(least_round_trip_.count()) / 1e6 * gain;
  return static_cast<std::uint64_t>(bytes);
}

std::uint64_t RateControl::window() const {
  //= RFC 9260 §7.2.3
  if (timed_out_) return packet_;
  //= RFC 9260 §7.2.1
  // Ten packets to begin with, as RFC 6928 has it, and until the path is known: what little was
  // sent shows how little there was to say.
  const bool probing = phase_ == Phase::kProbeRoundTrip;
  const std::uint64_t least = (is_full() || probing ? kLeastPackets : kFirstPackets) * packet_;
  if (rate_.value() == 0) return kFirstPackets * packet_;
  const bool contested = phase_ == Phase::kCruise && round_ < contested_until_;
  std::uint64_t window = bandwidth_delay(contested ? kContestedWindowGain : window_gain_);
  if (probing) return std::max(window, least);
  // The path's content and a few groups; groups are as large as a burst, but for slow paths.
  window += std::clamp(kGroups * rate_.value() / 1000, kGroups * packet_, kGroups * kMostAtOnce);
  if (window_ceiling_ != 0) window = std::min(window, window_ceiling_);
  return std::max(window, least);
}

std::uint64_t RateControl::rate() const {
  const std::uint64_t initial =
      kFirstPackets * packet_ * 1'000'000 /
      static_cast<std::uint64_t>(std::max<std::int64_t>(least_round_trip_.count(), 1));
  const std::uint64_t floor = is_full() && rate_.value() != 0 ? 0 : initial;
  const std::uint64_t known = std::max(rate_.value(), floor);
  return std::max(static_cast<std::uint64_t>(static_cast<double>(known) * pacing_gain_),
                  least_rate());
}

// The least window each round trip. A path that stood still for a minute shows a rate of nothing,
// and at that rate nothing would ever be sent that shows another.
std::uint64_t RateControl::least_rate() const {
  const auto round_trip = std::clamp(least_round_trip_, kShortestRound, kLongestRound);
  return kLeastPackets * packet_ * 1'000'000 / static_cast<std::uint64_t>(round_trip.count());
}

}  // namespace beeline::sctp
