// When the next packet may leave, so that a window does not leave as one burst.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/sctp/rules.h"

namespace beeline::sctp {

// Lets `quantum()` bytes go at once and then keeps to the rate.
class Pacer {
 public:
  explicit Pacer(std::size_t packet) : packet_(packet) {}

  // Bytes per second.
  void set_rate(std::uint64_t rate) { rate_ = std::max<std::uint64_t>(rate, 1); }
  std::uint64_t quantum() const { return rules::leaves_at_once(rate_, packet_); }
  bool may_send(Instant now) const { return next_ <= now; }
  void sent(std::size_t bytes, Instant now) {
    next_ = std::max(next_, now - time_of(quantum())) + time_of(bytes);
  }
  // When to come back after may_send() said no: half a quantum later, so that packets leave in
  // groups.
  Instant wake() const { return next_ + time_of(quantum() / 2); }

 private:
  Duration time_of(std::uint64_t bytes) const {
    return Duration(static_cast<std::int64_t>(bytes * 1'000'000 / rate_));
  }

  std::size_t packet_;
  std::uint64_t rate_ = 1'000'000;
  Instant next_;
};

}  // namespace beeline::sctp
