// Many pairs of agents in one simulated world, each pair on a segment of its own with 20 ms from
// end to end: what connecting and staying connected costs. Prints one JSON line.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "beeline/ice/agent.h"
#include "beeline/sim/core_node.h"
#include "bench/ice/cost.h"

namespace beeline::bench {
namespace {

constexpr Duration kCable = std::chrono::milliseconds(10);
constexpr Duration kSignaling = std::chrono::milliseconds(30);
constexpr Duration kConnecting = std::chrono::seconds(10);
constexpr Duration kIdle = std::chrono::seconds(30);

class Side {
 public:
  Side(sim::Node& node, ice::Role role)
      : world_(node.world()),
        agent_({}, role, world_.random(node.name() + "/ice"), world_.packets(), log_),
        host_(node, agent_, [this](ice::Agent::Event event) { on_event(std::move(event)); }) {}

  void start(Side& other) {
    other_ = &other;
    tell([this](Side& them, Instant now) {
      them.agent_.set_remote(agent_.local_parameters(), now);
    });
    agent_.gather(world_.now());
    host_.settle();
  }
  const ice::Agent& agent() const { return agent_; }
  std::optional<Instant> connected_at;

 private:
  template <typename Message>
  void tell(Message message) {
    world_.after(kSignaling, [message, other = other_] {
      message(*other, other->world_.now());
      other->host_.settle();
    });
  }
  void on_event(ice::Agent::Event event) {
    if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event))
      tell([candidate = gathered->candidate](Side& them, Instant now) {
        them.agent_.add_remote(candidate, now);
      });
    else if (std::holds_alternative<ice::GatheringDone>(event))
      tell([](Side& them, Instant now) { them.agent_.end_of_remote_candidates(now); });
    else if (const auto* changed = std::get_if<ice::StateChanged>(&event))
      if (changed->state == ice::State::kConnected && !connected_at) connected_at = world_.now();
  }

  sim::World& world_;
  NullLog log_;
  ice::Agent agent_;
  sim::CoreNode<ice::Agent> host_;
  Side* other_ = nullptr;
};

struct Pair {
  Side a;
  Side b;
};

std::uint64_t checks(const std::vector<std::unique_ptr<Pair>>& pairs) {
  std::uint64_t sum = 0;
  for (const auto& pair : pairs)
    sum += pair->a.agent().explain().checks_sent + pair->b.agent().explain().checks_sent;
  return sum;
}

int run(std::size_t count) {
  sim::World world(1);
  std::vector<std::pair<sim::Node*, sim::Node*>> places;
  for (std::size_t i = 0; i < count; ++i) {
    sim::Segment& segment = world.segment(fmt::format("s{}", i));
    places.emplace_back(&world.node(fmt::format("a{}", i)), &world.node(fmt::format("b{}", i)));
    places.back().first->attach(segment, {*IpAddress::parse("192.0.2.1")}, {.delay = kCable});
    places.back().second->attach(segment, {*IpAddress::parse("192.0.2.2")}, {.delay = kCable});
  }
  const double kib_before = resident_kib();
  const double cpu_before = cpu_seconds();
  const Instant began = world.now();
  std::vector<std::unique_ptr<Pair>> pairs;
  for (const auto& [a, b] : places) {
    pairs.push_back(std::unique_ptr<Pair>(
        new Pair{{*a, ice::Role::kControlling}, {*b, ice::Role::kControlled}}));
    pairs.back()->a.start(pairs.back()->b);
    pairs.back()->b.start(pairs.back()->a);
  }
  world.run_for(kConnecting);
  const double cpu_connected = cpu_seconds();
  const double kib = resident_kib() - kib_before;
  std::vector<Duration> times;
  for (const auto& pair : pairs)
    if (pair->a.connected_at && pair->b.connected_at)
      times.push_back(std::max(*pair->a.connected_at, *pair->b.connected_at) - began);
  if (times.size() < count) {
    fmt::print(stderr, "only {} of {} pairs connected\n", times.size(), count);
    return 1;
  }
  const std::uint64_t checks_before = checks(pairs);
  const double cpu_idle_from = cpu_seconds();
  world.run_for(kIdle);
  const double cpu_idle = cpu_seconds() - cpu_idle_from;
  const auto agents = 2 * static_cast<double>(count);
  fmt::print(
      "{{\"who\": \"beeline simulated\", \"pairs\": {}, \"pairs_per_cpu_s\": {:.1f}, "
      "\"us_per_agent\": {:.1f}, \"kib_per_agent\": {:.2f}, \"p50_ms\": {:.1f}, \"p99_ms\": "
      "{:.1f}, "
      "\"checks_per_agent\": {:.1f}, \"idle_checks_per_cpu_s\": {:.0f}, "
      "\"idle_us_per_agent_s\": {:.2f}}}\n",
      count, static_cast<double>(count) / (cpu_connected - cpu_before),
      (cpu_connected - cpu_before) * 1e6 / agents, kib / agents, quantile_ms(times, 0.5),
      quantile_ms(times, 0.99), static_cast<double>(checks_before) / agents,
      static_cast<double>(checks(pairs) - checks_before) / cpu_idle,
      cpu_idle * 1e6 / agents / std::chrono::duration<double>(kIdle).count());
  return 0;
}

}  // namespace
}  // namespace beeline::bench

int main(int argc, char** argv) {
  return beeline::bench::run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 5000);
}
