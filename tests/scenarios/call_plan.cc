// Drawing a call and telling what was drawn.
#include <fmt/format.h>

#include <algorithm>

#include "tests/scenarios/random_call.h"
#include "tests/scenarios/theory.h"

namespace beeline::scenarios {

bool one_in(Random& random, std::uint32_t n) {
  return random.below(n) == 0;
}
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

sim::NatProfile draw_nat(Random& random) {
  sim::NatProfile nat = profile_of(kNatTypes[random.below(9)]);
  nat.hairpinning = !one_in(random, 4);
  nat.ports = static_cast<sim::PortAllocation>(random.below(3));
  nat.sequential_step = static_cast<std::uint16_t>(1 + random.below(4));
  nat.udp_lifetime = seconds(20 + random.below(100));
  nat.noisy = one_in(random, 12);
  return nat;
}

sim::LinkProfile draw_link(Random& random) {
  sim::LinkProfile link;
  link.delay = milliseconds(1 + random.below(120));
  link.jitter = milliseconds(random.below(20));
  if (one_in(random, 3)) link.loss = sim::Chance::percent(1 + random.below(5));
  if (one_in(random, 8))
    link.bursts = {.start = {.per_million = 500 + random.below(2'000)},
                   .end = sim::Chance::percent(50)};
  if (one_in(random, 6)) link.duplication = sim::Chance::percent(1 + random.below(5));
  if (one_in(random, 6)) link.reordering = sim::Chance::percent(1 + random.below(10));
  return link;
}

PlacePlan draw_place(Random& random) {
  PlacePlan plan;
  const std::uint32_t nats = random.below(20);
  for (std::uint32_t i = 0; i < (nats < 3 ? 0U : nats < 15 ? 1U : 2U); ++i)
    plan.nats.push_back(draw_nat(random));
  plan.v6 = one_in(random, 4);
  if (plan.v6 && one_in(random, 3)) {
    // IPv6 only, perhaps with a NAT64.
    plan.v4 = false;
    plan.nat64 = one_in(random, 2);
    plan.nats.resize(plan.nat64 ? 1 : 0);
    if (plan.nat64) plan.nats[0] = draw_nat(random);
  }
  if (plan.v6) plan.firewall.inbound = sim::FirewallProfile::Inbound::kAnswers;
  if (one_in(random, 10))
    plan.firewall.outbound = one_in(random, 2) ? sim::FirewallProfile::Outbound::kNoUdp
                                               : sim::FirewallProfile::Outbound::kOnlyTcp443;
  plan.link = draw_link(random);
  return plan;
}

Fault draw_fault(Random& random) {
  return {
      .kind = static_cast<FaultKind>(random.below(static_cast<std::uint32_t>(FaultKind::kCount))),
      .at_answerer = one_in(random, 2),
      .at = milliseconds(500 + random.below(9'500)),
      .lasts = milliseconds(200 + random.below(3'800))};
}

// What takes long: calls in which grants of a TURN server run out, sleep that outlasts consent,
// candidates that come late.
void draw_patience(Random& random, CallPlan& plan) {
  switch (random.below(100)) {
    case 0:
    case 1:
    case 2:
      plan.length = seconds(620 + random.below(60));
      plan.talk = milliseconds(1500);
      return;
    case 3:
    case 4:
    case 5:
      plan.faults.push_back({.kind = FaultKind::kSuspend,
                             .at_answerer = one_in(random, 2),
                             .at = seconds(11 + random.below(4)),
                             .lasts = seconds(34 + random.below(12))});
      plan.length += seconds(60);
      return;
    case 6:
    case 7:
    case 8:
      plan.late_candidates = seconds(8 + random.below(10));
      plan.length += seconds(20);
      return;
    default:
      return;
  }
}

const char* name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNatReboot:
      return "NAT reboot";
    case FaultKind::kInterfaceSwap:
      return "interface swap";
    case FaultKind::kLinkOutage:
      return "outage";
    case FaultKind::kLossBurst:
      return "loss";
    case FaultKind::kSuspend:
      return "suspend";
    case FaultKind::kServerRestart:
      return "server restart";
    case FaultKind::kIceRestart:
      return "ICE restart";
    case FaultKind::kCount:
      break;
  }
  return "?";
}

std::string to_string(const PlacePlan& plan) {
  std::string text = plan.v4 ? (plan.v6 ? "v4+v6" : "v4") : (plan.nat64 ? "v6+NAT64" : "v6");
  for (const sim::NatProfile& nat : plan.nats)
    text += fmt::format(" {}{}{}", scenarios::name_of({nat.mapping, nat.filtering}),
                        nat.hairpinning ? "" : " no hairpin", nat.noisy ? " noisy" : "");
  if (plan.firewall.outbound == sim::FirewallProfile::Outbound::kNoUdp) text += " no-UDP";
  if (plan.firewall.outbound == sim::FirewallProfile::Outbound::kOnlyTcp443) text += " only-443";
  return text + fmt::format(" {} ms", plan.link.delay.count() / 1000);
}

}  // namespace

bool CallPlan::is_calm() const {
  const auto calm = [](const PlacePlan& place) {
    return place.link.loss.per_million == 0 && place.link.bursts.start.per_million == 0 &&
           place.firewall.outbound == sim::FirewallProfile::Outbound::kAll &&
           std::ranges::none_of(place.nats, &sim::NatProfile::noisy);
  };
  return faults.empty() && late_candidates == Duration{} && !hostile && calm(offerer) &&
         calm(answerer);
}

int CallPlan::nats() const {
  return static_cast<int>(offerer.nats.size() + (same_place ? 0 : answerer.nats.size()));
}

CallPlan draw_call(std::uint64_t seed) {
  Random random = Random::from_number(seed).fork("call");
  CallPlan plan;
  plan.seed = seed;
  plan.offerer = draw_place(random);
  plan.answerer = draw_place(random);
  plan.elsewhere = draw_place(random);
  plan.same_place = one_in(random, 12);
  plan.same_role = one_in(random, 10);
  plan.relay_only = one_in(random, 15);
  plan.tcp = one_in(random, 5);
  plan.hostile = one_in(random, 5);
  plan.signaling = milliseconds(5 + random.below(200));
  plan.length = seconds(30 + random.below(10));
  const std::uint32_t faults = random.below(10);
  for (std::uint32_t i = 0; i < (faults < 2 ? 0U : faults < 7 ? 1U : 2U); ++i)
    plan.faults.push_back(draw_fault(random));
  draw_patience(random, plan);
  plan.lies = plan.hostile && one_in(random, 2);
  return plan;
}

std::string CallPlan::to_string() const {
  std::string text = fmt::format("{} | {}", scenarios::to_string(offerer),
                                 same_place ? "the same place" : scenarios::to_string(answerer));
  if (same_role) text += " | same role";
  if (relay_only) text += " | relay only";
  if (tcp) text += " | tcp";
  if (hostile) text += lies ? " | hostile, lies" : " | hostile";
  if (late_candidates != Duration{})
    text += fmt::format(" | candidates late by {} s", late_candidates.count() / 1'000'000);
  if (length > seconds(600)) text += fmt::format(" | {} s long", length.count() / 1'000'000);
  for (const Fault& fault : faults) {
    text += fmt::format(" | {} at {} ms", name_of(fault.kind), fault.at.count() / 1000);
    if (fault.kind == FaultKind::kInterfaceSwap) text += " to " + scenarios::to_string(elsewhere);
    text += fault.at_answerer ? " (answerer)" : " (offerer)";
  }
  return text;
}

void CallTotals::add(const CallTotals& other) {
  calls += other.calls;
  violations += other.violations;
  direct += other.direct;
  relayed += other.relayed;
  unconnected += other.unconnected;
  packets += other.packets;
  faults += other.faults;
  nats += other.nats;
  virtual_time += other.virtual_time;
}

}  // namespace beeline::scenarios
