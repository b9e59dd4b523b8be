#include "beeline/turn/stranger_budget.h"

#include <algorithm>
#include <array>
#include <span>

namespace beeline::turn {
namespace {

IpAddress network_of(const IpAddress& ip) {
  return ip.masked(ip.is_v4() ? 24 : 64);
}

}  // namespace

StrangerBudget::StrangerBudget(Random random, Rate rate)
    : key_{random.u64(), random.u64()}, rate_(rate), slots_(kRows * kRowSize) {}

StrangerBudget::Slot& StrangerBudget::slot_of(const IpAddress& sender, std::uint32_t transport,
                                              Instant now) {
  std::array<std::uint8_t, 20> named{};
  const IpAddress network = network_of(sender);
  ByteWriter writer(named);
  writer.u32(transport);
  writer.append(network.bytes());
  const std::uint64_t hash = keyed_hash(key_, writer.written());
  const auto tag = static_cast<std::uint32_t>(hash >> 32) | 1U;
  const std::span<Slot> row = std::span(slots_).subspan(hash % kRows * kRowSize, kRowSize);
  const auto found = std::ranges::find(row, tag, &Slot::tag);
  if (found != row.end()) return *found;
  Slot& oldest = *std::ranges::min_element(row, {}, &Slot::filled);
  oldest = {tag, static_cast<std::uint32_t>(rate_.burst), now};
  return oldest;
}

bool StrangerBudget::take(const IpAddress& sender, std::uint32_t transport, Instant now) {
  Slot& slot = slot_of(sender, transport, now);
  const std::uint64_t elapsed = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>((now - slot.filled).count(), 0, 3'600'000'000));
  const std::uint64_t fresh = elapsed * rate_.per_second / 1'000'000;
  if (fresh > 0) {
    slot.tokens = static_cast<std::uint32_t>(std::min(rate_.burst, slot.tokens + fresh));
    slot.filled = now;
  }
  if (slot.tokens == 0) return false;
  --slot.tokens;
  return true;
}

}  // namespace beeline::turn
