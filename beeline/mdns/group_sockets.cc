#include "beeline/mdns/group_sockets.h"

#include <algorithm>
#include <utility>

namespace beeline::mdns {
namespace {

constexpr std::size_t kMaxSockets = 32;

}  // namespace

//= RFC 6762 §3
TransportAddress group_of(IpFamily family) {
  return {*IpAddress::parse(family == IpFamily::kV4 ? "224.0.0.251" : "ff02::fb"), kPort};
}

std::optional<HostRequest> GroupSockets::poll_request() {
  return requests_.pop();
}

void GroupSockets::start() {
  if (!std::exchange(started_, true)) requests_.push(WatchInterfaces{});
}

void GroupSockets::stop() {
  for (const Socket& socket : sockets_) requests_.push(ReleaseUdp{socket.id});
  sockets_.clear();
  interfaces_.clear();
}

void GroupSockets::set_interfaces(const std::vector<Interface>& interfaces) {
  if (!started_) return;
  interfaces_ = interfaces;
  const bool outside = std::ranges::any_of(
      interfaces, [](const Interface& one) { return !one.address.is_loopback(); });
  std::vector<Interface> wanted;
  for (const Interface& one : interfaces) {
    if (outside && one.address.is_loopback()) continue;
    // One address of each family is enough to hear and speak on an interface.
    const bool have = std::ranges::any_of(wanted, [&](const Interface& other) {
      return other.name == one.name && other.address.family() == one.address.family();
    });
    if (!have) wanted.push_back(one);
  }
  const auto is_wanted = [&](const Socket& socket) {
    return std::ranges::any_of(interfaces, [&](const Interface& one) {
      return one.name == socket.interface && one.address == socket.address &&
             !(outside && one.address.is_loopback());
    });
  };
  for (const Socket& socket : sockets_)
    if (!is_wanted(socket)) requests_.push(ReleaseUdp{socket.id});
  std::erase_if(sockets_, [&](const Socket& socket) { return !is_wanted(socket); });
  for (const Interface& one : wanted) join(one);
}

void GroupSockets::join(const Interface& interface) {
  const bool joined = std::ranges::any_of(sockets_, [&](const Socket& socket) {
    return socket.interface == interface.name &&
           socket.address.family() == interface.address.family();
  });
  if (joined || sockets_.size() >= kMaxSockets) return;
  const SocketId id = next_;
  ++next_.value;
  sockets_.push_back({id, interface.name, interface.address, false});
  requests_.push(JoinGroup{id, group_of(interface.address.family()), interface.address});
}

GroupSockets::Socket* GroupSockets::bound(SocketId id) {
  const auto it = std::ranges::find(sockets_, id, &Socket::id);
  if (it == sockets_.end()) return nullptr;
  it->bound = true;
  return &*it;
}

void GroupSockets::closed(SocketId id) {
  std::erase_if(sockets_, [&](const Socket& socket) { return socket.id == id; });
}

const GroupSockets::Socket* GroupSockets::find(SocketId id) const {
  const auto it = std::ranges::find(sockets_, id, &Socket::id);
  return it == sockets_.end() ? nullptr : &*it;
}

bool GroupSockets::any_bound() const {
  return std::ranges::any_of(sockets_, &Socket::bound);
}

std::string_view GroupSockets::interface_of(const IpAddress& address) const {
  const auto it = std::ranges::find(interfaces_, address, &Interface::address);
  return it == interfaces_.end() ? std::string_view() : std::string_view(it->name);
}

}  // namespace beeline::mdns
