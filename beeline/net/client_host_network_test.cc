// ClientHost in network namespaces of the test's own, where addresses come and go, and where mDNS
// reaches nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>

#include "beeline/net/client_host.h"
#include "beeline/net/test_core.h"

namespace beeline::net {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::SizeIs;

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);

void ioctl_or_throw(const FileDescriptor& socket, unsigned long what, ifreq& request) {
  if (::ioctl(socket.get(), what, &request) != 0) throw std::runtime_error(std::strerror(errno));
}

void set_up(const char* name, bool up) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  ioctl_or_throw(socket, SIOCGIFFLAGS, request);
  request.ifr_flags =
      static_cast<short>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  ioctl_or_throw(socket, SIOCSIFFLAGS, request);
}

void add_address(const char* alias, const char* ip) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, alias, IFNAMSIZ - 1);
  const SocketAddress address({*IpAddress::parse(ip), Port{0}});
  std::memcpy(&request.ifr_addr, address.get(), address.size());
  ioctl_or_throw(socket, SIOCSIFADDR, request);
}

constexpr int kNotHere = 77;
struct NotHere {};

// Runs `body` in a child process with a network of its own; what it returns says whether all is
// well. Skips where the kernel gives none.
void in_own_network(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
      ::_exit(kNotHere);
    bool good = false;
    try {
      set_up("lo", true);
      good = body() && !testing::Test::HasFailure();
    } catch (const NotHere&) {
      ::_exit(kNotHere);
    } catch (const std::exception& failure) {
      ADD_FAILURE() << failure.what();
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotHere)
    GTEST_SKIP() << "this system lets nobody make such a network";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

struct Owner {
  void handle_event(const TestCore::Event&) {}
};

TEST(ClientHostNetwork, addresses_that_come_and_go_are_told_and_their_sockets_closed) {
  in_own_network([] {
    const IpAddress address = *IpAddress::parse("192.0.2.1");
    EventLoop loop;
    TestCore core;
    Owner owner;
    ClientHost<TestCore, Owner> host(loop, core, owner);
    const auto request = [&](HostRequest one) {
      core.events.push(std::move(one));
      host.settle();
    };
    request(WatchInterfaces{});
    add_address("lo:1", "192.0.2.1");
    run_until(loop, [&] { return core.all<InterfacesChanged>().size() == 2; });
    EXPECT_THAT(core.all<InterfacesChanged>()[1]->interfaces, Contains(Interface{"lo", address}));
    request(BindUdp{{1}, {address, Port{0}}});
    request(BindUdp{{2}, {kLoopback, Port{0}}});
    request(ListenStreams{{3}, {address, Port{0}}});
    EXPECT_THAT(core.all<UdpBound>(), SizeIs(2));
    set_up("lo:1", false);
    run_until(loop, [&] { return core.all<InterfacesChanged>().size() == 3; });
    EXPECT_THAT(core.all<StreamClosed>(), SizeIs(1));
    return core.all<UdpClosed>().size() == 1 && core.all<UdpClosed>()[0]->socket == SocketId{1};
  });
}

bool found_and_withdrawn(const IpAddress& address) {
  EventLoop own_loop;
  TestCore here;
  TestCore there;
  Owner owner;
  ClientHost<TestCore, Owner> publishing(own_loop, here, owner);
  ClientHost<TestCore, Owner> asking(own_loop, there, owner);
  const auto publish = [&](HostRequest request) {
    here.events.push(std::move(request));
    publishing.settle();
  };
  const auto resolve = [&](std::uint32_t query) {
    there.events.push(HostRequest{ResolveName{{query}, "0b5b0b4c.local"}});
    asking.settle();
    run_until(own_loop, [&] { return there.all<NameResolved>().size() == query; });
    return there.all<NameResolved>().back()->addresses;
  };
  publish(PublishName{"0b5b0b4c.local", address});
  if (resolve(1) != std::vector{address}) return false;
  publish(WithdrawName{"0b5b0b4c.local"});
  // A goodbye is believed after a second, and silence after five.
  bool over = false;
  Alarm later(own_loop, [&] { over = true; });
  later.set(own_loop.now() + milliseconds(1100));
  run_until(own_loop, [&] { return over; });
  return resolve(2).empty();
}

TEST(ClientHostNetwork, names_are_published_found_and_withdrawn) {
  in_own_network([] { return found_and_withdrawn(kLoopback); });
}

TEST(ClientHostNetwork, names_are_found_where_there_is_only_ipv6) {
  in_own_network([] {
    // Loopback has no route for IPv6 multicast.
    if (std::system("ip link add b0 type veth peer name b1 && ip link set b1 up && "
                    "ip -6 addr add 2001:db8::1/64 dev b0 nodad && ip link set b0 up") != 0)
      throw NotHere();
    return found_and_withdrawn(*IpAddress::parse("2001:db8::1"));
  });
}

}  // namespace
}  // namespace beeline::net
