#include "beeline/sctp/tx/cubic.h"

#include <algorithm>
#include <cmath>

namespace beeline::sctp {
namespace {

//= RFC 9438 §4.1
constexpr double kC = 0.4;
constexpr double kBeta = 0.7;

}  // namespace

Cubic::Cubic(std::size_t packet, Duration round_trip)
    : packet_(static_cast<double>(packet)), window_(10 * packet_), round_trip_(round_trip) {}

void Cubic::on_ack(const AckSample& sample, Instant now) {
  if (sample.round_trip.count() > 0) round_trip_ = sample.round_trip;
  if (sample.lost > 0 && sample.delivered >= recovered_at_) return shrink(now, sample);
  if (sample.delivered < recovered_at_ || sample.application_limited) return;
  grow(sample, now);
}

//= RFC 9438 §4.6
void Cubic::shrink(Instant now, const AckSample& sample) {
  //= RFC 9438 §4.7
  greatest_ = window_ < greatest_ ? window_ * (1 + kBeta) / 2 : window_;
  window_ = std::max(window_ * kBeta, 2 * packet_);
  threshold_ = reno_ = window_;
  epoch_ = now;
  recovered_at_ = sample.delivered + sample.in_flight;
}

void Cubic::grow(const AckSample& sample, Instant now) {
  const auto acknowledged = static_cast<double>(sample.acknowledged);
  if (window_ < threshold_) {
    window_ += acknowledged;
    return;
  }
  if (!epoch_) epoch_ = now;
  //= RFC 9438 §4.2
  const double seconds = static_cast<double>((now - *epoch_ + round_trip_).count()) / 1e6;
  const double k = std::cbrt(std::max(greatest_ - threshold_, 0.0) / packet_ / kC);
  const double target = kC * std::pow(seconds - k, 3) * packet_ + greatest_;
  //= RFC 9438 §4.3
  reno_ += 3 * (1 - kBeta) / (1 + kBeta) * packet_ * acknowledged / window_;
  if (target > window_) window_ += std::min((target - window_) / window_, 0.5) * acknowledged;
  window_ = std::max(window_, reno_);
}

//= RFC 9438 §4.8
void Cubic::on_timeout(Instant) {
  threshold_ = std::max(window_ * kBeta, 2 * packet_);
  greatest_ = window_;
  window_ = packet_;
  reno_ = threshold_;
  epoch_.reset();
}

void Cubic::on_new_path(Instant) {
  *this = Cubic(static_cast<std::size_t>(packet_), round_trip_);
}

std::uint64_t Cubic::rate() const {
  const double seconds = std::max(static_cast<double>(round_trip_.count()), 1.0) / 1e6;
  // Somewhat faster than the window alone would have it: what paces is the window.
  return static_cast<std::uint64_t>((window_ < threshold_ ? 2.0 : 1.25) * window_ / seconds);
}

}  // namespace beeline::sctp
