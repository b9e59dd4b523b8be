// Running a call that was drawn, and judging it.
#include "tests/scenarios/random_call.h"

#include <algorithm>

#include "beeline/sim/pcap.h"
#include "tests/scenarios/attacker.h"
#include "tests/scenarios/describe.h"
#include "tests/scenarios/theory.h"
#include "tests/scenarios/trouble.h"

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Outbound = sim::FirewallProfile::Outbound;

// What IPv4 gets through to.
sim::NatProfile seen_from_outside(const PlacePlan& plan) {
  sim::NatProfile nat = profile_of(combined(plan.nats));
  if (plan.nats.empty() && plan.firewall.inbound == sim::FirewallProfile::Inbound::kAnswers)
    nat.filtering = sim::NatBehavior::kAddressAndPortDependent;
  return nat;
}

// Whether theory knows a direct path between two places (each where its caller is at the end).
bool direct_path_exists(const PlacePlan& a, const PlacePlan& b, bool same_place) {
  if (same_place) return true;
  if (a.firewall.outbound != Outbound::kAll || b.firewall.outbound != Outbound::kAll) return false;
  if (a.v6 && b.v6) return true;
  if (!(a.v4 || a.nat64) || !(b.v4 || b.nat64)) return false;
  return may_be_direct(seen_from_outside(a), seen_from_outside(b));
}

// Where theory and practice may part: a noisy NAT moves ports as it likes.
bool is_certain(const PlacePlan& plan) {
  return std::ranges::none_of(plan.nats, &sim::NatProfile::noisy);
}

bool keeps_ports(const PlacePlan& plan) {
  return combined(plan.nats).mapping == sim::NatBehavior::kEndpointIndependent;
}

constexpr Duration kSoon = seconds(3);
constexpr Duration kOnItsWay = seconds(2);

// One call in progress.
class Run {
 public:
  Run(const CallPlan& plan, const RunOptions& options)
      : plan_(plan),
        explain_(options.explain),
        internet_(plan.seed),
        checkers_(internet_),
        trouble_(internet_, plan.elsewhere) {
    if (options.trace)
      internet_.world.trace().keep_lines(
          [](const sim::IpPacket& packet) { return describe(packet); });
    if (!options.pcap.empty()) sim::capture(internet_.world.trace(), options.pcap);
    Place& home = internet_.place("offerer's", plan.offerer);
    Place& other = plan.same_place ? home : internet_.place("answerer's", plan.answerer);
    offerer_.place = &home;
    answerer_.place = &other;
    ice::Settings settings;
    settings.servers = internet_.servers("mei");
    settings.tcp = plan.tcp;
    if (plan.relay_only) settings.policy = ice::Policy::kRelayOnly;
    offerer_.caller = &internet_.caller("offerer", home, ice::Role::kControlling, settings);
    settings.servers = internet_.servers("ben");
    answerer_.caller = &internet_.caller(
        "answerer", other, plan.same_role ? ice::Role::kControlling : ice::Role::kControlled,
        settings);
    checkers_.watch(*offerer_.caller);
    checkers_.watch(*answerer_.caller);
    call_ = std::make_unique<Call>(internet_.world, *offerer_.caller, *answerer_.caller,
                                   plan.signaling, plan.late_candidates);
    for (Side* side : {&offerer_, &answerer_}) side->node = &side->caller->node();
    trouble_.wakes = [this] { checkers_.expect_late_answers(); };
    trouble_.restarts_ice = [this] {
      checkers_.expect_restart();
      call_->restart();
    };
  }

  CallResult run() {
    sim::World& world = internet_.world;
    std::optional<Attacker> attacker;
    if (plan_.hostile) {
      attacker.emplace(internet_);
      checkers_.distrust(attacker->node());
      for (Caller* caller : {offerer_.caller, answerer_.caller})
        if (plan_.lies)
          world.after(seconds(1), [&attacker, caller] { attacker->name_victims(*caller); });
    }
    began_ = world.now();
    for (const Fault& fault : plan_.faults)
      world.at(began_ + fault.at, [this, &fault] {
        trouble_.befall(fault.at_answerer ? answerer_ : offerer_, fault);
      });
    call_->start();
    offerer_.caller->talk(plan_.talk);
    answerer_.caller->talk(plan_.talk);
    world.run_until(began_ + plan_.length);
    judge();
    if (explain_)
      explanation_ = "offerer: " + describe(offerer_.caller->agent().explain()) +
                     "answerer: " + describe(answerer_.caller->agent().explain());
    finish();
    return result();
  }

 private:
  struct Side : Whereabouts {
    Caller* caller = nullptr;
  };

  void judge() {
    if (internet_.world.is_stuck())
      return checkers_.violated("time_goes_on", "somebody asks for a deadline that has passed");
    checkers_.expect_patience(*offerer_.caller);
    checkers_.expect_patience(*answerer_.caller);
    const PlacePlan& a = offerer_.place->plan;
    const PlacePlan& b = answerer_.place->plan;
    const bool together = offerer_.place == answerer_.place;
    const bool ports = keeps_ports(a) && keeps_ports(b);
    // What one side has just decided may be on its way to the other.
    for (const Instant end = internet_.world.now() + kOnItsWay;
         !Checkers::agree(*offerer_.caller, *answerer_.caller, ports) &&
         internet_.world.now() < end;)
      internet_.world.run_for(milliseconds(100));
    const auto path = offerer_.caller->agent().path();
    const auto other = answerer_.caller->agent().path();
    if (!path || !other) {
      if (!plan_.lies)
        checkers_.violated("connected", path || other ? "one side only" : "neither side");
      return;
    }
    checkers_.expect_agreement(*offerer_.caller, *answerer_.caller, ports);
    expect_data(*offerer_.caller);
    expect_data(*answerer_.caller);
    checkers_.expect_only_the_others_data(*offerer_.caller, *answerer_.caller);
    checkers_.expect_only_the_others_data(*answerer_.caller, *offerer_.caller);
    if (plan_.is_calm()) expect_calm();
    const bool direct = !path->relayed;
    direct_ = direct;
    const bool possible = !plan_.relay_only && direct_path_exists(a, b, together);
    if (direct && plan_.relay_only) checkers_.violated("relay_only_is_relayed", "a direct path");
    if (!direct && possible && !plan_.lies && is_certain(a) && is_certain(b))
      checkers_.violated("best_path", "relayed where a direct path exists");
  }

  void expect_data(const Caller& caller) {
    const Instant now = internet_.world.now();
    // Links lose: two words in a row now and then, which in a call of few words is long.
    if (!caller.heard_at() || now - *caller.heard_at() > seconds(2) + 3 * plan_.talk)
      checkers_.violated("data_flows", caller.node().name() + " hears nothing");
  }

  // Where nothing goes wrong, a call stands soon, and nothing is ever missing.
  void expect_calm() {
    for (const Caller* caller : {offerer_.caller, answerer_.caller}) {
      if (!caller->connected_at() || *caller->connected_at() - began_ > kSoon)
        checkers_.violated("connects_soon", caller->node().name());
      if (caller->longest_silence() > 2 * plan_.talk + kSoon)
        checkers_.violated("no_silence", caller->node().name());
    }
  }

  void finish() {
    checkers_.expect_no_secrets(*offerer_.caller);
    checkers_.expect_no_secrets(*answerer_.caller);
    offerer_.caller->close();
    answerer_.caller->close();
    internet_.world.run_for(seconds(11 * 60));
    if (!internet_.world.is_stuck()) checkers_.expect_no_allocations();
  }

  CallResult result() {
    const sim::Trace& trace = internet_.world.trace();
    CallResult told;
    told.digest = trace.digest();
    told.violations = checkers_.violations();
    told.trace = trace.text();
    told.explanation = explanation_;
    told.totals = {.calls = 1,
                   .violations = told.violations.size(),
                   .packets = trace.count(sim::Step::kSent),
                   .faults = plan_.faults.size(),
                   .nats = static_cast<std::uint64_t>(plan_.nats()),
                   .virtual_time = plan_.length};
    if (direct_)
      ++(*direct_ ? told.totals.direct : told.totals.relayed);
    else
      ++told.totals.unconnected;
    return told;
  }

  const CallPlan& plan_;
  Instant began_;
  bool explain_;
  std::string explanation_;
  Internet internet_;
  Checkers checkers_;
  Trouble trouble_;
  Side offerer_;
  Side answerer_;
  std::unique_ptr<Call> call_;
  std::optional<bool> direct_;  // the path at the end
};

}  // namespace

CallResult run_call(const CallPlan& plan, const RunOptions& options) {
  return Run(plan, options).run();
}

}  // namespace beeline::scenarios
