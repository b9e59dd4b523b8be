#include "beeline/sim/lane.h"

#include <algorithm>

namespace beeline::sim {
namespace {

Duration up_to(Duration most, Random& random) {
  if (most <= Duration(0)) return Duration(0);
  return Duration(random.below(static_cast<std::uint32_t>(most.count()) + 1));
}

std::uint64_t nanoseconds(Instant at) {
  return static_cast<std::uint64_t>(at.since_start.count()) * 1000;
}

}  // namespace

bool Chance::happens(Random& random) const {
  if (per_million == 0) return false;
  return per_million >= 1'000'000 || random.below(1'000'000) < per_million;
}

bool Lane::is_lost() {
  if (in_burst_) {
    if (profile_.bursts.end.happens(random_)) in_burst_ = false;
  } else if (profile_.bursts.start.happens(random_)) {
    in_burst_ = true;
  }
  if (in_burst_ && profile_.bursts.loss.happens(random_)) return true;
  return profile_.loss.happens(random_);
}

std::optional<Instant> Lane::departure(std::size_t size, Instant now) {
  const std::uint64_t rate = profile_.bits_per_second;
  if (rate == 0) return now;
  const std::uint64_t start = std::max(nanoseconds(now), busy_until_ns_);
  const std::uint64_t waiting_bytes = (start - nanoseconds(now)) / 8 * rate / 1'000'000'000;
  if (waiting_bytes + size > profile_.queue_bytes) return std::nullopt;
  busy_until_ns_ = start + size * 8 * 1'000'000'000 / rate;
  return Instant{Duration((busy_until_ns_ + 999) / 1000)};
}

Lane::Passage Lane::pass(std::size_t size, Instant now, std::size_t pieces) {
  const std::size_t cut = (size + profile_.mtu - 1) / profile_.mtu;
  if (cut > pieces) return {.drop = Drop::kTooBig};
  for (std::size_t piece = 0; piece < cut; ++piece)
    if (is_lost()) return {.drop = Drop::kLoss};
  const auto departs = departure(size, now);
  if (!departs) return {.drop = Drop::kQueueFull};
  Passage passage{.arrives = *departs + profile_.delay + up_to(profile_.jitter, random_)};
  if (profile_.reordering.happens(random_)) {
    passage.arrives = passage.arrives + up_to(profile_.reordering_delay, random_);
  } else {
    passage.arrives = last_arrival_ = std::max(passage.arrives, last_arrival_);
  }
  passage.twice = profile_.duplication.happens(random_);
  if (profile_.damage.happens(random_)) passage.flips = random_.u32();
  return passage;
}

}  // namespace beeline::sim
