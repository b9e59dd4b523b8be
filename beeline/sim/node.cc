#include "beeline/sim/node.h"

#include <algorithm>
#include <utility>

#include "beeline/sim/segment.h"
#include "beeline/sim/world.h"

namespace beeline::sim {

Node::Node(World& world, std::string name, DeviceIndex index)
    : Device(world, std::move(name), index),
      random_(world.random("node/" + this->name())),
      tcp_(*this) {}

// --- interfaces ----------------------------------------------------------------------------------

Link& Node::attach(Segment& segment, const LinkProfile& profile) {
  return attach(segment, segment.take_addresses(), profile);
}

Link& Node::attach(Segment& segment, std::vector<IpAddress> addresses, const LinkProfile& profile) {
  Link& link = world().link(*this, segment, "eth" + std::to_string(links_made_++), profile);
  links_.push_back(&link);
  link.set_addresses(std::move(addresses));
  return link;
}

void Node::detach(Link& link) {
  link.set_up(false);
  link.set_addresses({});
  std::erase(links_, &link);
}

std::vector<Interface> Node::interfaces() const {
  std::vector<Interface> all;
  for (const Link* link : links_)
    for (const IpAddress& ip : link->addresses()) all.push_back({link->name(), ip});
  return all;
}

Link* Node::link_of(const IpAddress& ip) const {
  for (Link* link : links_)
    if (link->has(ip)) return link;
  return nullptr;
}

std::optional<IpAddress> Node::source_for(const IpAddress& destination) const {
  for (const Link* link : links_)
    for (const IpAddress& ip : link->addresses())
      if (link->is_up() && ip.family() == destination.family() &&
          ip.is_link_local() == destination.is_link_local())
        return ip;
  return std::nullopt;
}

void Node::addresses_changed(Link&) {
  if (suspended_) {
    addresses_changed_asleep_ = true;
  } else {
    tell_of_addresses();
  }
}

void Node::tell_of_addresses() {
  // Handlers may open and close sockets: each round starts anew.
  const auto homeless = [&](const UdpSocket* socket) {
    return !socket->local().ip.is_unspecified() && !has(socket->local().ip);
  };
  for (auto* sockets : {&bound_, &group_sockets_}) {
    for (;;) {
      const auto it = std::find_if(sockets->begin(), sockets->end(), homeless);
      if (it == sockets->end()) break;
      UdpSocket& socket = **it;
      forget(socket);
      socket.lose_address();
    }
  }
  tcp_.lose_addresses();
  const auto watchers = watchers_;
  for (auto* changed : watchers)
    if (std::find(watchers_.begin(), watchers_.end(), changed) != watchers_.end()) (*changed)();
}

InterfaceWatch::InterfaceWatch(Node& node, std::function<void()> changed)
    : node_(node), changed_(std::move(changed)) {
  node_.watchers_.push_back(&changed_);
}

// --- sockets -------------------------------------------------------------------------------------

std::unique_ptr<UdpSocket> Node::bind_udp(TransportAddress local, UdpHandlers handlers) {
  if (!local.ip.is_unspecified() && !has(local.ip)) return nullptr;
  if (local.port == Port{}) {
    // Half of the ports are enough for anybody; then trying again ends soon.
    if (bound_.size() > 8192) return nullptr;
    do local.port = ephemeral_port();
    while (sockets_.contains(local));
  }
  auto socket = std::make_unique<UdpSocket>(*this, local, std::move(handlers));
  if (!sockets_.emplace(local, socket.get()).second) {
    socket->abandon();
    return nullptr;
  }
  bound_.push_back(socket.get());
  return socket;
}

std::unique_ptr<UdpSocket> Node::join_group(const TransportAddress& group,
                                            const IpAddress& interface, UdpHandlers handlers) {
  if (!group.ip.is_multicast() || !has(interface) || interface.family() != group.ip.family())
    return nullptr;
  auto socket = std::make_unique<UdpSocket>(*this, TransportAddress{interface, group.port},
                                            std::move(handlers));
  socket->set_group(group);
  group_sockets_.push_back(socket.get());
  return socket;
}

void Node::forget(UdpSocket& socket) {
  if (std::erase(group_sockets_, &socket) > 0) return;
  if (std::erase(bound_, &socket) > 0) sockets_.erase(socket.local());
}

std::optional<IpAddress> Node::published(const std::string& name) const {
  const auto it = published_.find(name);
  return suspended_ || it == published_.end() ? std::nullopt : std::optional(it->second);
}

// --- packets -------------------------------------------------------------------------------------

void Node::send(IpPacket packet) {
  Trace& trace = world().trace();
  trace.sent(*this, packet);
  Link* const link = link_of(packet.source.ip);
  if (link == nullptr || packet.destination.ip.family() != packet.source.ip.family() ||
      packet.destination.ip.is_unspecified() || packet.destination.port == Port{})
    return trace.dropped(*this, packet, Drop::kNoRoute);
  if (has(packet.destination.ip))
    return world().events().push(world().now(), *this, std::move(packet));
  // Who sends to a group hears it, too, where he has joined it.
  if (packet.destination.ip.is_multicast() && !group_sockets_.empty())
    world().events().push(world().now(), *this, packet.copy(world().packets()));
  link->send(std::move(packet));
}

void Node::receive(Link* link, IpPacket packet) {
  if (suspended_) {
    if (asleep_.size() >= kMostAsleep)
      return world().trace().dropped(*this, packet, Drop::kSuspended);
    asleep_.emplace_back(link, std::move(packet));
    return;
  }
  if (packet.destination.ip.is_multicast()) {
    const Link* const heard_on = link != nullptr ? link : link_of(packet.source.ip);
    if (heard_on != nullptr) receive_group(*heard_on, std::move(packet));
    return;
  }
  if (!has(packet.destination.ip)) return world().trace().dropped(*this, packet, Drop::kNoRoute);
  if (packet.protocol == Protocol::kTcp) return tcp_.receive(std::move(packet));
  receive_udp(std::move(packet));
}

void Node::receive_udp(IpPacket packet) {
  UdpSocket* socket = nullptr;
  const TransportAddress& to = packet.destination;
  if (const auto exact = sockets_.find(to); exact != sockets_.end()) {
    socket = exact->second;
  } else if (const auto any = sockets_.find({IpAddress::any(to.ip.family()), to.port});
             any != sockets_.end()) {
    socket = any->second;
  } else {
    const auto joined = std::find_if(group_sockets_.begin(), group_sockets_.end(),
                                     [&](const UdpSocket* s) { return s->local() == to; });
    if (joined != group_sockets_.end()) socket = *joined;
  }
  if (socket == nullptr) return world().trace().dropped(*this, packet, Drop::kNoSocket);
  world().trace().delivered(*this, packet);
  socket->hear(packet.source, std::move(packet.payload));
}

void Node::receive_group(const Link& link, IpPacket packet) {
  const auto members = group_sockets_;
  for (UdpSocket* socket : members) {
    const bool still_there =
        std::find(group_sockets_.begin(), group_sockets_.end(), socket) != group_sockets_.end();
    if (!still_there || socket->group() != packet.destination || !link.has(socket->local().ip))
      continue;
    world().trace().delivered(*this, packet);
    socket->hear(packet.source, world().packets().make(packet.payload.bytes()));
  }
}

void Node::resume() {
  if (!suspended_) return;
  suspended_ = false;
  for (auto& [link, packet] : asleep_) {
    if (link == nullptr) {
      world().events().push(world().now(), *this, std::move(packet));
    } else {
      world().events().push(world().now(), *link, EventQueue::Stop::kDevice, std::move(packet));
    }
  }
  asleep_.clear();
  for (Alarm* alarm : std::exchange(overdue_, {})) alarm->set(alarm->at());
  if (std::exchange(addresses_changed_asleep_, false)) tell_of_addresses();
}

}  // namespace beeline::sim
