// CUBIC (RFC 9438), for comparison with tx/rate_control: a window that loss shrinks.
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/sctp/tx/congestion.h"

namespace beeline::sctp {

class Cubic final : public CongestionControl {
 public:
  Cubic(std::size_t packet, Duration round_trip);

  void on_ack(const AckSample& sample, Instant now) override;
  void on_timeout(Instant now) override;
  void on_new_path(Instant now) override;
  std::uint64_t window() const override { return static_cast<std::uint64_t>(window_); }
  std::uint64_t rate() const override;
  std::string_view name() const override { return "cubic"; }

 private:
  void shrink(Instant now, const AckSample& sample);
  void grow(const AckSample& sample, Instant now);

  double packet_;
  double window_;
  double threshold_ = 1e18;
  double greatest_ = 0;  // where loss was last met
  double reno_ = 0;      // what Reno would have
  std::optional<Instant> epoch_;
  std::uint64_t recovered_at_ = 0;  // in bytes delivered: no second shrinking before
  Duration round_trip_;
};

}  // namespace beeline::sctp
