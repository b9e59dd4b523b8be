// UDP sockets that hear a multicast group on one interface and share their port with others.
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "beeline/net/interfaces.h"
#include "beeline/net/udp_socket.h"

namespace beeline::net {
namespace {

constexpr int kHops = 255;  // RFC 6762 §11: so that receivers see that nobody forwarded it
constexpr int kIpv6MulticastAll = 29;  // Linux 4.20; not in all C libraries

template <typename T>
bool set_option(int fd, int level, int option, const T& value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

std::string name_of(const IpAddress& address) {
  const auto all = interface_addresses();
  const auto it = std::ranges::find(all, address, &InterfaceAddress::ip);
  return it == all.end() ? std::string() : it->interface;
}

bool join(int fd, const IpAddress& group, unsigned index) {
  if (group.is_v4()) {
    ip_mreqn membership{};
    std::memcpy(&membership.imr_multiaddr, group.bytes().data(), 4);
    membership.imr_ifindex = static_cast<int>(index);
    return set_option(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, membership) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, kHops) &&
           // Not also what groups bring that others of the machine joined.
           set_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
  }
  ipv6_mreq membership{};
  std::memcpy(&membership.ipv6mr_multiaddr, group.bytes().data(), 16);
  membership.ipv6mr_interface = index;
  set_option(fd, IPPROTO_IPV6, kIpv6MulticastAll, 0);
  return set_option(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, membership) &&
         set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(index)) &&
         set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kHops);
}

}  // namespace

std::expected<std::unique_ptr<UdpSocket>, std::error_code> UdpSocket::join_group(
    EventLoop& loop, const TransportAddress& group, const IpAddress& interface,
    Callbacks callbacks) {
  const auto failed = [](int error) {
    return std::unexpected(std::error_code(error, std::generic_category()));
  };
  const std::string name = name_of(interface);
  const unsigned index = name.empty() ? 0 : ::if_nametoindex(name.c_str());
  if (index == 0) return failed(EADDRNOTAVAIL);
  FileDescriptor fd(::socket(group.ip.is_v4() ? AF_INET : AF_INET6,
                             SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return failed(errno);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (group.ip.is_v6()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // So that what is sent to the machine itself, and not to the group, also comes to the socket of
  // the interface on which it came. Where the kernel does not allow it, that is left to chance.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(),
               static_cast<socklen_t>(name.size()));
  const SocketAddress address({IpAddress::any(group.ip.family()), group.port});
  if (::bind(fd.get(), address.get(), address.size()) != 0 || !join(fd.get(), group.ip, index))
    return failed(errno);
  return std::unique_ptr<UdpSocket>(new UdpSocket(
      loop, fd.release(), {IpAddress::any(group.ip.family()), group.port}, std::move(callbacks)));
}

}  // namespace beeline::net
