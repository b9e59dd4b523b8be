// The round trip as acknowledgements show it, and how long silence means loss (RFC 9260 §6.3, RFC
// 8985 §7).
#pragma once

#include <algorithm>
#include <chrono>

#include "beeline/base/instant.h"

namespace beeline::sctp {

class RoundTrip {
 public:
  //= RFC 9260 §16
  // Of what the RFC gives, the ceiling only: its least timeout of one second stems from paths that
  // had no other timer (see decision 0008).
  static constexpr Duration kLeastTimeout = std::chrono::milliseconds(100);
  static constexpr Duration kMostTimeout = std::chrono::seconds(10);
  // How long the other side may keep an acknowledgement back.
  static constexpr Duration kMostAckDelay = std::chrono::milliseconds(200);

  // `guess`: what ICE measured, or a default.
  explicit RoundTrip(Duration guess) : smoothed_(guess), variance_(guess / 2) {}

  void sample(Duration round_trip) {
    latest_ = round_trip;
    if (!measured_) {
      smoothed_ = round_trip;
      variance_ = round_trip / 2;
      measured_ = true;
      return;
    }
    const Duration error = round_trip > smoothed_ ? round_trip - smoothed_ : smoothed_ - round_trip;
    variance_ += (error - variance_) / 4;
    smoothed_ += (round_trip - smoothed_) / 8;
  }
  // Another path: what was learned counts as a guess again.
  void forget(Duration guess) { *this = RoundTrip(guess); }

  Duration smoothed() const { return smoothed_; }
  Duration latest() const { return latest_; }
  bool is_measured() const { return measured_; }
  Duration timeout() const {
    return std::clamp(smoothed_ + 4 * variance_, kLeastTimeout, kMostTimeout);
  }

 private:
  Duration smoothed_;
  Duration variance_;
  Duration latest_{};
  bool measured_ = false;
};

}  // namespace beeline::sctp
