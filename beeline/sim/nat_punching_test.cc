// Which pairs of NATs plain hole punching gets through: all of RFC 4787's behaviors against each
// other, inside one NAT, and behind a carrier's.
#include <gtest/gtest.h>

#include <array>

#include "beeline/sim/test_puncher.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;
using enum NatBehavior;

constexpr std::array kBehaviors{kEndpointIndependent, kAddressDependent, kAddressAndPortDependent};

std::vector<NatProfile> all_nine() {
  std::vector<NatProfile> all;
  for (const NatBehavior mapping : kBehaviors)
    for (const NatBehavior filtering : kBehaviors)
      all.push_back({.mapping = mapping, .filtering = filtering});
  return all;
}

std::vector<NatProfile> classic_four() {
  return {NatProfile::full_cone(), NatProfile::address_restricted(), NatProfile::port_restricted(),
          NatProfile::symmetric()};
}

std::string name_of(const NatProfile& nat) {
  constexpr std::array kNames{"EI", "AD", "APD"};
  return std::string(kNames[static_cast<std::size_t>(nat.mapping)]) + "M/" +
         kNames[static_cast<std::size_t>(nat.filtering)] + "F";
}

// What must happen, in words of RFC 4787 only.
bool is_direct(const NatProfile& a, const NatProfile& b) {
  const auto filters = [](const NatProfile& nat) { return nat.filtering != kEndpointIndependent; };
  const auto wanders = [](const NatProfile& nat) { return nat.mapping != kEndpointIndependent; };
  const auto strict_cone = [&](const NatProfile& nat) {
    return !wanders(nat) && nat.filtering == kAddressAndPortDependent;
  };
  if (!filters(a) || !filters(b)) return true;
  return !((strict_cone(a) && wanders(b)) || (wanders(a) && strict_cone(b)) ||
           (wanders(a) && wanders(b)));
}

// An internet with a mirror, and homes with a NAT each.
struct Neighbourhood {
  static constexpr Duration kWan = 10ms;

  Neighbourhood() {
    server.attach(internet, {"198.51.100.1"_ip}, {.delay = 5ms});
    mirror.emplace(server, kMirror);
  }
  Segment& home(const std::string& name, const NatProfile& nat, Segment& outside,
                std::vector<IpAddress> address) {
    Segment& lan = world.segment(name, {"192.168.1.0/24"_prefix});
    world.router(name + "/router", {.nat = nat}, lan, outside, std::move(address))
        .outside()
        .set_profile({.delay = kWan});
    return lan;
  }
  Node& person(const std::string& name, Segment& lan) {
    Node& node = world.node(name);
    node.attach(lan, LinkProfile{.delay = 1ms});
    return node;
  }
  bool punch(Node& first, Node& second) {
    Puncher one(first, kMirror);
    Puncher other(second, kMirror);
    return sim::punch(world, one, other);
  }

  const TransportAddress kMirror = "198.51.100.1:3478"_at;
  World world{1};
  Segment& internet = world.segment("internet");
  Node& server = world.node("server");
  std::optional<MirrorServer> mirror;
};

//= RFC 4787 §4.1 test
//= RFC 4787 §5 test
TEST(NatPunching, all_81_pairs_of_behaviors_are_direct_or_not_as_theory_says) {
  // As measured between NATs of real kernels; rows and columns in the order of all_nine().
  constexpr std::array<std::string_view, 9> kDirect{"DDDDDDDDD", "DDDDDDDDD", "DDDDRRDRR",
                                                    "DDDDDDDDD", "DDRDRRDRR", "DDRDRRDRR",
                                                    "DDDDDDDDD", "DDRDRRDRR", "DDRDRRDRR"};
  const auto nats = all_nine();
  for (std::size_t i = 0; i < nats.size(); ++i) {
    for (std::size_t j = 0; j < nats.size(); ++j) {
      const NatProfile& a = nats[i];
      const NatProfile& b = nats[j];
      Neighbourhood n;
      Node& ana = n.person("ana", n.home("a", a, n.internet, {"203.0.113.10"_ip}));
      Node& ben = n.person("ben", n.home("b", b, n.internet, {"203.0.113.20"_ip}));
      EXPECT_EQ(n.punch(ana, ben), kDirect[i][j] == 'D') << name_of(a) << " with " << name_of(b);
      EXPECT_EQ(is_direct(a, b), kDirect[i][j] == 'D') << "the rule in words";
    }
  }
}

//= RFC 4787 §6 test
TEST(NatPunching, two_behind_one_nat_meet_by_outside_addresses_exactly_where_it_hairpins) {
  for (NatProfile nat : all_nine()) {
    for (const bool hairpinning : {true, false}) {
      nat.hairpinning = hairpinning;
      Neighbourhood n;
      Segment& lan = n.home("a", nat, n.internet, {"203.0.113.10"_ip});
      EXPECT_EQ(n.punch(n.person("ana", lan), n.person("ben", lan)), hairpinning) << name_of(nat);
    }
  }
}

TEST(NatPunching, two_behind_one_nat_meet_by_inside_addresses_always) {
  NatProfile nat = NatProfile::symmetric();
  nat.hairpinning = false;
  Neighbourhood n;
  Segment& lan = n.home("a", nat, n.internet, {"203.0.113.10"_ip});
  Puncher ana(n.person("ana", lan), n.kMirror);
  Puncher ben(n.person("ben", lan), n.kMirror);
  n.world.run_for(100ms);
  ana.start(ben.local());
  n.world.run_for(100ms);
  EXPECT_EQ(ana.answered(), ben.local());
}

// A chain is as bad as its worse member in each property.
NatProfile chained(const NatProfile& home, const NatProfile& carrier) {
  return {.mapping = std::max(home.mapping, carrier.mapping),
          .filtering = std::max(home.filtering, carrier.filtering)};
}

TEST(NatPunching, a_home_behind_a_carrier_behaves_as_the_worse_of_both_in_all_64_chains) {
  for (const NatProfile& home : classic_four()) {
    for (const NatProfile& carrier : classic_four()) {
      for (const NatProfile& b : classic_four()) {
        Neighbourhood n;
        Segment& access = n.world.segment("access", {"100.64.0.0/10"_prefix});
        n.world.router("carrier", {.nat = carrier}, access, n.internet, {"203.0.113.30"_ip});
        Node& ana = n.person("ana", n.home("a", home, access, {}));
        Node& ben = n.person("ben", n.home("b", b, n.internet, {"203.0.113.20"_ip}));
        EXPECT_EQ(n.punch(ana, ben), is_direct(chained(home, carrier), b))
            << name_of(home) << " behind " << name_of(carrier) << " with " << name_of(b);
      }
    }
  }
}

TEST(NatPunching, neighbours_behind_one_carrier_meet_where_the_carrier_hairpins) {
  for (const bool hairpinning : {true, false}) {
    NatProfile carrier = NatProfile::full_cone();
    carrier.hairpinning = hairpinning;
    Neighbourhood n;
    Segment& access = n.world.segment("access", {"100.64.0.0/10"_prefix});
    n.world.router("carrier", {.nat = carrier}, access, n.internet, {"203.0.113.30"_ip});
    Node& ana = n.person("ana", n.home("a", NatProfile::port_restricted(), access, {}));
    Node& ben = n.person("ben", n.home("b", NatProfile::port_restricted(), access, {}));
    EXPECT_EQ(n.punch(ana, ben), hairpinning);
  }
}

TEST(NatPunching, a_noisy_nat_is_spoilt_by_whoever_knocks_early) {
  for (const bool noisy : {false, true}) {
    NatProfile nat = NatProfile::port_restricted();
    nat.noisy = noisy;
    nat.ports = PortAllocation::kPreserving;
    for (const bool ana_first : {true, false}) {
      Neighbourhood n;
      Node& ana = n.person("ana", n.home("a", nat, n.internet, {"203.0.113.10"_ip}));
      Node& ben = n.person("ben", n.home("b", nat, n.internet, {"203.0.113.20"_ip}));
      EXPECT_EQ(ana_first ? n.punch(ana, ben) : n.punch(ben, ana), !noisy);
    }
  }
}

}  // namespace
}  // namespace beeline::sim
