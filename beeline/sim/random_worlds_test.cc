// Thousands of random worlds into which random packets are shot: nothing crashes, nothing is lost
// without a reason, nothing grows, and every one can be run again.
#include <gtest/gtest.h>

#include <string>

#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

template <typename T, std::size_t kCount>
T pick(Random& random, const std::array<T, kCount>& choices) {
  return choices[random.below(kCount)];
}

NatBehavior any_behavior(Random& random) {
  return static_cast<NatBehavior>(random.below(3));
}

RouterProfile any_router(Random& random) {
  RouterProfile profile;
  if (random.below(4) > 0)
    profile.nat = NatProfile{.mapping = any_behavior(random),
                             .filtering = any_behavior(random),
                             .hairpinning = random.below(2) == 0,
                             .ports = static_cast<PortAllocation>(random.below(3)),
                             .udp_lifetime = Duration(1 + random.below(5'000'000)),
                             .noisy = random.below(2) == 0,
                             .most_contacts = 1 + random.below(20)};
  profile.nat64 = random.below(2) == 0;
  profile.firewall.outbound = static_cast<FirewallProfile::Outbound>(random.below(4));
  profile.firewall.inbound = static_cast<FirewallProfile::Inbound>(random.below(2));
  return profile;
}

enum class Copies { kMade, kNone };

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed, Copies copies = Copies::kMade)
      : world(seed), copies_(copies), random_(world.random("test")) {
    segments_.push_back(
        &world.segment("internet", {"203.0.113.0/24"_prefix, "2001:db8::/64"_prefix}));
    const std::uint32_t homes = 1 + random_.below(4);
    for (std::uint32_t i = 0; i < homes; ++i) add_home(i);
    for (std::uint32_t i = 0; i < 2 + random_.below(4); ++i) add_node(i);
  }

  void run() {
    for (int i = 0; i < 60; ++i) {
      act();
      world.run_for(Duration(random_.below(100'000)));
    }
    world.run_for(1s);
  }

  // Everybody wakes up, hangs up and waits until nothing is on its way any more.
  void end() {
    for (Node* node : nodes_) node->resume();
    streams_.clear();
    listeners_.clear();
    world.run_for(3600s);
  }

  World world;

 private:
  LinkProfile any_link() {
    return {.delay = Duration(random_.below(50'000)),
            .jitter = Duration(random_.below(20'000)),
            .loss = Chance{random_.below(100'000)},
            .bursts = {.start = Chance{random_.below(10'000)}},
            .duplication = Chance{copies_ == Copies::kMade ? random_.below(50'000) : 0},
            .reordering = Chance{random_.below(50'000)},
            .bits_per_second = random_.below(2) * (8'000 + random_.below(5'000'000)),
            .queue_bytes = random_.below(50'000),
            .mtu = 600 + random_.below(1000)};
  }

  void add_home(std::uint32_t i) {
    const std::string name = "home " + std::to_string(i);
    Segment& outside = *segments_[random_.below(static_cast<std::uint32_t>(segments_.size()))];
    Segment& inside =
        world.segment(name, {Prefix{IpAddress::v4(0xC0A80000U + (random_.below(2) + i) * 256), 24},
                             Prefix{"2001:db8:1::"_ip, 64}});
    routers_.push_back(&world.router(name + " router", any_router(random_), inside, outside));
    routers_.back()->outside().set_profile(any_link());
    segments_.push_back(&inside);
  }

  void add_node(std::uint32_t i) {
    Node& node = world.node("node " + std::to_string(i));
    nodes_.push_back(&node);
    Segment& segment = *segments_[random_.below(static_cast<std::uint32_t>(segments_.size()))];
    Link& link = node.attach(segment, any_link());
    for (const IpAddress& ip : link.addresses()) {
      sockets_.push_back(node.bind_udp(
          {ip, Port{pick(random_, std::array<std::uint16_t, 2>{443, 5000})}},
          {.heard = [this](const TransportAddress& source, Packet) { heard_.push_back(source); }}));
      listeners_.push_back(node.listen({ip, Port{443}}, ListenFor::kTcpOrTls,
                                       {.accepted = [this](std::unique_ptr<Stream> stream) {
                                         streams_.push_back(std::move(stream));
                                       }}));
      addresses_.push_back({ip, Port{443}});
      addresses_.push_back({ip, Port{5000}});
      if (ip.is_v4()) addresses_.push_back({Nat::to_nat64(ip), Port{443}});
    }
  }

  TransportAddress anybody() {
    if (!heard_.empty() && random_.below(3) == 0)
      return heard_[random_.below(static_cast<std::uint32_t>(heard_.size()))];
    const auto odd = pick(random_, std::array{"203.0.113.77:1"_at, "0.0.0.0:0"_at,
                                              "224.0.0.251:5353"_at, "[ff02::fb]:5353"_at});
    if (random_.below(10) == 0 && !(odd.ip.is_multicast() && copies_ == Copies::kNone)) return odd;
    return addresses_[random_.below(static_cast<std::uint32_t>(addresses_.size()))];
  }

  void act() {
    Node& node = *nodes_[random_.below(static_cast<std::uint32_t>(nodes_.size()))];
    Router& router = *routers_[random_.below(static_cast<std::uint32_t>(routers_.size()))];
    const TransportAddress to = anybody();
    switch (random_.below(16)) {
      case 0:
        return router.reboot();
      case 1:
        return router.outside().set_profile(any_link());
      case 2:
        return router.outside().set_up(random_.below(4) > 0);
      case 3:
        return node.suspended() ? node.resume() : node.suspend();
      case 4:
        return router.set_firewall(any_router(random_).firewall);
      case 5:
        if (const auto from = node.source_for(to.ip); from && streams_.size() < 50)
          streams_.push_back(node.connect({.kind = static_cast<StreamKind>(random_.below(2)),
                                           .local = *from,
                                           .remote = to,
                                           .server_name = "somebody"},
                                          {}));
        return;
      case 6:
        if (!streams_.empty()) streams_.erase(streams_.begin());
        return;
      case 7:
        for (const auto& stream : streams_)
          if (stream) stream->send(as_bytes(std::string(random_.below(5000), 'x')));
        return;
      default:
        for (const auto& socket : sockets_)
          socket->send(to, as_bytes(std::string(random_.below(1500), 'x')));
    }
  }

  Copies copies_;
  Random random_;
  std::vector<Segment*> segments_;
  std::vector<Router*> routers_;
  std::vector<Node*> nodes_;
  std::vector<TransportAddress> addresses_;
  std::vector<TransportAddress> heard_;
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

TEST(RandomWorlds, two_thousand_run_without_a_crash_and_end_quietly) {
  std::uint64_t delivered = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    RandomWorld one(seed);
    one.run();
    delivered += one.world.trace().count(Step::kDelivered);
    // What is still alive is on its way, in a queue for a rate, or kept for a suspended node.
    ASSERT_LT(one.world.packets().live(), 6000U) << "seed " << seed;
    ASSERT_LT(one.world.events().size(), 6000U) << "seed " << seed;
  }
  EXPECT_GT(delivered, 20'000U) << "the worlds are not all dead";
}

TEST(RandomWorlds, each_can_be_run_again) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomWorld one(seed);
    one.run();
    RandomWorld again(seed);
    again.run();
    ASSERT_EQ(again.world.trace().digest(), one.world.trace().digest()) << "seed " << seed;
    ASSERT_GT(one.world.trace().steps(), 0U);
  }
}

TEST(RandomWorlds, every_packet_is_either_delivered_or_dropped_for_a_reason) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomWorld one(seed, Copies::kNone);
    std::uint64_t without_reason = 0;
    one.world.trace().observe([&](const PacketEvent& event) {
      without_reason += event.step == Step::kDropped && event.reason == Drop::kNone;
    });
    one.run();
    one.end();
    const Trace& trace = one.world.trace();
    EXPECT_EQ(without_reason, 0U);
    ASSERT_EQ(trace.count(Step::kDelivered) + trace.count(Step::kDropped), trace.count(Step::kSent))
        << "seed " << seed;
    ASSERT_EQ(one.world.packets().live(), 0U) << "seed " << seed;
    ASSERT_EQ(one.world.events().size(), 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace beeline::sim
