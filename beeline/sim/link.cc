#include "beeline/sim/link.h"

#include <algorithm>
#include <utility>

#include "beeline/sim/segment.h"
#include "beeline/sim/world.h"

namespace beeline::sim {
namespace {

constexpr std::size_t kMostPieces = 4;

void flip(Packet& payload, std::uint32_t which) {
  const auto bytes = payload.mutable_bytes();
  if (bytes.empty()) return;
  const std::size_t bit = which % (bytes.size() * 8);
  bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
}

}  // namespace

Link::Link(Device& device, Segment& segment, std::string name, const LinkProfile& profile)
    : world_(device.world()),
      device_(device),
      segment_(segment),
      name_(std::move(name)),
      from_device_(profile, world_.random("link/" + device.name() + "/" + name_ + "/out")),
      to_device_(profile, world_.random("link/" + device.name() + "/" + name_ + "/in")) {}

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
  from_device_.set_profile(from_device);
  to_device_.set_profile(to_device);
}

void Link::send(IpPacket packet) {
  travel(Direction::kFromDevice, from_device_, std::move(packet));
}
void Link::deliver(IpPacket packet) {
  travel(Direction::kToDevice, to_device_, std::move(packet));
}

void Link::travel(Direction direction, Lane& lane, IpPacket packet) {
  Trace& trace = world_.trace();
  if (!is_up_) return trace.dropped(device_, packet, Drop::kLinkDown);
  const bool may_be_cut = packet.payload.fragmenting() == Fragmenting::kAllowed;
  const Lane::Passage passage =
      lane.pass(packet.wire_size(), world_.now(), may_be_cut ? kMostPieces : 1);
  if (passage.drop != Drop::kNone) return trace.dropped(device_, packet, passage.drop);
  const auto stop =
      direction == Direction::kFromDevice ? EventQueue::Stop::kSegment : EventQueue::Stop::kDevice;
  const Instant arrives = passage.arrives;
  if (passage.flips && packet.protocol == Protocol::kUdp) flip(packet.payload, *passage.flips);
  if (passage.twice) world_.events().push(arrives, *this, stop, packet.copy(world_.packets()));
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
