#include "beeline/net/interface_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "beeline/net/interfaces.h"
#include "beeline/net/socket_address.h"

namespace beeline::net {
namespace {

// An IPv6 address is listed before anybody may use it, while the kernel looks whether the network
// has it already (RFC 4862 §5.4).
bool is_usable(const IpAddress& ip) {
  const FileDescriptor socket(
      ::socket(ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress address({ip, Port{0}});
  return socket.get() >= 0 && ::bind(socket.get(), address.get(), address.size()) == 0;
}

std::vector<Interface> usable_interfaces() {
  std::vector<Interface> found;
  for (const InterfaceAddress& address : interface_addresses())
    if (is_usable(address.ip)) found.push_back({address.interface, address.ip});
  return found;
}

int subscribe() {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  ensure(fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
         "the kernel tells of its addresses");
  return fd;
}

}  // namespace

// Subscribes first, so that nothing happens between reading the list and listening.
InterfaceWatch::InterfaceWatch(EventLoop& loop, Changed changed)
    : changed_(std::move(changed)), socket_(loop.executor(), subscribe()) {
  interfaces_ = usable_interfaces();
  wait();
}

void InterfaceWatch::wait() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this, alive = alive_](const boost::system::error_code& error) {
                       if (!error && *alive) read();
                     });
}

// What exactly happened does not matter, and messages may be lost (ENOBUFS): the list is read anew.
void InterfaceWatch::read() {
  std::array<std::uint8_t, 8192> messages{};
  while (::recv(socket_.native_handle(), messages.data(), messages.size(), MSG_DONTWAIT) > 0) {
  }
  wait();
  auto interfaces = usable_interfaces();
  if (interfaces == interfaces_) return;
  interfaces_ = std::move(interfaces);
  changed_(interfaces_);
}

}  // namespace beeline::net
