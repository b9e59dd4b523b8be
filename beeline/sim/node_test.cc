// Node: sockets, interfaces that come and go, multicast, suspension.
#include "beeline/sim/node.h"

#include <gtest/gtest.h>

#include <set>

#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

const TransportAddress kMdns4 = "224.0.0.251:5353"_at;
const TransportAddress kMdns6 = "[ff02::fb]:5353"_at;

TEST(Node, binds_only_its_own_addresses_and_each_once) {
  TestWire wire;
  EXPECT_EQ(wire.ana_node.bind_udp("192.0.2.2:6000"_at, {}), nullptr);
  EXPECT_EQ(wire.ana_node.bind_udp("192.0.2.1:5000"_at, {}), nullptr) << "taken";
  auto socket = wire.ana_node.bind_udp("[2001:db8::1]:5000"_at, {});
  EXPECT_NE(socket, nullptr) << "another family";
  socket.reset();
  EXPECT_NE(wire.ana_node.bind_udp("[2001:db8::1]:5000"_at, {}), nullptr) << "free again";
}

TEST(Node, gives_ephemeral_ports_that_differ) {
  TestWire wire;
  std::vector<std::unique_ptr<UdpSocket>> sockets;
  std::set<Port> ports;
  for (int i = 0; i < 1000; ++i) {
    sockets.push_back(wire.ana_node.bind_udp("192.0.2.1:0"_at, {}));
    ports.insert(sockets.back()->local().port);
  }
  EXPECT_EQ(ports.size(), 1000U);
  EXPECT_GE(ports.begin()->value, 49152);
}

TEST(Node, a_socket_of_all_addresses_hears_all_and_answers_from_a_fitting_one) {
  TestWire wire;
  Ear all(wire.ben_node, "[::]:7000"_at);
  Ear ana6(wire.ana_node, "[2001:db8::1]:7000"_at);
  ana6.socket->send("[2001:db8::2]:7000"_at, as_bytes("hello"));
  wire.world.run_for(1ms);
  ASSERT_EQ(all.heard.size(), 1U);
  all.socket->send(all.heard[0].source, as_bytes("hello back"));
  wire.world.run_for(1ms);
  ASSERT_EQ(ana6.heard.size(), 1U);
  EXPECT_EQ(ana6.heard[0].source, "[2001:db8::2]:7000"_at);
}

TEST(Node, talks_to_itself_without_a_cable) {
  TestWire wire;
  wire.link.set_up(false);
  Ear other(wire.ana_node, "192.0.2.1:5001"_at);
  wire.ana.socket->send("192.0.2.1:5001"_at, as_bytes("me"));
  wire.world.run_for(1us);
  EXPECT_EQ(other.heard.size(), 1U);
}

TEST(Node, what_nobody_listens_to_or_nobody_owns_is_dropped_with_a_reason) {
  TestWire wire;
  std::vector<Drop> reasons;
  wire.world.trace().observe([&](const PacketEvent& event) {
    if (event.step == Step::kDropped) reasons.push_back(event.reason);
  });
  wire.ana.socket->send("192.0.2.2:9999"_at, as_bytes("x"));
  wire.ana.socket->send("192.0.2.200:5000"_at, as_bytes("x"));
  wire.ana.socket->send("198.51.100.1:5000"_at, as_bytes("x"));
  wire.ana.socket->send("[2001:db8::2]:5000"_at, as_bytes("x"));
  wire.world.run_for(1s);
  EXPECT_EQ(std::multiset(reasons.begin(), reasons.end()),
            (std::multiset{Drop::kNoRoute, Drop::kNoRoute, Drop::kNoRoute, Drop::kNoSocket}));
}

TEST(Node, sockets_of_an_address_that_goes_are_closed_and_others_not) {
  TestWire wire;
  Ear ana6(wire.ana_node, "[2001:db8::1]:5000"_at);
  int changes = 0;
  const InterfaceWatch watch(wire.ana_node, [&] { ++changes; });
  wire.link.set_addresses({"2001:db8::1"_ip, "192.0.2.77"_ip});
  EXPECT_TRUE(wire.ana.closed);
  EXPECT_FALSE(ana6.closed);
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(wire.ana_node.interfaces(),
            (std::vector<Interface>{{"eth0", "2001:db8::1"_ip}, {"eth0", "192.0.2.77"_ip}}));
  wire.ana.socket->send(wire.ben.socket->local(), as_bytes("from the grave"));
  wire.world.run_for(1s);
  EXPECT_TRUE(wire.ben.heard.empty());
}

TEST(Node, an_interface_may_come_and_another_go) {
  TestWire wire;
  Segment& mobile = wire.world.segment("mobile", {"198.51.100.0/24"_prefix});
  int changes = 0;
  const InterfaceWatch watch(wire.ana_node, [&] { ++changes; });
  wire.ana_node.attach(mobile, LinkProfile{.delay = 40ms});
  EXPECT_EQ(wire.ana_node.interfaces().size(), 3U);
  wire.ana_node.detach(wire.link);
  EXPECT_EQ(wire.ana_node.interfaces(), (std::vector<Interface>{{"eth1", "198.51.100.1"_ip}}));
  EXPECT_EQ(changes, 2);
  EXPECT_TRUE(wire.lan.is_free("192.0.2.1"_ip));
}

TEST(Node, multicast_reaches_all_members_of_a_segment_also_on_the_same_node) {
  for (const auto& group : {kMdns4, kMdns6}) {
    TestWire wire;
    const auto join = [&](Node& node, const IpAddress& interface, int& heard) {
      return node.join_group(group, interface,
                             {.heard = [&heard](const TransportAddress&, Packet) { ++heard; }});
    };
    const bool v4 = group.ip.is_v4();
    const IpAddress ana_ip = v4 ? "192.0.2.1"_ip : "2001:db8::1"_ip;
    const IpAddress ben_ip = v4 ? "192.0.2.2"_ip : "2001:db8::2"_ip;
    int ana = 0;
    int ana_too = 0;
    int ben = 0;
    const auto one = join(wire.ana_node, ana_ip, ana);
    const auto two = join(wire.ana_node, ana_ip, ana_too);
    const auto three = join(wire.ben_node, ben_ip, ben);
    ASSERT_TRUE(one && two && three);
    one->send(group, as_bytes("who has it"));
    wire.world.run_for(1s);
    EXPECT_EQ(std::tuple(ana, ana_too, ben), std::tuple(1, 1, 1));
    // An answer to one alone goes to the socket that has been there longest.
    three->send({ana_ip, group.port}, as_bytes("I have it"));
    wire.world.run_for(1s);
    EXPECT_EQ(std::tuple(ana, ana_too, ben), std::tuple(2, 1, 1));
  }
}

TEST(Node, multicast_stays_on_its_segment_and_off_interfaces_that_have_not_joined) {
  TestWire wire;
  Segment& internet = wire.world.segment("internet");
  wire.world.router("router", {}, wire.lan, internet, {"203.0.113.1"_ip});
  Node& far = wire.world.node("far");
  far.attach(internet, {"203.0.113.2"_ip});
  int far_heard = 0;
  int ben_heard = 0;
  const auto far_ear = far.join_group(
      kMdns4, "203.0.113.2"_ip, {.heard = [&](const TransportAddress&, Packet) { ++far_heard; }});
  Link& second = wire.ben_node.attach(internet, {"203.0.113.3"_ip});
  const auto ben_ear =
      wire.ben_node.join_group(kMdns4, second.addresses()[0],
                               {.heard = [&](const TransportAddress&, Packet) { ++ben_heard; }});
  wire.ana.socket->send(kMdns4, as_bytes("anybody"));
  wire.world.run_for(1s);
  EXPECT_EQ(far_heard + ben_heard, 0);
  EXPECT_EQ(wire.ana_node.join_group("192.0.2.2:5353"_at, "192.0.2.1"_ip, {}), nullptr);
  EXPECT_EQ(wire.ana_node.join_group(kMdns6, "192.0.2.1"_ip, {}), nullptr);
}

TEST(Node, what_comes_while_it_is_suspended_comes_late_and_in_order) {
  TestWire wire;
  int rung = 0;
  Duration rung_at{};
  Alarm alarm(wire.ben_node, [&] {
    ++rung;
    rung_at = wire.world.now().since_start;
  });
  alarm.set(Instant{2s});
  wire.world.run_for(1s);
  wire.ben_node.suspend();
  for (const auto* text : {"one", "two", "three"}) wire.send(text);
  wire.world.run_for(9s);
  EXPECT_TRUE(wire.ben.heard.empty());
  EXPECT_EQ(rung, 0);
  wire.ben_node.resume();
  wire.world.run_for(1us);
  ASSERT_EQ(wire.ben.heard.size(), 3U);
  EXPECT_EQ(wire.ben.heard[0].text, "one");
  EXPECT_EQ(wire.ben.heard[2].text, "three");
  EXPECT_EQ(wire.ben.heard[2].at, 10s);
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(rung_at, 10s);
}

TEST(Node, that_is_suspended_keeps_only_so_much_for_later) {
  for (const std::size_t extra : {0U, 1U}) {
    TestWire wire;
    wire.ben_node.suspend();
    for (std::size_t i = 0; i < Node::kMostAsleep + extra; ++i) wire.send("x");
    wire.world.run_for(1s);
    EXPECT_EQ(wire.world.trace().count(Step::kDropped), extra);
    wire.ben_node.resume();
    wire.world.run_for(1s);
    EXPECT_EQ(wire.ben.heard.size(), Node::kMostAsleep);
  }
}

TEST(Node, learns_late_of_addresses_that_changed_while_it_was_suspended) {
  TestWire wire;
  wire.ana_node.suspend();
  wire.link.set_addresses({});
  EXPECT_FALSE(wire.ana.closed);
  wire.ana_node.resume();
  EXPECT_TRUE(wire.ana.closed);
}

TEST(Node, a_socket_may_be_destroyed_by_its_own_handlers) {
  TestWire wire;
  std::unique_ptr<UdpSocket> socket;
  socket = wire.ben_node.bind_udp(
      "192.0.2.2:6000"_at, {.heard = [&](const TransportAddress&, Packet) { socket.reset(); }});
  wire.ana.socket->send("192.0.2.2:6000"_at, as_bytes("x"));
  wire.ana.socket->send("192.0.2.2:6000"_at, as_bytes("x"));
  wire.world.run_for(1s);
  EXPECT_FALSE(socket);
  socket = wire.ben_node.bind_udp("192.0.2.2:6000"_at, {.closed = [&] { socket.reset(); }});
  wire.ben_link.set_addresses({});
  EXPECT_FALSE(socket);
}

}  // namespace
}  // namespace beeline::sim
