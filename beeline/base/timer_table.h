// The timers of one core: one slot per named timer, no allocation, and the reason of the next
// deadline is readable.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "beeline/base/instant.h"

namespace beeline {

// `Timer` is an enum whose last enumerator is kCount.
template <typename Timer>
class TimerTable {
 public:
  struct Deadline {
    Instant at;
    Timer timer;
  };

  void set(Timer timer, Instant at) { slot(timer) = at; }
  void cancel(Timer timer) { slot(timer).reset(); }
  std::optional<Instant> at(Timer timer) const {
    return deadlines_[static_cast<std::size_t>(timer)];
  }

  // The earliest deadline and whose it is; ties go to the lower enumerator.
  std::optional<Deadline> next() const {
    std::optional<Deadline> best;
    for (std::size_t i = 0; i < kSlots; ++i)
      if (deadlines_[i] && (!best || *deadlines_[i] < best->at))
        best = Deadline{*deadlines_[i], static_cast<Timer>(i)};
    return best;
  }

  // Clears and returns the earliest timer that is due at `now`; none when nothing is due. Call
  // until none.
  std::optional<Timer> pop_due(Instant now) {
    const auto earliest = next();
    if (!earliest || earliest->at > now) return std::nullopt;
    cancel(earliest->timer);
    return earliest->timer;
  }

 private:
  static constexpr std::size_t kSlots = static_cast<std::size_t>(Timer::kCount);
  std::optional<Instant>& slot(Timer timer) { return deadlines_[static_cast<std::size_t>(timer)]; }

  std::array<std::optional<Instant>, kSlots> deadlines_{};
};

}  // namespace beeline
