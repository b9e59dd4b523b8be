// Playing a scenario of the table.
#include "tests/scenarios/scenario.h"

#include <algorithm>
#include <iterator>

#include "tests/scenarios/checkers.h"

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kEventAt = seconds(10);
constexpr Duration kAfterEvent = seconds(30);

// An event in the middle of a call; b is what it happens to.
class Play {
 public:
  Play(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario),
        internet_(seed),
        place_a_(internet_.place("a", scenario.a)),
        place_b_(scenario.same_place ? place_a_ : internet_.place("b", scenario.b)),
        a_(internet_.caller("ana", place_a_, ice::Role::kControlling, settings("mei", false))),
        b_(internet_.caller("ben", place_b_,
                            scenario.same_role ? ice::Role::kControlling : ice::Role::kControlled,
                            settings("ben", scenario.lite))),
        call_(internet_.world, a_, b_, milliseconds(30)) {
    if (scenario.hosts_hidden)
      call_.lets_through = [](const ice::Candidate& candidate) {
        return candidate.type != ice::CandidateType::kHost;
      };
  }

  Outcome run() {
    sim::World& world = internet_.world;
    const Instant began = world.now();
    call_.start();
    a_.talk();
    b_.talk();
    world.run_for(kEventAt);
    a_.forget_silence();
    b_.forget_silence();
    happen();
    world.run_for(kAfterEvent);
    Outcome outcome;
    if (a_.connected_at() && b_.connected_at())
      outcome.connected = std::max(*a_.connected_at(), *b_.connected_at()) - began;
    const auto path_a = a_.agent().path();
    const auto path_b = b_.agent().path();
    if (path_a && path_b) {
      outcome.relayed = path_a->relayed && path_b->relayed;
      outcome.agreed = Checkers::agree(a_, b_, true);
    }
    if (a_.direct_at() && b_.direct_at())
      outcome.best_path = std::max(*a_.direct_at(), *b_.direct_at()) - began;
    outcome.silence = std::max(silence(a_), silence(b_));
    outcome.hears = silence_now(a_) < seconds(1) && silence_now(b_) < seconds(1);
    return outcome;
  }

 private:
  ice::Settings settings(const std::string& user, bool lite) const {
    ice::Settings settings;
    settings.servers = internet_.servers(user);
    if (scenario_.relay_only) settings.policy = ice::Policy::kRelayOnly;
    if (scenario_.two_stun_servers) settings.servers.push_back(internet_.second_stun_server());
    settings.lite = lite;
    return settings;
  }

  Duration silence_now(const Caller& caller) const {
    return caller.heard_at() ? internet_.world.now() - *caller.heard_at()
                             : internet_.world.now().since_start;
  }
  Duration silence(const Caller& caller) const {
    return std::max(caller.longest_silence(), silence_now(caller));
  }

  void happen() {
    switch (scenario_.event) {
      case Event::kNone:
        return;
      case Event::kNatReboot:
        return place_b_.routers.back()->reboot();
      case Event::kInterfaceSwap:
        return swap();
      case Event::kServerRestart:
        internet_.server->kill();
        return internet_.world.after(seconds(1), [this] { internet_.server->start(); });
      case Event::kIceRestart:
        return call_.restart();
      case Event::kSuspend:
        b_.node().suspend();
        internet_.world.run_for(seconds(60));
        b_.node().resume();
        a_.forget_silence();
        return b_.forget_silence();
    }
  }

  void swap() {
    Place& next = internet_.place("b's next", scenario_.b);
    const std::vector<sim::Link*> old = b_.node().links();
    internet_.attach(b_.node(), next);
    for (sim::Link* link : old) b_.node().detach(*link);
  }

  const Scenario& scenario_;
  Internet internet_;
  Place& place_a_;
  Place& place_b_;
  Caller& a_;
  Caller& b_;
  Call call_;
};

PlacePlan behind(sim::NatProfile nat) {
  return {.nats = {nat}};
}

sim::NatProfile no_hairpin() {
  sim::NatProfile nat = sim::NatProfile::port_restricted();
  nat.hairpinning = false;
  return nat;
}

sim::NatProfile counting(std::uint16_t step) {
  sim::NatProfile nat = sim::NatProfile::symmetric();
  nat.ports = sim::PortAllocation::kSequential;
  nat.sequential_step = step;
  return nat;
}

sim::NatProfile noisy() {
  sim::NatProfile nat = sim::NatProfile::port_restricted();
  nat.noisy = true;
  return nat;
}

PlacePlan only(sim::FirewallProfile::Outbound outbound) {
  PlacePlan plan = behind(sim::NatProfile::port_restricted());
  plan.firewall.outbound = outbound;
  return plan;
}

PlacePlan with_v6(bool v4, bool nat64) {
  PlacePlan plan;
  if (v4 || nat64) plan.nats = {sim::NatProfile::port_restricted()};
  plan.v4 = v4;
  plan.v6 = true;
  plan.nat64 = nat64;
  plan.firewall.inbound = sim::FirewallProfile::Inbound::kAnswers;
  return plan;
}

// Where something happens in the middle.
std::vector<Scenario> with_events() {
  const PlacePlan home = behind(sim::NatProfile::port_restricted());
  const Duration quick = seconds(3);
  return {
      {.name = "a NAT forgets its mappings",
       .a = home,
       .b = home,
       .event = Event::kNatReboot,
       .again_within = quick},
      {.name = "to another network",
       .a = home,
       .b = home,
       .event = Event::kInterfaceSwap,
       .again_within = quick},
      {.name = "to another network, relayed",
       .a = home,
       .b = home,
       .relay_only = true,
       .event = Event::kInterfaceSwap,
       .relayed = true,
       .again_within = quick},
      {.name = "the TURN server of a relayed call starts anew",
       .a = home,
       .b = home,
       .relay_only = true,
       .event = Event::kServerRestart,
       .relayed = true,
       .again_within = seconds(10)},
      {.name = "ICE restart",
       .a = home,
       .b = home,
       .event = Event::kIceRestart,
       .again_within = seconds(1)},
      {.name = "a minute of sleep",
       .a = home,
       .b = home,
       .event = Event::kSuspend,
       .again_within = quick},
  };
}

}  // namespace

Outcome play(const Scenario& scenario, std::uint64_t seed) {
  return Play(scenario, seed).run();
}

std::vector<Scenario> all_scenarios() {
  using Outbound = sim::FirewallProfile::Outbound;
  const PlacePlan home = behind(sim::NatProfile::port_restricted());
  const PlacePlan open;
  std::vector<Scenario> all{
      {.name = "one home, host candidates told", .a = home, .same_place = true},
      {.name = "one home, hosts hidden, its NAT hairpins",
       .a = home,
       .same_place = true,
       .hosts_hidden = true},
      {.name = "one home, hosts hidden, no hairpin",
       .a = behind(no_hairpin()),
       .same_place = true,
       .hosts_hidden = true,
       .relayed = true},
      {.name = "a symmetric NAT that counts ports, with a port-restricted one",
       .a = behind(counting(1)),
       .b = home,
       .two_stun_servers = true},
      {.name = "symmetric NATs that count ports, both",
       .a = behind(counting(2)),
       .b = behind(counting(1)),
       .two_stun_servers = true},
      {.name = "symmetric NATs that choose ports at random, both",
       .a = behind(sim::NatProfile::symmetric()),
       .b = behind(sim::NatProfile::symmetric()),
       .two_stun_servers = true,
       .relayed = true},
      {.name = "IPv6 only behind NAT64, with IPv4", .a = with_v6(false, true), .b = home},
      {.name = "IPv6 only, both", .a = with_v6(false, false), .b = with_v6(false, false)},
      {.name = "IPv4 and IPv6, both", .a = with_v6(true, false), .b = with_v6(true, false)},
      {.name = "UDP blocked at one side", .a = only(Outbound::kNoUdp), .b = home, .relayed = true},
      {.name = "UDP blocked at both sides",
       .a = only(Outbound::kNoUdp),
       .b = only(Outbound::kNoUdp),
       .relayed = true},
      {.name = "only TCP 443 at one side",
       .a = only(Outbound::kOnlyTcp443),
       .b = home,
       .relayed = true},
      {.name = "only TCP 443 at both sides",
       .a = only(Outbound::kOnlyTcp443),
       .b = only(Outbound::kOnlyTcp443),
       .relayed = true},
      {.name = "a NAT that what comes unasked confuses, both sides",
       .a = behind(noisy()),
       .b = behind(noisy()),
       .either = true},
      {.name = "both controlling", .a = home, .b = home, .same_role = true},
      {.name = "a lite side", .a = home, .b = open, .lite = true},
      {.name = "relay only", .a = home, .b = home, .relay_only = true, .relayed = true},
  };
  std::ranges::move(with_events(), std::back_inserter(all));
  return all;
}

}  // namespace beeline::scenarios
