#include "beeline/sim/link.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "beeline/sim/segment.h"
#include "beeline/sim/world.h"

namespace beeline::sim {
namespace {

Duration up_to(Duration most, Random& random) {
  if (most <= Duration(0)) return Duration(0);
  return Duration(random.below(static_cast<std::uint32_t>(most.count()) + 1));
}

std::uint64_t nanoseconds(Instant at) {
  return static_cast<std::uint64_t>(at.since_start.count()) * 1000;
}

bool is_lost(Lane& lane) {
  const LinkProfile& profile = lane.profile;
  if (lane.in_burst) {
    if (profile.bursts.end.happens(lane.random)) lane.in_burst = false;
  } else if (profile.bursts.start.happens(lane.random)) {
    lane.in_burst = true;
  }
  if (lane.in_burst && profile.bursts.loss.happens(lane.random)) return true;
  return profile.loss.happens(lane.random);
}

}  // namespace

bool Chance::happens(Random& random) const {
  if (per_million == 0) return false;
  return per_million >= 1'000'000 || random.below(1'000'000) < per_million;
}

Link::Link(Device& device, Segment& segment, std::string name, const LinkProfile& profile)
    : world_(device.world()),
      device_(device),
      segment_(segment),
      name_(std::move(name)),
      from_device_{.profile = profile,
                   .random = world_.random("link/" + device.name() + "/" + name_ + "/out")},
      to_device_{.profile = profile,
                 .random = world_.random("link/" + device.name() + "/" + name_ + "/in")} {}

bool Link::has(const IpAddress& ip) const {
  return std::find(addresses_.begin(), addresses_.end(), ip) != addresses_.end();
}

void Link::set_addresses(std::vector<IpAddress> addresses) {
  for (const IpAddress& ip : addresses_) segment_.forget(ip);
  addresses_ = std::move(addresses);
  for (const IpAddress& ip : addresses_) segment_.add(ip, *this);
  device_.addresses_changed(*this);
}

void Link::set_profiles(const LinkProfile& from_device, const LinkProfile& to_device) {
  from_device_.profile = from_device;
  to_device_.profile = to_device;
}

void Link::send(IpPacket packet) {
  travel(Direction::kFromDevice, from_device_, std::move(packet));
}
void Link::deliver(IpPacket packet) {
  travel(Direction::kToDevice, to_device_, std::move(packet));
}

std::optional<Instant> Link::departure(Lane& lane, std::size_t size) const {
  const std::uint64_t rate = lane.profile.bits_per_second;
  if (rate == 0) return world_.now();
  const std::uint64_t now = nanoseconds(world_.now());
  const std::uint64_t start = std::max(now, lane.busy_until_ns);
  const std::uint64_t waiting_bytes = (start - now) / 8 * rate / 1'000'000'000;
  if (waiting_bytes + size > lane.profile.queue_bytes) return std::nullopt;
  lane.busy_until_ns = start + size * 8 * 1'000'000'000 / rate;
  return Instant{Duration((lane.busy_until_ns + 999) / 1000)};
}

void Link::travel(Direction direction, Lane& lane, IpPacket packet) {
  Trace& trace = world_.trace();
  const LinkProfile& profile = lane.profile;
  if (!is_up_) return trace.dropped(device_, packet, Drop::kLinkDown);
  if (packet.wire_size() > profile.mtu) return trace.dropped(device_, packet, Drop::kTooBig);
  if (is_lost(lane)) return trace.dropped(device_, packet, Drop::kLoss);
  const auto departs = departure(lane, packet.wire_size());
  if (!departs) return trace.dropped(device_, packet, Drop::kQueueFull);

  Instant arrives = *departs + profile.delay + up_to(profile.jitter, lane.random);
  if (profile.reordering.happens(lane.random)) {
    arrives = arrives + up_to(profile.reordering_delay, lane.random);
  } else {
    arrives = lane.last_arrival = std::max(arrives, lane.last_arrival);
  }
  const auto stop =
      direction == Direction::kFromDevice ? EventQueue::Stop::kSegment : EventQueue::Stop::kDevice;
  if (profile.duplication.happens(lane.random))
    world_.events().push(arrives, *this, stop, packet.copy(world_.packets()));
  // A link that takes no time needs no event, except into a device: there things may answer.
  if (direction == Direction::kFromDevice && arrives == world_.now())
    return arrive_at_segment(std::move(packet));
  world_.events().push(arrives, *this, stop, std::move(packet));
}

void Link::arrive_at_segment(IpPacket packet) {
  if (!is_up_) return world_.trace().dropped(device_, packet, Drop::kLinkDown);
  segment_.carry(*this, std::move(packet));
}

void Link::arrive_at_device(IpPacket packet) {
  if (!is_up_) return world_.trace().dropped(device_, packet, Drop::kLinkDown);
  device_.receive(this, std::move(packet));
}

}  // namespace beeline::sim
