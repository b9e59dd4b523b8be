// Ports that the kernel chooses, in a namespace where it has few left.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <vector>

#include "tests/lab/lab.h"

namespace beeline::lab {
namespace {

// Found by chance: UDP was given a port whose TCP port another program had, and the server gave up.
TEST(PortsLab, a_udp_port_whose_tcp_port_is_taken_is_not_the_end) {
  if (const auto why_not = enter_namespace({"198.51.100.1/24"})) GTEST_SKIP() << *why_not;
  constexpr std::uint16_t kFirst = 40000;
  constexpr std::uint16_t kLast = 40015;
  std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << kFirst << ' ' << kLast;
  std::vector<net::FileDescriptor> taken;
  for (std::uint16_t port = kFirst; port + 4 <= kLast; ++port) {
    net::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const net::SocketAddress address({*IpAddress::parse("198.51.100.1"), Port{port}});
    ASSERT_EQ(::bind(socket.get(), address.get(), address.size()), 0);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    taken.push_back(std::move(socket));
  }
  const ServerProcess server({"--listen", "198.51.100.1", "--port", "0", "--turn-port", "0",
                              "--turns-port", "0", "--relay-ports", "50000-50009"});
  EXPECT_NE(server.ready().find("\"ready\""), std::string::npos) << server.ready();
}

}  // namespace
}  // namespace beeline::lab
