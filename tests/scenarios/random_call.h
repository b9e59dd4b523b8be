// Whole worlds drawn from a number: two places behind any NATs, links that lose and delay, faults
// in the middle of the call, sometimes somebody hostile; and what has to come of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/scenarios/checkers.h"
#include "tests/scenarios/internet.h"

namespace beeline::scenarios {

enum class FaultKind : std::uint8_t {
  kNatReboot,      // the outermost router forgets everything
  kInterfaceSwap,  // the caller moves to another place
  kLinkOutage,     // nothing gets through for a while
  kLossBurst,
  kSuspend,
  kServerRestart,
  kIceRestart,
  kCount
};

struct Fault {
  FaultKind kind = FaultKind::kNatReboot;
  bool at_answerer = false;
  Duration at{};  // since the call began
  Duration lasts{};
};

// Everything that was drawn.
struct CallPlan {
  std::uint64_t seed = 0;
  PlacePlan offerer;
  PlacePlan answerer;
  PlacePlan elsewhere;  // where an interface swap leads
  bool same_place = false;
  bool same_role = false;
  bool relay_only = false;
  bool tcp = false;  // TCP candidates too
  bool hostile = false;
  bool lies = false;  // the application's server is hostile, too: a call need not come about
  Duration signaling{};
  Duration late_candidates{};  // how long people or networks hold candidates back
  Duration length{};
  Duration talk = Caller::kTalk;  // between two datagrams
  std::vector<Fault> faults;

  // Nothing goes wrong, and everything that should be open is.
  bool is_calm() const;
  int nats() const;
  std::string to_string() const;
};

CallPlan draw_call(std::uint64_t seed);
// For whoever draws more.
bool one_in(Random& random, std::uint32_t n);

struct CallTotals {
  std::uint64_t calls = 0;
  std::uint64_t violations = 0;
  std::uint64_t direct = 0;
  std::uint64_t relayed = 0;
  std::uint64_t unconnected = 0;  // where theory knows no path
  std::uint64_t packets = 0;
  std::uint64_t faults = 0;
  std::uint64_t nats = 0;
  Duration virtual_time{};
  void add(const CallTotals& other);
};

struct CallResult {
  std::uint64_t digest = 0;
  std::vector<Violation> violations;
  CallTotals totals;
  std::string trace;        // where asked for
  std::string explanation;  // of both agents at the end; where asked for
};

struct RunOptions {
  bool trace = false;
  bool explain = false;
  std::string pcap;  // a file to write; empty: none
};

CallResult run_call(const CallPlan& plan, const RunOptions& options = {});

}  // namespace beeline::scenarios
