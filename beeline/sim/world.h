// A deterministic world: virtual time, segments, nodes and routers, and everything that happens
// between them. The same seed and the same calls give the same packets, byte for byte, with every
// compiler.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/base/packet.h"
#include "beeline/base/random.h"
#include "beeline/sim/alarm.h"
#include "beeline/sim/event_queue.h"
#include "beeline/sim/literals.h"
#include "beeline/sim/node.h"
#include "beeline/sim/router.h"
#include "beeline/sim/segment.h"
#include "beeline/sim/trace.h"

namespace beeline::sim {

class World {
 public:
  explicit World(std::uint64_t seed);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  Instant now() const { return now_; }
  PacketPool& packets() { return packets_; }
  Trace& trace() { return trace_; }

  // A stream of randomness of its own; what is drawn from it shifts no other. reseed() replaces one
  // stream for those who ask for it afterwards. The world's own: "link/DEVICE/LINK/out" and "/in"
  // ("link/ana/eth0/out", "link/ROUTER/outside/in"), "nat/ROUTER/0", "node/NODE", "tcp/NODE".
  Random random(std::string_view name) const;
  void reseed(const std::string& name, std::uint64_t seed) { reseeded_[name] = seed; }

  // All live as long as the world. Names are for people and seeds, and unique.
  Segment& segment(const std::string& name, std::vector<Prefix> prefixes = {});
  Node& node(const std::string& name);
  // The inside gets the inside segment's next addresses (the first ones, usually); the outside gets
  // `outside_addresses`, or the outside segment's next ones where there are none.
  Router& router(const std::string& name, const RouterProfile& profile, Segment& inside,
                 Segment& outside, std::vector<IpAddress> outside_addresses = {});
  const Device& device(DeviceIndex index) const { return *devices_[index.value]; }

  // `task` runs then; at once, but after what is running, where that is over.
  void at(Instant when, Task task) { events_.push(std::max(when, now_), std::move(task)); }
  void after(Duration span, Task task) { at(now_ + span, std::move(task)); }

  // So many events at one moment: somebody who was woken for a deadline has it still.
  static constexpr std::uint64_t kMostAtOnce = 50'000;
  // Time stands still, because of that. Such a world does nothing any more.
  bool is_stuck() const { return at_once_ > kMostAtOnce; }

  // Runs what is due until `end`, which is then the time.
  void run_until(Instant end);
  void run_for(Duration span) { run_until(now_ + span); }
  // Runs as long as `condition()` holds, asked after every event, and at most until `end`. True:
  // it does not hold any more; the time is that of the event which ended it.
  template <typename Condition>
  bool run_while(Condition&& condition, Instant end) {
    while (condition()) {
      if (!step(end)) return false;
    }
    return true;
  }

  // What the resolver answers, after `resolve_delay`. Names in ".local" are what the nodes of the
  // asking node's segments publish.
  void add_name(const std::string& name, std::vector<IpAddress> addresses);
  std::vector<IpAddress> resolve(const Node& asking, const std::string& name) const;
  void set_resolve_delay(Duration delay) { resolve_delay_ = delay; }
  Duration resolve_delay() const { return resolve_delay_; }

  // From now on `node` has a certificate for `name` that everybody believes (TLS).
  void trust(const Node& node, const std::string& name) { trusted_.insert({node.name(), name}); }
  bool trusts(const std::string& node, const std::string& name) const {
    return trusted_.contains({node, name});
  }

  // For what the world is made of.
  EventQueue& events() { return events_; }
  Link& link(Device& device, Segment& segment, const std::string& name, const LinkProfile& profile);

 private:
  static std::vector<IpAddress> resolve_local(const Node& asking, const std::string& name);
  // Does the next event if it is due by `end`; else the time is `end`.
  bool step(Instant end);
  DeviceIndex next_index() const { return {static_cast<std::uint32_t>(devices_.size())}; }
  void claim(const std::string& name);

  Random random_;
  std::map<std::string, std::uint64_t, std::less<>> reseeded_;
  Instant now_{};
  std::uint64_t at_once_ = 0;  // events at this moment so far
  PacketPool packets_;         // before whatever holds packets
  EventQueue events_;
  Trace trace_{*this};
  std::set<std::string> names_taken_;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::map<std::string, std::vector<IpAddress>> names_;
  Duration resolve_delay_{std::chrono::milliseconds(20)};
  std::set<std::pair<std::string, std::string>> trusted_;  // node, name
};

}  // namespace beeline::sim
