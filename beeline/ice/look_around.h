// When everything that failed is tried anew: at most once in 10 s, for a cause of ours or because
// the other side does, which its checks say. Two that look at the same time open their NATs for
// each other; one alone may not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/ice/rules.h"

namespace beeline::ice {

class LookAround {
 public:
  LookAround() = default;

  // A new generation: its first look begins now.
  void start(Instant now) { *this = LookAround{now}; }
  // The look that is in progress only begins now.
  void move_start(Instant now) { began_ = now; }

  // `times` more, for a cause of ours.
  void want(int times) { wanted_ = std::max(wanted_, times); }
  // A check said how many looks the other side has begun for causes of its own.
  void hear(std::uint32_t told) {
    if (told <= heard_) return;
    heard_ = told;
    wanted_of_us_ = true;
  }

  // Whether one that is wanted begins now.
  bool begin(Instant now) {
    if (!is_wanted() || !rules::may_look_again(began_, now)) return false;
    if (wanted_ > 0) {
      --wanted_;
      ++own_;
    }
    wanted_of_us_ = false;
    began_ = now;
    ++count_;
    return true;
  }
  std::optional<Instant> next() const {
    return is_wanted() ? std::optional(began_ + rules::kLookInterval) : std::nullopt;
  }

  // In this generation, with the first.
  std::uint64_t count() const { return count_; }
  // Those that had a cause of ours, without the first: what our checks say. A look of both that is
  // not counted cannot make the other side begin one more.
  std::uint32_t own() const { return own_; }

 private:
  explicit LookAround(Instant now) : began_(now) {}
  bool is_wanted() const { return wanted_ > 0 || wanted_of_us_; }

  Instant began_;
  int wanted_ = 0;
  bool wanted_of_us_ = false;
  std::uint64_t count_ = 1;
  std::uint32_t own_ = 0;
  std::uint32_t heard_ = 0;
};

}  // namespace beeline::ice
