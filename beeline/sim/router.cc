#include "beeline/sim/router.h"

#include <algorithm>
#include <utility>

#include "beeline/sim/segment.h"
#include "beeline/sim/world.h"

namespace beeline::sim {

Router::Router(World& world, std::string name, DeviceIndex index, const RouterProfile& profile,
               Segment& inside, Segment& outside)
    : Device(world, std::move(name), index),
      profile_(profile),
      inside_(world.link(*this, inside, "inside", {})),
      outside_(world.link(*this, outside, "outside", {})),
      firewall_(profile.firewall) {
  ensure(!inside.has_below(outside), "routers do not lead in a circle");
  outside.attach_downstream(*this);
  if (inside.gateway() == nullptr) inside.set_gateway(this);
}

void Router::addresses_changed(Link& link) {
  if (&link != &outside_ || (!profile_.nat && !profile_.nat64)) return;
  const auto& addresses = outside_.addresses();
  const auto v4 = std::find_if(addresses.begin(), addresses.end(),
                               [](const IpAddress& ip) { return ip.is_v4(); });
  if (v4 == addresses.end()) return nat_.reset();
  if (nat_ && nat_->outside() == *v4) return;
  // Another address is another NAT: nothing of the old mappings is worth anything.
  nat_.emplace(profile_.nat.value_or(NatProfile{}), *v4,
               world().random("nat/" + name() + "/" + std::to_string(nats_made_++)));
}

void Router::reboot() {
  if (nat_) nat_->forget_everything();
  firewall_.forget_everything();
}

bool Router::leads_inside(const IpAddress& ip) const {
  if (ip.is_v4() && profile_.nat) return false;
  return inside_.segment().leads_to(ip);
}

void Router::receive(Link* link, IpPacket packet) {
  if (inside_.has(packet.destination.ip))
    return world().trace().dropped(*this, packet, Drop::kNoSocket);
  if (packet.destination.ip.is_link_local() || packet.source.ip.is_link_local())
    return world().trace().dropped(*this, packet, Drop::kNoRoute);
  if (packet.hop_limit <= 1) return world().trace().dropped(*this, packet, Drop::kHopLimit);
  --packet.hop_limit;
  if (link == &inside_) return outbound(std::move(packet));
  inbound(std::move(packet));
}

void Router::outbound(IpPacket packet) {
  if (!firewall_.lets_out(packet, world().now()))
    return world().trace().dropped(*this, packet, Drop::kFirewall);
  const bool is_v4 = packet.source.ip.is_v4();
  if (is_v4 ? profile_.nat.has_value() : profile_.nat64 && Nat::is_nat64(packet.destination.ip))
    return translate_outbound(std::move(packet));
  if (outside_.has(packet.destination.ip))
    return world().trace().dropped(*this, packet, Drop::kNoSocket);
  outside_.send(std::move(packet));
}

void Router::translate_outbound(IpPacket packet) {
  if (!nat_) return world().trace().dropped(*this, packet, Drop::kNoRoute);
  const TransportAddress source = packet.source;
  const TransportAddress destination = packet.destination;
  const Drop reason = nat_->translate_outbound(packet, world().now());
  if (reason != Drop::kNone) return world().trace().dropped(*this, packet, reason);
  world().trace().translated(*this, packet, source, destination);
  const bool turned_around =
      destination.ip == nat_->outside() || destination.ip == Nat::to_nat64(nat_->outside());
  (turned_around ? inside_ : outside_).send(std::move(packet));
}

void Router::inbound(IpPacket packet) {
  if (!firewall_.allows(packet.protocol, packet.source.port))
    return world().trace().dropped(*this, packet, Drop::kFirewall);
  if (nat_ && packet.destination.ip == nat_->outside()) {
    const TransportAddress source = packet.source;
    const TransportAddress destination = packet.destination;
    const Drop reason = nat_->translate_inbound(packet, world().now());
    if (reason != Drop::kNone) {
      world().trace().dropped(*this, packet, reason);
      return refuse(packet);
    }
    world().trace().translated(*this, packet, source, destination);
    return inside_.send(std::move(packet));
  }
  if (outside_.has(packet.destination.ip))
    return world().trace().dropped(*this, packet, Drop::kNoSocket);
  if (!leads_inside(packet.destination.ip))
    return world().trace().dropped(*this, packet, Drop::kNoRoute);
  if (!firewall_.lets_in(packet, world().now()))
    return world().trace().dropped(*this, packet, Drop::kFirewall);
  inside_.send(std::move(packet));
}

void Router::refuse(const IpPacket& packet) {
  const bool opens = packet.protocol == Protocol::kTcp && packet.tcp.syn && !packet.tcp.ack;
  if (!opens || !nat_->profile().noisy) return;
  IpPacket answer{.protocol = Protocol::kTcp,
                  .source = packet.destination,
                  .destination = packet.source,
                  .tcp = {.acknowledgment = packet.tcp.sequence + 1, .ack = true, .rst = true},
                  .origin = index(),
                  .payload = {}};
  world().trace().sent(*this, answer);
  outside_.send(std::move(answer));
}

}  // namespace beeline::sim
