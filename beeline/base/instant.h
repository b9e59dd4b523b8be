// Time as the cores know it: a point on a clock that only a host reads, and spans between points.
#pragma once

#include <chrono>
#include <compare>

namespace beeline {

using Duration = std::chrono::microseconds;

// A point in time, counted from an arbitrary start that is the same for all cores of one host.
// Never wall-clock time: it does not jump. Cores receive it, compare it and add to it; they never
// ask for it.
struct Instant {
  Duration since_start{};

  auto operator<=>(const Instant&) const = default;
  friend Instant operator+(Instant at, Duration span) { return {at.since_start + span}; }
  friend Instant operator-(Instant at, Duration span) { return {at.since_start - span}; }
  friend Duration operator-(Instant later, Instant earlier) {
    return later.since_start - earlier.since_start;
  }
};

// Seconds since 1970 (UTC), for the few things that outlive a process: credential expiry,
// certificates, log lines. Cores get it as a value beside `now`, because it may jump.
struct WallTime {
  std::chrono::seconds since_epoch{};
  auto operator<=>(const WallTime&) const = default;
  friend WallTime operator+(WallTime at, std::chrono::seconds span) {
    return {at.since_epoch + span};
  }
};

}  // namespace beeline
