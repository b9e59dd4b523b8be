#include "beeline/net/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <bit>
#include <memory>
#include <string_view>

#include "beeline/net/socket_address.h"

namespace beeline::net {
namespace {

struct FreeList {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

unsigned prefix_bits_of(const sockaddr* mask) {
  const auto address = mask == nullptr ? std::nullopt : from_sockaddr(*mask);
  unsigned bits = 0;
  if (address)
    for (const std::uint8_t byte : address->ip.bytes())
      bits += static_cast<unsigned>(std::popcount(byte));
  return bits;
}

}  // namespace

std::vector<InterfaceAddress> interface_addresses() {
  ifaddrs* raw = nullptr;
  if (getifaddrs(&raw) != 0) return {};
  const std::unique_ptr<ifaddrs, FreeList> list(raw);
  std::vector<InterfaceAddress> found;  // loopback last
  std::ptrdiff_t others = 0;
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0) continue;
    const auto address = from_sockaddr(*entry->ifa_addr);
    if (!address || address->ip.is_link_local()) continue;
    // "eth0:1" is a label of an address; the interface is eth0.
    const std::string_view label = entry->ifa_name;
    found.insert(address->ip.is_loopback() ? found.end() : found.begin() + others++,
                 {std::string(label.substr(0, label.find(':'))), address->ip,
                  prefix_bits_of(entry->ifa_netmask)});
  }
  return found;
}

std::optional<IpAddress> primary_address(IpFamily family) {
  // Connecting a UDP socket only asks for a route; TEST-NET-3 and the documentation prefix are
  // never local.
  const auto outside = TransportAddress{
      *IpAddress::parse(family == IpFamily::kV4 ? "203.0.113.1" : "2001:db8::1"), Port{9}};
  const FileDescriptor socket(
      ::socket(family == IpFamily::kV4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress to(outside);
  if (socket.get() < 0 || ::connect(socket.get(), to.get(), to.size()) != 0) return std::nullopt;
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0)
    return std::nullopt;
  const auto address = from_sockaddr(*reinterpret_cast<const sockaddr*>(&storage));
  if (!address || address->ip.is_unspecified() || address->ip.is_loopback()) return std::nullopt;
  return address->ip;
}

}  // namespace beeline::net
