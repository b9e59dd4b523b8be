// stun::NatProbe against turn::Server, with every NAT of the simulator in between: what is found
// out is what the NAT was made to be, and what cannot be is said.
#include <gtest/gtest.h>

#include "beeline/sim/core_node.h"
#include "beeline/stun/nat_probe.h"
#include "tests/scenarios/turn_server_node.h"

namespace beeline::scenarios {
namespace {

using namespace std::chrono_literals;
using namespace sim::literals;
using sim::LinkProfile;
using sim::NatProfile;
using stun::NatBehavior;
using stun::NatDoubt;
using stun::NatKind;
using stun::NatOutcome;
using stun::NatPorts;
using stun::NatReport;

// One home behind a router, one server with two addresses.
class Home {
 public:
  struct Making {
    sim::RouterProfile router{};
    Duration delay = 10ms;
    sim::Chance loss{};
    std::uint64_t seed = 1;
    bool second_address = true;
    bool tests_nats = true;
  };
  explicit Home(const Making& made) : world(made.seed) {
    server.attach(internet,
                  made.second_address ? std::vector{"198.51.100.1"_ip, "198.51.100.2"_ip}
                                      : std::vector{"198.51.100.1"_ip},
                  {.delay = 5ms});
    turn.emplace(server, made.tests_nats);
    router = &world.router("router", made.router, lan, internet, {"203.0.113.10"_ip});
    router->outside().set_profile({.delay = made.delay, .loss = made.loss});
    world.add_name("stun.example", {"198.51.100.1"_ip});
    world.add_name("self.example", {"127.0.0.1"_ip});
    ana.attach(lan, LinkProfile{.delay = 1ms});
  }
  Home(const NatProfile& nat) : Home(Making{.router = {.nat = nat}}) {}

  NatReport probe(stun::NatProbeSettings settings = {.server = "stun.example"}) {
    stun::NatProbe core(std::move(settings), world.random("probe"), world.packets());
    std::optional<NatReport> report;
    sim::CoreNode<stun::NatProbe> host(ana, core, [&](stun::NatProbe::Event event) {
      if (auto* done = std::get_if<NatReport>(&event)) report = std::move(*done);
    });
    core.start(world.now());
    host.settle();
    const Instant began = world.now();
    EXPECT_TRUE(world.run_while([&] { return !report; }, began + 20min));
    took = world.now() - began;
    EXPECT_FALSE(core.next_timeout()) << "all is over";
    return report.value_or(NatReport{});
  }

  sim::World world;
  sim::Segment& internet = world.segment("internet");
  sim::Segment& lan = world.segment("lan", {"192.168.1.0/24"_prefix});
  sim::Node& server = world.node("server");
  sim::Node& ana = world.node("ana");
  std::optional<TurnServerNode> turn;
  sim::Router* router = nullptr;
  Duration took{};
};

constexpr std::array kSimulated{sim::NatBehavior::kEndpointIndependent,
                                sim::NatBehavior::kAddressDependent,
                                sim::NatBehavior::kAddressAndPortDependent};

// The words of the simulator and those of the probe are in the same order.
NatBehavior in_words(sim::NatBehavior behavior) {
  return static_cast<NatBehavior>(behavior);
}

//= RFC 5780 §4.3 test
//= RFC 5780 §4.4 test
TEST(NatProbe, all_nine_kinds_of_nat_are_told_apart) {
  for (const auto mapping : kSimulated) {
    for (const auto filtering : kSimulated) {
      Home home(NatProfile{.mapping = mapping, .filtering = filtering});
      const NatReport report = home.probe();
      ASSERT_EQ(report.outcome, NatOutcome::kMeasured);
      EXPECT_EQ(report.mapping.value, in_words(mapping));
      EXPECT_EQ(report.filtering.value, in_words(filtering));
      EXPECT_EQ(report.ports.value, NatPorts::kRandom);
      EXPECT_EQ(report.mapped.ip, "203.0.113.10"_ip);
      EXPECT_EQ(report.round_trip, 32ms);
      EXPECT_LT(home.took, 4s);
    }
  }
}

TEST(NatProbe, all_nine_are_told_apart_where_a_tenth_of_all_packets_is_lost) {
  int right = 0;
  int all = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const auto mapping : kSimulated) {
      for (const auto filtering : kSimulated) {
        Home home({.router = {.nat = NatProfile{.mapping = mapping, .filtering = filtering}},
                   .loss = sim::Chance::percent(10),
                   .seed = seed});
        const NatReport report = home.probe();
        ++all;
        right += report.mapping.value == in_words(mapping) &&
                 report.filtering.value == in_words(filtering);
      }
    }
  }
  // Five questions with 19 % of round trips lost each: one in 4,000 goes unanswered.
  EXPECT_GE(right, all - 1);
}

TEST(NatProbe, a_path_across_the_world_is_waited_for) {
  Home home({.router = {.nat = NatProfile::address_restricted()}, .delay = 400ms});
  const NatReport report = home.probe();
  EXPECT_EQ(kind_of(report), NatKind::kAddressRestricted);
}

//= RFC 5780 §3.4 test
TEST(NatProbe, hairpinning_is_seen_where_it_is_and_only_there) {
  for (const auto filtering : kSimulated) {
    for (const bool hairpinning : {true, false}) {
      Home home(NatProfile{.filtering = filtering, .hairpinning = hairpinning});
      const NatReport report = home.probe();
      EXPECT_EQ(report.hairpinning.value, hairpinning);
      EXPECT_FALSE(report.hairpin_shows_inside);
    }
  }
}

TEST(NatProbe, ports_that_stay_the_same_or_are_counted_are_seen) {
  for (const auto mapping : kSimulated) {
    Home preserving(NatProfile{.mapping = mapping, .ports = sim::PortAllocation::kPreserving});
    EXPECT_EQ(preserving.probe().ports.value, NatPorts::kPreserving);
    Home sequential(NatProfile{
        .mapping = mapping, .ports = sim::PortAllocation::kSequential, .sequential_step = 7});
    const NatReport report = sequential.probe();
    EXPECT_EQ(report.ports.value, NatPorts::kSequential);
    EXPECT_EQ(report.port_step, 7);
  }
}

TEST(NatProbe, without_a_nat_there_is_an_open_door_or_a_firewall) {
  for (const bool open : {true, false}) {
    Home home(Home::Making{});
    sim::Node& ben = home.world.node("ben");
    sim::Segment& office = home.world.segment("office", {"203.0.113.64/28"_prefix});
    ben.attach(office, LinkProfile{.delay = 1ms});
    sim::RouterProfile profile;
    if (!open) profile.firewall.inbound = sim::FirewallProfile::Inbound::kAnswers;
    home.world.router("office/router", profile, office, home.internet, {"203.0.113.90"_ip});
    stun::NatProbe core({.server = "stun.example"}, home.world.random("probe"),
                        home.world.packets());
    std::optional<NatReport> report;
    sim::CoreNode<stun::NatProbe> host(ben, core, [&](stun::NatProbe::Event event) {
      if (auto* done = std::get_if<NatReport>(&event)) report = std::move(*done);
    });
    core.start(home.world.now());
    host.settle();
    home.world.run_for(10s);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->is_translated());
    EXPECT_EQ(kind_of(*report), open ? NatKind::kOpen : NatKind::kFirewall);
    EXPECT_EQ(report->mapping.doubt, NatDoubt::kNoNat);
    EXPECT_EQ(report->hairpinning.doubt, NatDoubt::kNoNat);
  }
}

TEST(NatProbe, where_udp_is_blocked_tcp_shows_that_the_server_is_there) {
  Home home({.router = {.nat = NatProfile::full_cone(),
                        .firewall = {.outbound = sim::FirewallProfile::Outbound::kNoUdp}}});
  const NatReport report = home.probe();
  EXPECT_EQ(report.outcome, NatOutcome::kUdpBlocked);
  EXPECT_EQ(kind_of(report), NatKind::kUdpBlocked);
  EXPECT_LT(home.took, 5s);
}

TEST(NatProbe, where_nothing_is_nothing_is_claimed) {
  Home dead(NatProfile::full_cone());
  dead.turn->kill();
  EXPECT_EQ(dead.probe().outcome, NatOutcome::kNoAnswer);
  Home cut({.router = {.nat = NatProfile::full_cone(),
                       .firewall = {.outbound = sim::FirewallProfile::Outbound::kNothing}}});
  EXPECT_EQ(cut.probe().outcome, NatOutcome::kNoAnswer);
  EXPECT_LT(cut.took, 9s);
  Home nameless(NatProfile::full_cone());
  EXPECT_EQ(nameless.probe({.server = "no.example"}).outcome, NatOutcome::kNoSuchName);
  EXPECT_EQ(nameless.probe({.server = "stun.example", .family = IpFamily::kV6}).outcome,
            NatOutcome::kNoSuchName);
  EXPECT_EQ(nameless.probe({.server = "self.example"}).outcome, NatOutcome::kNoInterface);
}

TEST(NatProbe, a_server_with_one_address_tells_ports_and_hairpinning_and_says_what_is_missing) {
  for (const bool second_address : {false, true}) {
    Home home({.router = {.nat = NatProfile::symmetric()},
               .second_address = second_address,
               .tests_nats = !second_address});
    const NatReport report = home.probe();
    ASSERT_EQ(report.outcome, NatOutcome::kMeasured);
    EXPECT_EQ(report.mapping.doubt, NatDoubt::kOneAddress);
    EXPECT_EQ(report.filtering.doubt, NatDoubt::kOneAddress);
    EXPECT_EQ(report.ports.value, NatPorts::kRandom);
    EXPECT_EQ(report.hairpinning.value, true);
    EXPECT_EQ(kind_of(report), NatKind::kUnknown);
  }
}

TEST(NatProbe, where_the_other_address_is_silent_no_filter_is_made_up) {
  Home home(NatProfile::full_cone());
  sim::Link& link = *home.server.links().front();
  home.world.after(80ms, [&] { link.set_addresses({"198.51.100.1"_ip}); });
  const NatReport report = home.probe();
  EXPECT_EQ(report.mapping.doubt, NatDoubt::kOtherSilent);
  EXPECT_EQ(report.filtering.doubt, NatDoubt::kOtherSilent);
}

//= RFC 5780 §4.6 test
TEST(NatProbe, how_long_a_mapping_lives_is_found_between_two_silences) {
  struct Case {
    Duration lifetime;
    stun::NatLifetime expected;
  };
  for (const Case& one : {Case{25s, {20s, 30s}}, Case{2min, {105s, 120s}}, Case{5s, {0s, 10s}},
                          Case{1h, {300s, std::nullopt}}}) {
    NatProfile nat = NatProfile::port_restricted();
    nat.udp_lifetime = one.lifetime;
    Home home(nat);
    const NatReport report = home.probe({.server = "stun.example", .lifetime = true});
    EXPECT_EQ(report.lifetime.value, one.expected);
    EXPECT_EQ(kind_of(report), NatKind::kPortRestricted);
  }
}

TEST(NatProbe, a_nat_that_keeps_ports_hides_its_lifetime_from_a_server_that_aims_at_no_other_port) {
  NatProfile nat = NatProfile::port_restricted();
  nat.ports = sim::PortAllocation::kPreserving;
  Home home(nat);
  const NatReport report = home.probe({.server = "stun.example", .lifetime = true});
  EXPECT_EQ(report.lifetime.doubt, NatDoubt::kPortsTellNothing);
  EXPECT_LT(home.took, 10s) << "and nobody waits for nothing";
}

}  // namespace
}  // namespace beeline::scenarios
