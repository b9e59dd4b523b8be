// How often something may happen, and one moment that remembers how often it did (the generic cell
// rate algorithm). For counts of a few a second; bytes a second have turn/token_bucket.
#pragma once

#include <algorithm>
#include <cstdint>

#include "beeline/base/instant.h"

namespace beeline {

// `burst` times at once (at least 1), then once per `interval`.
struct Rate {
  std::uint32_t burst = 1;
  Duration interval{};

  // `used_until` is all that is kept of the past: Instant{} at first, then what use() returned.
  // Once it is not later than now, nothing of the burst is used.
  Instant next(Instant used_until) const { return used_until - (burst - 1) * interval; }
  bool allows(Instant used_until, Instant now) const { return next(used_until) <= now; }
  Instant use(Instant used_until, Instant now) const {
    return std::max(used_until, now) + interval;
  }
};

}  // namespace beeline
