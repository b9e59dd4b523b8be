// ./run sim: draws whole worlds from numbers, runs them, and says what came of it. A call that
// breaks a rule prints the one line that runs it again.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "tests/scenarios/random_call.h"

namespace {

using namespace beeline;
using namespace beeline::scenarios;

struct Options {
  std::uint64_t seed = 0;
  std::uint64_t seeds = 1000;
  std::uint64_t from = 1;
  std::uint64_t twice_every = 50;
  std::uint64_t stop_after = 10;
  bool trace = false;
  bool json = false;
  bool digest = false;
  std::string pcap;
};

int run_one(const Options& options) {
  const CallPlan plan = draw_call(options.seed);
  const CallResult result =
      run_call(plan, {.trace = options.trace, .explain = true, .pcap = options.pcap});
  if (options.trace) fmt::print("{}", result.trace);
  fmt::print("{}", result.explanation);
  fmt::print("seed {}: {}\n", plan.seed, plan.to_string());
  fmt::print("digest {:016x}, {} packets, {} violations\n", result.digest, result.totals.packets,
             result.violations.size());
  for (const Violation& violation : result.violations)
    fmt::print("  {} at {} ms: {}\n", violation.rule, violation.at.since_start.count() / 1000,
               violation.what);
  return result.violations.empty() ? 0 : 1;
}

void report(const CallPlan& plan, const CallResult& result) {
  const Violation& first = result.violations.front();
  fmt::print("VIOLATION {} at {} ms: {}\n  {}\n  again: ./run sim --seed {} --trace\n", first.rule,
             first.at.since_start.count() / 1000, first.what, plan.to_string(), plan.seed);
  std::fflush(stdout);
}

void print_totals(const Options& options, const CallTotals& totals, std::uint64_t digest,
                  std::chrono::duration<double> took) {
  if (options.json) {
    fmt::print(
        "{{\"from\": {}, \"calls\": {}, \"violations\": {}, \"direct\": {}, \"relayed\": {}, "
        "\"packets\": {}, \"faults\": {}, \"nats\": {}, \"virtual_seconds\": {}, "
        "\"digest\": \"{:016x}\", \"seconds\": {:.1f}}}\n",
        options.from, totals.calls, totals.violations, totals.direct, totals.relayed,
        totals.packets, totals.faults, totals.nats, totals.virtual_time.count() / 1'000'000, digest,
        took.count());
    return;
  }
  fmt::print("{} calls from seed {}: {} violations; {} direct, {} relayed\n", totals.calls,
             options.from, totals.violations, totals.direct, totals.relayed);
  fmt::print("{} virtual hours, {} packets, {} faults, {} NATs; digest {:016x}; {:.1f} s\n",
             totals.virtual_time.count() / 3'600'000'000, totals.packets, totals.faults,
             totals.nats, digest, took.count());
}

int run_many(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  auto told = began;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  CallTotals totals;
  std::uint64_t digest = 0;
  std::uint64_t bad = 0;
  for (std::uint64_t i = 0; i < options.seeds && bad < options.stop_after; ++i) {
    const CallPlan plan = draw_call(options.from + i);
    const CallResult result = run_call(plan);
    totals.add(result.totals);
    digest = digest * 0x9E3779B97F4A7C15 + result.digest;
    if (options.twice_every != 0 && i % options.twice_every == 0 &&
        run_call(plan).digest != result.digest) {
      fmt::print("VIOLATION deterministic: seed {} gives another trace the second time\n",
                 plan.seed);
      ++bad;
    }
    if (!result.violations.empty()) {
      report(plan, result);
      ++bad;
    }
    if (terminal && Clock::now() - told > std::chrono::seconds(2)) {
      told = Clock::now();
      fmt::print(stderr, "\r{} of {} calls, {} bad", i + 1, options.seeds, bad);
    }
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  print_totals(options, totals, digest, Clock::now() - began);
  return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Simulated calls through random worlds", "run sim");
  app.add_option("--seeds", options.seeds, "how many worlds (default 1000)");
  app.add_option("--from", options.from, "the first seed (default 1)");
  auto* seed = app.add_option("--seed", options.seed, "run this one alone and say what happened");
  app.add_flag("--trace", options.trace, "with --seed: every step of every packet");
  app.add_option("--pcap", options.pcap, "with --seed: write the packets to this file");
  app.add_option("--twice-every", options.twice_every,
                 "run every N-th world twice and compare (default 50; 0: none)");
  app.add_option("--stop-after", options.stop_after, "give up after so many bad worlds");
  app.add_flag("--json", options.json, "totals as one JSON object");
  CLI11_PARSE(app, argc, argv);
  return seed->count() > 0 ? run_one(options) : run_many(options);
}
