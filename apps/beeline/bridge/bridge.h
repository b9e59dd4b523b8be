// Joins two TAP devices, and does to what goes through what the two profiles say, one for each
// direction. One thread, one ppoll; frames leave when they are due.
#pragma once

#include <array>
#include <expected>
#include <functional>
#include <string>

#include "apps/beeline/bridge/frame_lane.h"
#include "apps/beeline/bridge/tap.h"

namespace beeline::cli {

struct BridgeSettings {
  std::array<TapPlace, 2> ends;
  // From the first end to the second, and back.
  std::array<sim::LinkProfile, 2> profiles;
  std::uint64_t seed = 1;
};

class Bridge {
 public:
  // What has gone through so far; the counts are those of the directions in BridgeSettings.
  using Tell = std::function<void(const LaneCounts&, const LaneCounts&)>;

  // The error is a sentence for people.
  static std::expected<Bridge, std::string> open(const BridgeSettings& settings);

  // Until SIGINT or SIGTERM (none), or a device goes away (a sentence). `tell` is called at each
  // SIGUSR1. Blocks these signals for the process.
  std::optional<std::string> run(const Tell& tell);

  std::array<LaneCounts, 2> counts() const { return {lanes_[0].counts(), lanes_[1].counts()}; }
  // Whether frames leave on time even on a machine that is busy.
  bool is_real_time() const { return real_time_; }

 private:
  Bridge(const BridgeSettings& settings, net::FileDescriptor first, net::FileDescriptor second);
  bool read_frames(std::size_t from, Instant now);
  void write_due(std::size_t lane, Instant now);

  std::array<net::FileDescriptor, 2> devices_;
  std::array<FrameLane, 2> lanes_;
  net::FileDescriptor signals_;
  bool real_time_ = false;
};

}  // namespace beeline::cli
