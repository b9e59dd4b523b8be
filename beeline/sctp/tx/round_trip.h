// The round trip as acknowledgements show it, and how long silence means loss (RFC 9260 §6.3, RFC
// 8985 §7).
#pragma once

#include "beeline/base/instant.h"
#include "beeline/sctp/rules.h"

namespace beeline::sctp {

class RoundTrip {
 public:
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
  Duration timeout() const { return rules::retransmission_timeout(smoothed_, variance_); }

 private:
  Duration smoothed_;
  Duration variance_;
  Duration latest_{};
  bool measured_ = false;
};

}  // namespace beeline::sctp
