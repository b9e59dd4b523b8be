// Router: plain routing, firewalls, NAT64, chains, and what reboots and changes of address do.
#include "beeline/sim/router.h"

#include <gtest/gtest.h>

#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;
using Outbound = FirewallProfile::Outbound;
using Inbound = FirewallProfile::Inbound;

constexpr std::uint16_t kPort = 4000;

// A home of both families behind one router, and a server outside.
struct TestHome {
  explicit TestHome(const RouterProfile& profile)
      : router(world.router("router", profile, lan, internet,
                            {"203.0.113.10"_ip, "2001:db8:ffff::10"_ip})) {
    server_node.attach(internet, {"198.51.100.1"_ip, "2001:db8:ffff::1"_ip});
    ana_node.attach(lan);
  }
  // Whether what is said goes one way, as the other side hears it.
  bool hears(Ear& to, Ear& from, const TransportAddress& address) {
    const std::size_t before = to.heard.size();
    from.socket->send(address, as_bytes("hello"));
    world.run_for(1s);
    return to.heard.size() > before;
  }
  // How a TCP connection from ana to the server's port ends up; none: open.
  std::optional<StreamEnd> call(Port port) {
    std::optional<StreamEnd> end;
    const auto listener =
        server_node.listen({"198.51.100.1"_ip, port}, ListenFor::kTcp,
                           {.accepted = [&](std::unique_ptr<Stream> s) { kept = std::move(s); }});
    const auto stream = ana_node.connect(
        {.local = *ana_node.source_for("198.51.100.1"_ip), .remote = {"198.51.100.1"_ip, port}},
        {.closed = [&](StreamEnd reason) { end = reason; }});
    world.run_for(40s);
    return end;
  }

  World world{1};
  Segment& internet = world.segment("internet");
  Segment& lan = world.segment("lan", {"192.168.1.0/24"_prefix, "2001:db8:1::/64"_prefix});
  Router& router;
  Node& server_node = world.node("server");
  Node& ana_node = world.node("ana");
  std::unique_ptr<Stream> kept;
};

TEST(Router, that_is_plain_routes_both_ways_and_to_segments_behind_others) {
  TestHome home({});
  Segment& cellar = home.world.segment("cellar", {"2001:db8:2::/64"_prefix});
  home.world.router("cellar router", {}, cellar, home.lan, {"2001:db8:1::99"_ip});
  Node& cat = home.world.node("cat");
  cat.attach(cellar);
  Ear cat_ear(cat, "[2001:db8:2::2]:4000"_at);
  Ear server(home.server_node, "[2001:db8:ffff::1]:4000"_at);
  EXPECT_TRUE(home.hears(cat_ear, server, cat_ear.socket->local()));
  EXPECT_TRUE(home.hears(server, cat_ear, server.socket->local()));
  EXPECT_EQ(server.heard.at(0).source, cat_ear.socket->local()) << "nothing is translated";
  EXPECT_FALSE(home.hears(server, cat_ear, "[2001:db8:3::1]:4000"_at));
}

TEST(Router, of_both_families_translates_ipv4_and_filters_ipv6) {
  TestHome home({.nat = NatProfile::full_cone(), .firewall = {.inbound = Inbound::kAnswers}});
  Ear server4(home.server_node, "198.51.100.1:4000"_at);
  Ear server6(home.server_node, "[2001:db8:ffff::1]:4000"_at);
  Ear ana4(home.ana_node, "192.168.1.2:4000"_at);
  Ear ana6(home.ana_node, "[2001:db8:1::2]:4000"_at);
  EXPECT_FALSE(home.hears(ana6, server6, ana6.socket->local())) << "unsolicited";
  EXPECT_TRUE(home.hears(server6, ana6, server6.socket->local()));
  EXPECT_TRUE(home.hears(ana6, server6, ana6.socket->local())) << "an answer";
  EXPECT_TRUE(home.hears(server4, ana4, server4.socket->local()));
  EXPECT_EQ(server4.heard.at(0).source.ip, "203.0.113.10"_ip);
  EXPECT_TRUE(home.hears(ana4, server4, server4.heard.at(0).source));
}

TEST(Router, a_stateful_firewall_forgets_a_flow_after_its_lifetime) {
  for (const Duration pause : {Duration(120s - 1us), Duration(120s)}) {
    TestHome home({.firewall = {.inbound = Inbound::kAnswers}});
    Ear server(home.server_node, "[2001:db8:ffff::1]:4000"_at);
    Ear ana(home.ana_node, "[2001:db8:1::2]:4000"_at);
    ana.socket->send(server.socket->local(), as_bytes("hello"));
    home.world.run_for(pause);
    EXPECT_EQ(home.hears(ana, server, ana.socket->local()), pause < Duration(120s));
  }
}

TEST(Router, firewalls_let_out_what_they_are_told_to) {
  struct Case {
    Outbound outbound;
    bool udp;
    bool tcp_443;
    bool tcp_other;
  };
  for (const Case& c :
       {Case{Outbound::kAll, true, true, true}, Case{Outbound::kNoUdp, false, true, true},
        Case{Outbound::kOnlyTcp443, false, true, false},
        Case{Outbound::kNothing, false, false, false}}) {
    TestHome home({.nat = NatProfile::full_cone(), .firewall = {.outbound = c.outbound}});
    Ear server(home.server_node, "198.51.100.1:4000"_at);
    Ear ana(home.ana_node, "192.168.1.2:4000"_at);
    EXPECT_EQ(home.hears(server, ana, server.socket->local()), c.udp);
    const auto outcome = [](bool passes) {
      return passes ? std::nullopt : std::optional(StreamEnd::kNoAnswer);
    };
    EXPECT_EQ(home.call(Port{443}), outcome(c.tcp_443));
    EXPECT_EQ(home.call(Port{3478}), outcome(c.tcp_other));
  }
}

TEST(Router, a_firewall_that_closes_cuts_what_runs) {
  TestHome home({.nat = NatProfile::full_cone()});
  Ear server(home.server_node, "198.51.100.1:4000"_at);
  Ear ana(home.ana_node, "192.168.1.2:4000"_at);
  ASSERT_TRUE(home.hears(server, ana, server.socket->local()));
  home.router.set_firewall({.outbound = Outbound::kNoUdp});
  EXPECT_FALSE(home.hears(server, ana, server.socket->local()));
  EXPECT_FALSE(home.hears(ana, server, server.heard.at(0).source));
}

TEST(Router, udp_and_tcp_go_through_one_nat_side_by_side) {
  TestHome home({.nat = NatProfile::symmetric()});
  Ear server(home.server_node, "198.51.100.1:443"_at);
  Ear ana(home.ana_node, "192.168.1.2:4000"_at);
  EXPECT_EQ(home.call(Port{443}), std::nullopt);
  EXPECT_TRUE(home.hears(server, ana, server.socket->local()));
  EXPECT_TRUE(home.hears(ana, server, server.heard.at(0).source));
  EXPECT_EQ(home.call(Port{444}), std::nullopt);
}

TEST(Router, a_reboot_or_a_new_address_rebinds_what_is_behind_a_nat) {
  TestHome home({.nat = NatProfile::full_cone()});
  Ear server(home.server_node, "198.51.100.1:4000"_at);
  Ear ana(home.ana_node, "192.168.1.2:4000"_at);
  ASSERT_TRUE(home.hears(server, ana, server.socket->local()));
  home.router.reboot();
  EXPECT_FALSE(home.hears(ana, server, server.heard.at(0).source));
  ASSERT_TRUE(home.hears(server, ana, server.socket->local()));
  EXPECT_NE(server.heard.at(1).source.port, server.heard.at(0).source.port);
  home.router.outside().set_addresses({"203.0.113.99"_ip});
  EXPECT_FALSE(home.hears(ana, server, server.heard.at(1).source));
  ASSERT_TRUE(home.hears(server, ana, server.socket->local()));
  EXPECT_EQ(server.heard.at(2).source.ip, "203.0.113.99"_ip);
}

TEST(Router, a_noisy_nat_refuses_a_call_from_outside_and_a_quiet_one_says_nothing) {
  for (const bool noisy : {false, true}) {
    NatProfile nat = NatProfile::port_restricted();
    nat.noisy = noisy;
    TestHome home({.nat = nat});
    std::optional<StreamEnd> end;
    const auto stream =
        home.server_node.connect({.local = "198.51.100.1"_ip, .remote = "203.0.113.10:4000"_at},
                                 {.closed = [&](StreamEnd reason) { end = reason; }});
    home.world.run_for(40s);
    EXPECT_EQ(end, noisy ? StreamEnd::kRefused : StreamEnd::kNoAnswer);
  }
}

// IPv6 alone inside, IPv4 alone outside.
struct TestNat64 {
  TestNat64() {
    world.router("router", {.nat = NatProfile::port_restricted(), .nat64 = true}, lan, internet,
                 {"203.0.113.10"_ip});
    server_node.attach(internet, {"198.51.100.1"_ip});
    ana_node.attach(lan);
    world.add_name("turn.example", {"198.51.100.1"_ip});
    world.add_name("both.example", {"198.51.100.1"_ip, "2001:db8:ffff::1"_ip});
  }
  World world{1};
  Segment& internet = world.segment("internet");
  Segment& lan = world.segment("lan", {"2001:db8:1::/64"_prefix});
  Node& server_node = world.node("server");
  Node& ana_node = world.node("ana");
};

//= RFC 6147 §5.1 test
TEST(Router, a_nat64_brings_ipv6_to_ipv4_by_addresses_that_its_resolver_makes_up) {
  TestNat64 t;
  const auto addresses = t.world.resolve(t.ana_node, "turn.example");
  ASSERT_EQ(addresses, (std::vector{"198.51.100.1"_ip, "64:ff9b::c633:6401"_ip}));
  Ear server(t.server_node, "198.51.100.1:4000"_at);
  Ear ana(t.ana_node, "[2001:db8:1::2]:4000"_at);
  ana.socket->send({addresses[1], Port{kPort}}, as_bytes("hello"));
  t.world.run_for(1s);
  ASSERT_EQ(server.heard.size(), 1U);
  EXPECT_EQ(server.heard[0].source.ip, "203.0.113.10"_ip);
  server.socket->send(server.heard[0].source, as_bytes("hello back"));
  t.world.run_for(1s);
  ASSERT_EQ(ana.heard.size(), 1U);
  EXPECT_EQ(ana.heard[0].source, "[64:ff9b::c633:6401]:4000"_at);
}

TEST(Router, a_resolver_makes_up_nothing_where_it_need_not) {
  TestNat64 t;
  const auto both = t.world.resolve(t.server_node, "both.example");
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(t.world.resolve(t.ana_node, "both.example"), both);
  EXPECT_TRUE(t.world.resolve(t.ana_node, "nobody.example").empty());
}

TEST(Router, two_behind_one_nat64_meet_by_its_outside_address) {
  TestNat64 t;
  Node& ben_node = t.world.node("ben");
  ben_node.attach(t.lan);
  Ear server(t.server_node, "198.51.100.1:4000"_at);
  Ear ana(t.ana_node, "[2001:db8:1::2]:4000"_at);
  Ear ben(ben_node, "[2001:db8:1::3]:4000"_at);
  ben.socket->send("[64:ff9b::c633:6401]:4000"_at, as_bytes("who am I"));
  t.world.run_for(1s);
  const TransportAddress outside = server.heard.at(0).source;
  ana.socket->send({Nat::to_nat64(outside.ip), outside.port}, as_bytes("hello"));
  t.world.run_for(1s);
  ASSERT_EQ(ben.heard.size(), 1U);
  EXPECT_EQ(ben.heard[0].source.ip, Nat::to_nat64("203.0.113.10"_ip));
  ben.socket->send(ben.heard[0].source, as_bytes("hello back"));
  t.world.run_for(1s);
  ASSERT_EQ(ana.heard.size(), 1U);
  EXPECT_EQ(ana.heard[0].source.port, outside.port);
}

TEST(Router, forwards_through_63_routers_and_not_through_64) {
  for (const int routers : {63, 64}) {
    World world(1);
    Segment& internet = world.segment("internet");
    Node& server_node = world.node("server");
    server_node.attach(internet, {"198.51.100.1"_ip});
    Segment* segment = &internet;
    for (int i = 0; i < routers; ++i) {
      const std::string number = std::to_string(i);
      const IpAddress network = IpAddress::v4(0x0A000000U + static_cast<std::uint32_t>(i) * 256);
      Segment& below = world.segment("segment " + number, {Prefix{network, 24}});
      world.router("router " + number, {}, below, *segment,
                   i == 0 ? std::vector{"198.51.100.2"_ip} : std::vector<IpAddress>{});
      segment = &below;
    }
    Node& ana_node = world.node("ana");
    ana_node.attach(*segment);
    Ear server(server_node, "198.51.100.1:4000"_at);
    Ear ana(ana_node, {ana_node.interfaces()[0].address, Port{4000}});
    ana.socket->send(server.socket->local(), as_bytes("far"));
    world.run_for(1s);
    EXPECT_EQ(server.heard.size(), routers == 63 ? 1U : 0U);
  }
}

}  // namespace
}  // namespace beeline::sim
