// Pairs of connections as an application has them, both ends of all in one process and one thread,
// on loopback; signaling is a function call. Prints one JSON line.
//   data_pairs flood CONNECTIONS SIZE SECONDS   all at once, as fast as they go
//   data_pairs setup PAIRS                      one after the other
//   data_pairs idle PAIRS                       what those keep who are connected and silent
#include <fmt/format.h>

#include <boost/asio.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "beeline/api/peer_connection.h"
#include "bench/data/program.h"
#include "bench/ice/cost.h"

namespace beeline::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kHighMark = 1024 * 1024;
constexpr auto kWarmUp = std::chrono::seconds(1);
constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kRest = std::chrono::seconds(3);

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

// Of this process alone, in /proc/self/smaps_rollup: "Pss", "Private_Dirty".
double memory_kib(const std::string& kind) {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;)
    if (word == kind + ":") {
      double kib = 0;
      rollup >> kib;
      return kib;
    }
  return 0;
}

// Two connections, and one channel from `a` to `b`.
class Pair {
 public:
  Pair(boost::asio::io_context& io, std::function<void()> open)
      : a_(io, {.loopback = true}), b_(io, {.loopback = true}), open_(std::move(open)) {
    a_.on_ice_candidate([this](const auto& candidate) { b_.add_ice_candidate(candidate).value(); });
    b_.on_ice_candidate([this](const auto& candidate) { a_.add_ice_candidate(candidate).value(); });
    b_.on_data_channel([this](const DataChannel& channel) {
      in_ = channel;
      one_is_open();
    });
    out_ = a_.create_data_channel("bench").value();
    out_.on_open([this] { one_is_open(); });
  }

  void connect() {
    b_.set_remote_description(a_.set_local_description().value()).value();
    a_.set_remote_description(b_.set_local_description().value()).value();
  }
  // Until the pair goes.
  void flood(std::size_t size) {
    in_.on_message([this](const Message& message) { received_ += message.size(); });
    out_.set_buffered_amount_low_threshold(kHighMark / 2);
    out_.on_buffered_amount_low([this, size] { fill(size); });
    fill(size);
  }
  std::uint64_t received() const { return received_; }

 private:
  void one_is_open() {
    if (++ends_open_ == 2) open_();
  }
  void fill(std::size_t size) {
    while (out_.buffered_amount() < kHighMark)
      if (!out_.send(std::vector<std::uint8_t>(size))) return;
  }

  PeerConnection a_, b_;
  std::function<void()> open_;
  DataChannel out_, in_;
  int ends_open_ = 0;
  std::uint64_t received_ = 0;
};

using Pairs = std::vector<std::unique_ptr<Pair>>;

void run_until(boost::asio::io_context& io, const bool& done) {
  io.restart();  // it stops where nothing is left to wait for
  while (!done)
    if (io.run_one_for(kPatience) == 0) throw std::runtime_error("data_pairs: nothing happens");
}

// One after the other; runs `io` meanwhile.
void connect(boost::asio::io_context& io, Pairs& pairs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    bool open = false;
    pairs.push_back(std::make_unique<Pair>(io, [&open] { open = true; }));
    pairs.back()->connect();
    run_until(io, open);
  }
}

int flood(std::size_t connections, std::size_t size, double seconds) {
  boost::asio::io_context io(1);
  Pairs pairs;
  connect(io, pairs, connections);
  for (const auto& pair : pairs) pair->flood(size);
  const auto received = [&pairs] {
    std::uint64_t bytes = 0;
    for (const auto& pair : pairs) bytes += pair->received();
    return bytes;
  };
  io.run_for(kWarmUp);
  const auto began = Clock::now();
  const auto had = received();
  const double used = cpu_seconds();
  io.run_for(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
  const auto bytes = static_cast<double>(received() - had);
  fmt::print("{{\"connections\": {}, \"mbs\": {:.2f}, \"cpu_s_gb\": {:.3f}}}\n", connections,
             bytes / seconds_since(began) / 1e6, (cpu_seconds() - used) / bytes * 1e9);
  return 0;
}

// From the offer until the channel is open at both ends; and all there is, with certificates made
// before and everything closed behind.
int set_up(std::size_t count) {
  boost::asio::io_context io(1);
  Pairs warm_up;
  connect(io, warm_up, 1);
  warm_up.clear();
  io.poll();
  std::vector<Duration> took;
  double connecting = 0;
  const double used = cpu_seconds();
  for (std::size_t i = 0; i < count; ++i) {
    bool open = false;
    auto pair = std::make_unique<Pair>(io, [&open] { open = true; });
    const auto began = Clock::now();
    const double before = cpu_seconds();
    pair->connect();
    run_until(io, open);
    connecting += cpu_seconds() - before;
    took.push_back(std::chrono::duration_cast<Duration>(Clock::now() - began));
    pair.reset();
    io.poll();
  }
  const auto each = 1e3 / static_cast<double>(count);
  fmt::print(
      "{{\"pairs\": {}, \"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}, \"max_ms\": {:.3f}, "
      "\"cpu_ms\": {:.3f}, \"whole_cpu_ms\": {:.3f}}}\n",
      count, quantile_ms(took, 0.5), quantile_ms(took, 0.99), quantile_ms(took, 1),
      connecting * each, (cpu_seconds() - used) * each);
  return 0;
}

int idle(std::size_t count) {
  boost::asio::io_context io(1);
  Pairs pairs;
  connect(io, pairs, 1);
  io.run_for(kRest);
  const double pss = memory_kib("Pss"), dirty = memory_kib("Private_Dirty");
  connect(io, pairs, count);
  io.run_for(kRest);
  const auto ends = static_cast<double>(2 * count);
  fmt::print("{{\"pairs\": {}, \"kib_per_end\": {:.2f}, \"dirty_kib_per_end\": {:.2f}}}\n", count,
             (memory_kib("Pss") - pss) / ends, (memory_kib("Private_Dirty") - dirty) / ends);
  return 0;
}

int run(const std::vector<std::string>& words) {
  const auto number = [&words](std::size_t i) {
    return std::strtoul(words[i].c_str(), nullptr, 10);
  };
  if (words.size() == 4 && words[0] == "flood")
    return flood(number(1), number(2), std::strtod(words[3].c_str(), nullptr));
  if (words.size() == 2 && words[0] == "setup") return set_up(number(1));
  if (words.size() == 2 && words[0] == "idle") return idle(number(1));
  fmt::print(stderr, "data_pairs flood CONNECTIONS SIZE SECONDS | setup PAIRS | idle PAIRS\n");
  return 2;
}

}  // namespace
}  // namespace beeline::bench

int main(int argc, char** argv) {
  return beeline::bench::program(argc, argv, beeline::bench::run);
}
