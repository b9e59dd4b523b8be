#include "beeline/sim/segment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "beeline/sim/world.h"

namespace beeline::sim {
namespace {

IpAddress host_of(const Prefix& prefix, std::uint32_t number) {
  std::array<std::uint8_t, 16> octets{};
  const Bytes network = prefix.network.bytes();
  std::copy(network.begin(), network.end(), octets.begin());
  for (std::size_t i = network.size(); number > 0 && i > 0; --i) {
    const std::uint32_t sum = octets[i - 1] + (number & 0xFF);
    octets[i - 1] = static_cast<std::uint8_t>(sum);
    number = (number >> 8) + (sum >> 8);
  }
  return *IpAddress::from_bytes(Bytes(octets).first(network.size()));
}

}  // namespace

Segment::Segment(World& world, std::string name, std::vector<Prefix> prefixes)
    : world_(world),
      name_(std::move(name)),
      prefixes_(std::move(prefixes)),
      taken_(prefixes_.size(), 0) {}

std::vector<IpAddress> Segment::take_addresses() {
  ensure(!prefixes_.empty(), "a segment without prefixes gives no addresses");
  std::vector<IpAddress> addresses;
  for (std::size_t i = 0; i < prefixes_.size(); ++i) {
    IpAddress ip;
    do {
      ip = host_of(prefixes_[i], ++taken_[i]);
      ensure(prefixes_[i].contains(ip), "the prefix has no address left");
    } while (!is_free(ip));
    addresses.push_back(ip);
  }
  return addresses;
}

void Segment::partition(const std::vector<Link*>& links) {
  std::uint32_t next = 1;
  for (const Link* link : links_) next = std::max(next, link->partition() + 1);
  for (Link* link : links) link->set_partition(next);
}

void Segment::heal() {
  for (Link* link : links_) link->set_partition(0);
}

std::vector<IpAddress> Segment::ask_all(const Link& asking, const std::string& name) const {
  std::vector<IpAddress> answers;
  for (const Link* link : links_) {
    const auto ip = link->device().published(name);
    if (ip && link->has(*ip) && link->is_up() && link->partition() == asking.partition())
      answers.push_back(*ip);
  }
  return answers;
}

void Segment::add(const IpAddress& ip, Link& owner) {
  const bool added = owners_.emplace(ip, &owner).second;
  ensure(added, "an address has one owner on a segment");
}

void Segment::forget(const IpAddress& ip) {
  owners_.erase(ip);
}

bool Segment::is_here(const IpAddress& ip) const {
  return ip.is_link_local() || std::any_of(prefixes_.begin(), prefixes_.end(),
                                           [&](const Prefix& p) { return p.contains(ip); });
}

bool Segment::has_below(const Segment& other) const {
  return this == &other || std::any_of(downstream_.begin(), downstream_.end(), [&](Router* router) {
           return router->inside().segment().has_below(other);
         });
}

bool Segment::leads_to(const IpAddress& ip) const {
  if (ip.is_link_local()) return false;
  if (is_here(ip) || owners_.contains(ip)) return true;
  return std::any_of(downstream_.begin(), downstream_.end(),
                     [&](const Router* router) { return router->leads_inside(ip); });
}

Link* Segment::next_hop(const Link& from, const IpAddress& destination) const {
  if (const auto owner = owners_.find(destination); owner != owners_.end()) return owner->second;
  for (const Router* router : downstream_)
    if (router->leads_inside(destination)) return &router->outside();
  if (is_here(destination) || gateway_ == nullptr) return nullptr;
  return &gateway_->inside() == &from ? nullptr : &gateway_->inside();
}

void Segment::carry(Link& from, IpPacket packet) {
  if (packet.destination.ip.is_multicast()) return carry_to_all(from, std::move(packet));
  Link* const to = next_hop(from, packet.destination.ip);
  if (to == nullptr || to == &from)
    return world_.trace().dropped(from.device(), packet, Drop::kNoRoute);
  if (to->partition() != from.partition())
    return world_.trace().dropped(from.device(), packet, Drop::kPartition);
  to->deliver(std::move(packet));
}

void Segment::carry_to_all(Link& from, IpPacket packet) {
  for (Link* link : links_)
    if (link != &from && link->partition() == from.partition() && !link->addresses().empty() &&
        link->device().hears_multicast())
      link->deliver(packet.copy(world_.packets()));
}

}  // namespace beeline::sim
