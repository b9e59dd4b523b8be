// How many bytes the other side may have under way to us: as many as the path carries, no more than
// we are willing to hold.
#pragma once

#include <algorithm>
#include <cstdint>

#include "beeline/base/instant.h"
#include "beeline/sctp/rules.h"

namespace beeline::sctp {

// Grows while half of it arrives within a round trip: then it, and not the path, is the limit.
class ReceiveWindow {
 public:
  static constexpr std::size_t kFirst = 1024 * 1024;

  explicit ReceiveWindow(std::size_t most) : size_(std::min(kFirst, most)), most_(most) {}

  std::size_t size() const { return size_; }
  // What to tell the other side while `held` bytes wait here, for order or for the application.
  std::uint32_t open(std::size_t held) const { return rules::window_to_tell(size_, held); }
  void arrived(std::size_t bytes, Duration round_trip, Instant now) {
    if (now - round_began_ > round_trip) {
      round_began_ = now;
      in_round_ = 0;
    }
    in_round_ += bytes;
    if (!rules::window_grows(in_round_, size_)) return;
    size_ = std::min(2 * size_, most_);
    round_began_ = now;
    in_round_ = 0;
  }

 private:
  std::size_t size_;
  std::size_t most_;
  std::size_t in_round_ = 0;
  Instant round_began_;
};

}  // namespace beeline::sctp
