// The greatest value of the last so many rounds, in constant space (the three best candidates, as
// in Kathleen Nichols' filter).
#pragma once

#include <array>
#include <cstdint>

namespace beeline::sctp {

class WindowedMax {
 public:
  explicit WindowedMax(std::uint64_t rounds) : rounds_(rounds) {}

  std::uint64_t value() const { return best_[0].value; }
  void reset(std::uint64_t value, std::uint64_t round) { best_.fill({value, round}); }

  void update(std::uint64_t value, std::uint64_t round) {
    if (value >= best_[0].value || round - best_[2].round > rounds_) return reset(value, round);
    if (value >= best_[1].value)
      best_[1] = best_[2] = {value, round};
    else if (value >= best_[2].value)
      best_[2] = {value, round};
    age({value, round});
  }

 private:
  struct Sample {
    std::uint64_t value = 0;
    std::uint64_t round = 0;
  };

  // The second best becomes the best once that is too old; and the later ones are of later quarters
  // of the window, so that they differ in age.
  void age(Sample latest) {
    const std::uint64_t since = latest.round - best_[0].round;
    if (since > rounds_) {
      best_ = {best_[1], best_[2], latest};
      if (latest.round - best_[0].round > rounds_) best_ = {best_[1], best_[2], latest};
    } else if (best_[1].round == best_[0].round && since > rounds_ / 4) {
      best_[1] = best_[2] = latest;
    } else if (best_[2].round == best_[1].round && since > rounds_ / 2) {
      best_[2] = latest;
    }
  }

  std::uint64_t rounds_;
  std::array<Sample, 3> best_{};
};

}  // namespace beeline::sctp
