// Many pairs of agents on loopback sockets in one process and one thread, so many connecting at a
// time: what connecting costs, and what each pair keeps. Prints one JSON line.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "apps/beeline/lab/chosen_interfaces.h"
#include "beeline/crypto/entropy.h"
#include "beeline/net/client_host.h"
#include "bench/ice/cost.h"

namespace beeline::bench {
namespace {

constexpr std::size_t kAtATime = 10;
constexpr Duration kIdle = std::chrono::seconds(5);

ice::Settings loopback() {
  ice::Settings settings;
  settings.loopback = true;
  return settings;
}

class Side {
 public:
  Side(net::EventLoop& loop, const Random& random, ice::Role role, std::function<void()> connected)
      : loop_(loop),
        agent_(loopback(), role, random, loop.packets(), log_),
        core_(agent_, {*IpAddress::parse("127.0.0.1")}),
        host_(loop, core_, *this),
        connected_(std::move(connected)) {}

  void start(Side& other) {
    other_ = &other;
    other.agent_.set_remote(agent_.local_parameters(), loop_.now());
    agent_.gather(loop_.now());
    host_.settle();
  }
  void handle_event(ice::Agent::Event event) {
    if (const auto* gathered = std::get_if<ice::CandidateGathered>(&event)) {
      tell([candidate = gathered->candidate](Side& them) {
        them.agent_.add_remote(candidate, them.loop_.now());
      });
    } else if (std::holds_alternative<ice::GatheringDone>(event)) {
      tell([](Side& them) { them.agent_.end_of_remote_candidates(them.loop_.now()); });
    } else if (const auto* changed = std::get_if<ice::StateChanged>(&event)) {
      if (changed->state != ice::State::kConnected || was_connected_) return;
      was_connected_ = true;
      connected_();
    }
  }

 private:
  template <typename Message>
  void tell(Message message) {
    loop_.defer([message, other = other_] {
      message(*other);
      other->host_.settle();
    });
  }

  net::EventLoop& loop_;
  NullLog log_;
  ice::Agent agent_;
  cli::ChosenInterfaces core_;
  net::ClientHost<cli::ChosenInterfaces, Side> host_;
  std::function<void()> connected_;
  Side* other_ = nullptr;
  bool was_connected_ = false;
};

class Load {
 public:
  explicit Load(std::size_t count) : count_(count) {}

  int run() {
    const double kib_before = resident_kib();
    const double cpu_before = cpu_seconds();
    for (std::size_t i = 0; i < std::min(count_, kAtATime); ++i) start_one();
    loop_.run([](const std::string& what) { fmt::print(stderr, "{}\n", what); });
    const double cpu = cpu_seconds() - cpu_before;
    net::Alarm rested(loop_, [this] { loop_.stop(); });
    rested.set(loop_.now() + kIdle);
    loop_.io().restart();
    loop_.run([](const std::string& what) { fmt::print(stderr, "{}\n", what); });
    const double idle = cpu_seconds() - cpu_before - cpu;
    fmt::print(
        "{{\"who\": \"beeline\", \"pairs\": {}, \"pairs_per_cpu_s\": {:.1f}, "
        "\"kib_per_pair\": {:.2f}, \"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}, "
        "\"idle_us_per_pair_s\": {:.2f}}}\n",
        count_, static_cast<double>(count_) / cpu,
        (resident_kib() - kib_before) / static_cast<double>(count_), quantile_ms(times_, 0.5),
        quantile_ms(times_, 0.99),
        idle * 1e6 / static_cast<double>(count_) / std::chrono::duration<double>(kIdle).count());
    return 0;
  }

 private:
  struct Pair {
    Pair(net::EventLoop& loop, const Random& random, const std::function<void()>& done)
        : a(loop, random.fork("a"), ice::Role::kControlling, done),
          b(loop, random.fork("b"), ice::Role::kControlled, done) {}
    Side a;
    Side b;
    int connected = 0;
  };

  void start_one() {
    const std::size_t number = pairs_.size();
    const Instant began = loop_.now();
    pairs_.push_back(std::make_unique<Pair>(loop_, random_.fork(std::to_string(number)),
                                            [this, number, began] { connected(number, began); }));
    pairs_.back()->a.start(pairs_.back()->b);
    pairs_.back()->b.start(pairs_.back()->a);
  }
  // One side of it.
  void connected(std::size_t number, Instant began) {
    if (++pairs_[number]->connected < 2) return;
    times_.push_back(loop_.now() - began);
    if (times_.size() == count_) return loop_.stop();
    if (pairs_.size() < count_) loop_.defer([this] { start_one(); });
  }

  std::size_t count_;
  net::EventLoop loop_;
  Random random_{crypto::system_seed()};
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::vector<Duration> times_;
};

}  // namespace
}  // namespace beeline::bench

int main(int argc, char** argv) {
  return beeline::bench::Load(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 500).run();
}
