// One direction of a bridge: frames that wait until they are due. What becomes of each is
// sim::Lane's decision, as on a simulated link. No devices and no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/sim/lane.h"

namespace beeline::cli {

struct LaneCounts {
  std::uint64_t frames_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t lost = 0;
  std::uint64_t queue_full = 0;  // over the rate for too long, or more than is kept
  std::uint64_t doubled = 0;
  Duration latest{0};  // how late a frame left at most
};

class FrameLane {
 public:
  using Frame = std::vector<std::uint8_t>;
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;  // on their way at once

  FrameLane(const sim::LinkProfile& profile, const Random& random) : lane_(profile, random) {}

  // `frame` is copied.
  void enter(Bytes frame, Instant now);
  // A frame that is due, the earliest first; of one moment in the order they came.
  std::optional<Frame> leave(Instant now);
  std::optional<Instant> next_due() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first.first);
  }
  const LaneCounts& counts() const { return counts_; }

 private:
  void keep(Bytes frame, Instant due);

  sim::Lane lane_;
  std::uint64_t next_number_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Frame> waiting_;
  std::size_t bytes_waiting_ = 0;
  LaneCounts counts_;
};

}  // namespace beeline::cli
