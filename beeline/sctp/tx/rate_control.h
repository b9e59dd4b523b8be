// Congestion control by a model of the path: its rate and its least round trip, as BBR does
// (draft-ietf-ccwg-bbr). Isolated loss says nothing about congestion; loss that stays above
// kLossCeiling of a round does, and then the model goes back to what was delivered.
#pragma once

#include <cstdint>

#include "beeline/sctp/tx/congestion.h"
#include "beeline/sctp/tx/windowed_max.h"

namespace beeline::sctp {

//   startup ──rate grows no more──▶ drain ──queue empty──▶ cruise ◀──▶ probe round trip (each 10 s)
class RateControl final : public CongestionControl {
 public:
  // Of the bytes of a round, in percent.
  static constexpr std::uint64_t kLossCeiling = 5;

  RateControl(std::size_t packet, Duration round_trip);

  void on_ack(const AckSample& sample, Instant now) override;
  void on_timeout(Instant now) override;
  void on_new_path(Instant now) override;
  std::uint64_t window() const override;
  std::uint64_t rate() const override;
  std::string_view name() const override { return "rate"; }

 private:
  enum class Phase : std::uint8_t { kStartup, kDrain, kCruise, kProbeRoundTrip };

  // The path was seen to carry no more.
  bool is_full() const { return rounds_without_growth_ >= 3; }
  bool is_round_over(const AckSample& sample);
  void end_round(Instant now);
  void judge_losses();
  void judge_growth();
  void update_rate(const AckSample& sample);
  void update_round_trip(const AckSample& sample, Instant now);
  void update_phase(const AckSample& sample, Instant now);
  void begin_cruise(Instant now);
  void next_cruise_step(const AckSample& sample, Instant now);
  std::uint64_t bandwidth_delay(double gain) const;
  std::uint64_t least_rate() const;

  std::uint64_t packet_;
  Phase phase_ = Phase::kStartup;
  WindowedMax rate_;  // bytes per second, of the last rounds
  std::uint64_t latest_rate_ = 0;
  Duration guess_;
  Duration least_round_trip_;
  bool round_trip_known_ = false;
  Instant least_seen_;
  double pacing_gain_;
  double window_gain_;

  std::uint64_t round_ = 0;
  std::uint64_t round_ends_ = 0;  // in bytes delivered
  std::uint64_t acknowledged_in_round_ = 0;
  std::uint64_t lost_in_round_ = 0;
  std::uint64_t rate_in_round_ = 0;
  Duration least_in_round_ = Duration::max();
  bool limited_in_round_ = false;
  std::uint64_t full_rate_ = 0;
  int rounds_without_growth_ = 0;
  // Where loss began to stay above the ceiling; none: 0.
  std::uint64_t window_ceiling_ = 0;
  std::uint64_t contested_until_ = 0;  // up to this round somebody else fills the queue
  std::uint64_t reset_again_ = 0;      // from this round on losses may make the model forget

  std::size_t cruise_step_ = 0;
  Instant step_began_;
  Instant probe_until_;
  bool timed_out_ = false;
};

}  // namespace beeline::sctp
