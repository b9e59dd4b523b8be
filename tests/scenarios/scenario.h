// Scenarios with a verdict each: two callers, something that happens in the middle of their call,
// and what has to come of it. A table of them is docs/benchmarks/ice-scenarios.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/scenarios/internet.h"

namespace beeline::scenarios {

enum class Event : std::uint8_t {
  kNone,
  kNatReboot,
  kInterfaceSwap,
  kServerRestart,
  kIceRestart,
  kSuspend
};

struct Scenario {
  std::string name;
  PlacePlan a{};
  PlacePlan b{};
  bool same_place = false;
  bool hosts_hidden = false;  // the other side is not told of host candidates
  bool relay_only = false;
  bool same_role = false;
  bool lite = false;              // b is
  bool two_stun_servers = false;  // at two addresses
  Event event = Event::kNone;
  bool relayed = false;  // the verdict; else direct
  bool either = false;   // or any path at all
  // Both sides say "connected" within, from the first command.
  Duration connected_within = std::chrono::seconds(2);
  // After the event both sides hear each other again within.
  Duration again_within{};
};

struct Outcome {
  std::optional<Duration> connected;
  bool relayed = false;               // at the end, on both sides
  bool agreed = false;                // both are on the same path
  std::optional<Duration> best_path;  // when the last side came to a direct path
  Duration silence{};                 // the longest on either side after the event
  bool hears = false;                 // both do, at the end
};

// The event happens 10 s after the beginning, the end is 30 s after that.
Outcome play(const Scenario& scenario, std::uint64_t seed);

// Every scenario of the table.
std::vector<Scenario> all_scenarios();

}  // namespace beeline::scenarios
