// A token bucket: so many units a second, with room for a burst.
#pragma once

#include <algorithm>
#include <cstdint>

#include "beeline/base/instant.h"

namespace beeline::turn {

class TokenBucket {
 public:
  TokenBucket(std::uint64_t per_second, std::uint64_t burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // Takes `count` tokens; false, and nothing taken, where there are fewer.
  bool take(std::uint64_t count, Instant now) {
    const auto elapsed =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - filled_).count()));
    const std::uint64_t fresh = std::min(elapsed, kLongest) * per_second_ / kLongest;
    if (fresh > 0) {
      tokens_ = std::min(burst_, tokens_ + fresh);
      filled_ = now;
    }
    if (tokens_ < count) return false;
    tokens_ -= count;
    return true;
  }

 private:
  static constexpr std::uint64_t kLongest =
      1'000'000;  // microseconds: more than a second never counts at once
  std::uint64_t per_second_;
  std::uint64_t burst_;
  std::uint64_t tokens_;
  Instant filled_{};
};

}  // namespace beeline::turn
