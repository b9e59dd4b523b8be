// One direction of a link, and what it does to packets on the way: delay, loss, duplication,
// reordering, a rate, an MTU. Knows sizes and times and no packets, so that the simulator's links
// and the bridge between real networks (apps/beeline/bridge) do the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/sim/trace.h"

namespace beeline::sim {

// A probability in whole millionths, so that every compiler draws the same.
struct Chance {
  std::uint32_t per_million = 0;

  static constexpr Chance percent(std::uint32_t percent) { return {percent * 10'000}; }
  static constexpr Chance always() { return {1'000'000}; }
  // Draws only where the outcome is open.
  bool happens(Random& random) const;
};

// Loss in bursts (Gilbert and Elliott): each packet may start or end a burst, inside of which
// `loss` applies.
struct Bursts {
  Chance start{};
  Chance end = Chance::percent(25);
  Chance loss = Chance::always();
};

// What one direction of a link does. The default does nothing at all.
struct LinkProfile {
  Duration delay{0};
  Duration jitter{0};  // up to this much more; the order stays
  Chance loss{};
  Bursts bursts{};
  Chance duplication{};
  Chance damage{};      // one bit of the payload is flipped, as no checksum noticed
  Chance reordering{};  // such a packet comes up to `reordering_delay` later and is overtaken
  Duration reordering_delay{std::chrono::milliseconds(5)};
  std::uint64_t bits_per_second = 0;     // 0: no limit
  std::size_t queue_bytes = 256 * 1024;  // waiting for the rate; what does not fit is dropped
  // IP header included. What is larger vanishes without a word, or is cut where it may be.
  std::size_t mtu = 1500;
};

// A profile and what it remembers.
class Lane {
 public:
  Lane(const LinkProfile& profile, const Random& random) : profile_(profile), random_(random) {}

  // What is on its way already stays as it is.
  void set_profile(const LinkProfile& profile) { profile_ = profile; }

  // What becomes of a packet of `size` bytes that enters at `now`: dropped, or through at
  // `arrives`, once or twice.
  struct Passage {
    Drop drop = Drop::kNone;
    Instant arrives{};
    bool twice = false;
    std::optional<std::uint32_t> flips{};  // of the packet's bits, counted modulo their number
  };
  // `pieces`: into how many it may be cut at most, each of which has to arrive.
  Passage pass(std::size_t size, Instant now, std::size_t pieces = 1);

 private:
  bool is_lost();
  // When the packet is out; none where the rate's queue is full.
  std::optional<Instant> departure(std::size_t size, Instant now);

  LinkProfile profile_;
  Random random_;
  bool in_burst_ = false;
  std::uint64_t busy_until_ns_ = 0;  // the rate: when the last accepted byte is out
  Instant last_arrival_{};           // what jitter may not overtake
};

}  // namespace beeline::sim
