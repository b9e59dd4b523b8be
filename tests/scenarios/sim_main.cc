// ./run sim: draws whole worlds from numbers, runs them, and says what came of it. A call that
// breaks a rule prints the one line that runs it again.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/scenarios/peer_call.h"
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
  std::uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool data = false;
  bool trace = false;
  bool json = false;
  std::string pcap;
  std::string expect;
};

// One world, of ICE alone or of whole peer connections.
struct Drawn {
  std::uint64_t seed;
  std::string words;
  std::function<CallResult(const RunOptions&)> run;
};

Drawn draw(std::uint64_t seed, bool data) {
  if (data) {
    PeerCallPlan plan = draw_peer_call(seed);
    return {seed, plan.to_string(), [plan = std::move(plan)](const RunOptions& options) {
              return run_peer_call(plan, options);
            }};
  }
  CallPlan plan = draw_call(seed);
  return {seed, plan.to_string(),
          [plan = std::move(plan)](const RunOptions& options) { return run_call(plan, options); }};
}

int run_one(const Options& options) {
  const Drawn drawn = draw(options.seed, options.data);
  const CallResult result =
      drawn.run({.trace = options.trace, .explain = true, .pcap = options.pcap});
  if (options.trace) fmt::print("{}", result.trace);
  fmt::print("{}", result.explanation);
  fmt::print("seed {}: {}\n", drawn.seed, drawn.words);
  fmt::print("digest {:016x}, {} packets, {} violations\n", result.digest, result.totals.packets,
             result.violations.size());
  for (const Violation& violation : result.violations)
    fmt::print("  {} at {} ms: {}\n", violation.rule, violation.at.since_start.count() / 1000,
               violation.what);
  if (options.expect.empty()) return result.violations.empty() ? 0 : 1;
  const bool noticed = std::ranges::find(result.violations, options.expect, &Violation::rule) !=
                       result.violations.end();
  if (!noticed) fmt::print("{} was not noticed\n", options.expect);
  return noticed ? 0 : 1;
}

// Many worlds, on as many threads as one likes: each world is a world of its own, and the totals do
// not tell in which order they ran.
class Many {
 public:
  explicit Many(const Options& options) : options_(options) {}

  int run() {
    {
      std::vector<std::jthread> workers;
      for (std::uint32_t i = 1; i < options_.jobs; ++i) workers.emplace_back([this] { work(); });
      work();
    }
    if (terminal_) fmt::print(stderr, "\r\033[K");
    print_totals(Clock::now() - began_);
    return bad_ == 0 ? 0 : 1;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void work() {
    while (bad_ < options_.stop_after) {
      const std::uint64_t i = next_++;
      if (i >= options_.seeds) return;
      const Drawn drawn = draw(options_.from + i, options_.data);
      const CallResult result = drawn.run({});
      const bool again = options_.twice_every != 0 && i % options_.twice_every == 0;
      const bool same = !again || drawn.run({}).digest == result.digest;
      const std::scoped_lock lock(mutex_);
      take(drawn, result, same);
    }
  }

  void take(const Drawn& drawn, const CallResult& result, bool same) {
    totals_.add(result.totals);
    digest_ += result.digest * (2 * drawn.seed + 1);
    if (!same)
      fmt::print("VIOLATION deterministic: seed {} gives another trace the second time\n",
                 drawn.seed);
    if (!result.violations.empty()) report(drawn, result);
    if (!same || !result.violations.empty()) ++bad_;
    if (!terminal_ || Clock::now() - told_ < std::chrono::seconds(2)) return;
    told_ = Clock::now();
    fmt::print(stderr, "\r{} of {} calls, {} bad", totals_.calls, options_.seeds, bad_.load());
  }

  void report(const Drawn& drawn, const CallResult& result) const {
    const Violation& first = result.violations.front();
    fmt::print("VIOLATION {} at {} ms: {}\n  {}\n  again: ./run sim {}--seed {} --trace\n",
               first.rule, first.at.since_start.count() / 1000, first.what, drawn.words,
               options_.data ? "--data " : "", drawn.seed);
    std::fflush(stdout);
  }

  void print_totals(std::chrono::duration<double> took) const {
    if (options_.json) {
      fmt::print(
          "{{\"from\": {}, \"calls\": {}, \"violations\": {}, \"direct\": {}, \"relayed\": {}, "
          "\"packets\": {}, \"faults\": {}, \"nats\": {}, \"virtual_seconds\": {}, "
          "\"digest\": \"{:016x}\", \"seconds\": {:.1f}}}\n",
          options_.from, totals_.calls, totals_.violations, totals_.direct, totals_.relayed,
          totals_.packets, totals_.faults, totals_.nats, totals_.virtual_time.count() / 1'000'000,
          digest_, took.count());
      return;
    }
    fmt::print("{} calls from seed {}: {} violations; {} direct, {} relayed\n", totals_.calls,
               options_.from, totals_.violations, totals_.direct, totals_.relayed);
    fmt::print("{} virtual hours, {} packets, {} faults, {} NATs; digest {:016x}; {:.1f} s\n",
               totals_.virtual_time.count() / 3'600'000'000, totals_.packets, totals_.faults,
               totals_.nats, digest_, took.count());
  }

  const Options& options_;
  const bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  const Clock::time_point began_ = Clock::now();
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<std::uint64_t> bad_ = 0;
  std::mutex mutex_;  // guards what follows
  Clock::time_point told_ = began_;
  CallTotals totals_;
  std::uint64_t digest_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Simulated calls through random worlds", "run sim");
  app.add_option("--seeds", options.seeds, "how many worlds (default 1000)");
  app.add_option("--from", options.from, "the first seed (default 1)");
  auto* seed = app.add_option("--seed", options.seed, "run this one alone and say what happened");
  app.add_flag("--data", options.data,
               "whole peer connections with their data channels, and not ICE alone");
  app.add_flag("--trace", options.trace, "with --seed: every step of every packet");
  app.add_option("--pcap", options.pcap, "with --seed: write the packets to this file");
  app.add_option("--twice-every", options.twice_every,
                 "run every N-th world twice and compare (default 50; 0: none)");
  app.add_option("--stop-after", options.stop_after, "give up after so many bad worlds");
  app.add_option("--jobs", options.jobs, "threads (default: one per processor)");
  app.add_option("--expect", options.expect,
                 "with --seed: success is that this rule is found broken");
  app.add_flag("--json", options.json, "totals as one JSON object");
  CLI11_PARSE(app, argc, argv);
  return seed->count() > 0 ? run_one(options) : Many(options).run();
}
