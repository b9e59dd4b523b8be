// For tests: two peer connections and a stranger on one simulated network, and signaling that does
// what a test wants with every description.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "beeline/peer/peer_connection.h"
#include "beeline/sim/core_node.h"
#include "beeline/sim/world.h"

namespace beeline::peer {

inline const crypto::Identity& test_identity(std::size_t of) {
  static const auto make = [] {
    return crypto::make_identity(WallTime{std::chrono::seconds(1'790'000'000)},
                                 std::chrono::days(30));
  };
  static const crypto::Identity kIdentities[] = {make(), make(), make()};
  return kIdentities[of];
}

// One side; its events are kept.
struct End {
  End(sim::World& its_world, sim::Segment& net, const std::string& name, std::size_t identity)
      : world(its_world),
        node(its_world.node(name)),
        core({{}, {}, test_identity(identity)}, its_world.random("peer/" + name),
             its_world.packets(), log),
        host(attached(net), core, [this](PeerEvent event) { handle(std::move(event)); }) {}

  sim::Node& attached(sim::Segment& net) const {
    node.attach(net, sim::LinkProfile{.delay = std::chrono::milliseconds(5)});
    return node;
  }
  void handle(PeerEvent event) {
    if (auto* changed = std::get_if<ConnectionChanged>(&event)) states.push_back(*changed);
    negotiations_needed += std::holds_alternative<NegotiationNeeded>(event) ? 1 : 0;
    auto* channel_event = std::get_if<sctp::ChannelEvent>(&event);
    if (channel_event == nullptr) return;
    if (const auto* accepted = std::get_if<sctp::ChannelAccepted>(channel_event))
      channel = accepted->channel;
    if (const auto* message = std::get_if<sctp::ChannelMessage>(channel_event))
      heard.emplace_back(message->bytes.begin(), message->bytes.end());
  }
  // A command, and what the core has to say to that.
  template <typename Command>
  auto tell(Command&& command) {
    auto result = command(core, world.now());
    host.settle();
    return result;
  }
  TransportAddress address() const {
    return core.transport().agent().path().value_or(ice::Path{}).local.address;
  }

  sim::World& world;
  sim::Node& node;
  NullLog log;
  PeerConnection core;
  sim::CoreNode<PeerConnection> host;
  std::optional<sctp::ChannelId> channel;
  std::vector<std::string> heard;
  std::vector<ConnectionChanged> states;
  std::size_t negotiations_needed = 0;
};

class Call {
 public:
  using Change = std::function<std::string(std::string)>;
  static constexpr Duration kOneWay = std::chrono::milliseconds(10);  // two links

  explicit Call(std::uint64_t seed = 1)
      : world(seed),
        net(world.segment("net", {sim::operator""_prefix("198.51.100.0/24", 15)})),
        ana(world, net, "ana", 0),
        ben(world, net, "ben", 1),
        stranger(world.node("stranger")) {
    stranger.attach(net, sim::LinkProfile{.delay = std::chrono::milliseconds(5)});
    world.run_for(std::chrono::milliseconds(1));
  }

  static std::string unchanged(std::string sdp) { return sdp; }

  // Ana's offer, with the candidates she has by then.
  std::string offer() {
    ana.tell([&](PeerConnection& core, Instant now) {
      ana.channel = core.create_data_channel({.label = "chat"}, {}, now).value();
      return core.set_local_description(now).has_value();
    });
    world.run_for(std::chrono::milliseconds(5));
    return ana.core.local_description();
  }
  PeerConnection::Applied give(End& to, DescriptionType type, const std::string& sdp) {
    return to.tell([&](PeerConnection& core, Instant now) {
      return core.set_remote_description({type, sdp}, now);
    });
  }
  // Ben's answer to what was given to him.
  std::string answer() {
    EXPECT_TRUE(ben.tell(
        [](PeerConnection& core, Instant now) { return core.set_local_description(now); }));
    world.run_for(std::chrono::milliseconds(5));
    return ben.core.local_description();
  }
  // Offer and answer; false where a side did not take what it was given.
  bool meet(const Change& in_offer = unchanged, const Change& in_answer = unchanged) {
    if (!give(ben, DescriptionType::kOffer, in_offer(offer()))) return false;
    return give(ana, DescriptionType::kAnswer, in_answer(answer())).has_value();
  }
  bool run_until(const std::function<bool()>& done, Duration most = std::chrono::seconds(10)) {
    const Instant end = world.now() + most;
    while (!done() && world.now() < end) world.run_for(std::chrono::milliseconds(1));
    return done();
  }
  bool connected() const { return ana.channel && ben.channel; }
  bool connect() {
    return run_until([&] { return connected(); });
  }
  bool say(End& from, const std::string& text) {
    return from
        .tell([&](PeerConnection& core, Instant now) {
          return core.send(*from.channel, true, {text.begin(), text.end()}, now);
        })
        .has_value();
  }
  // Whether messages arrive on both sides.
  bool talks() {
    const std::size_t of_ana = ana.heard.size();
    const std::size_t of_ben = ben.heard.size();
    return say(ana, "to ben") && say(ben, "to ana") && run_until([&] {
             return ana.heard.size() == of_ana + 1 && ben.heard.size() == of_ben + 1;
           });
  }
  End& other(const End& end) { return &end == &ana ? ben : ana; }

  // A datagram of the stranger, from wherever he says that it is. Nodes send in no other's name, so
  // that whose address it is puts it on the wire; it is marked as the stranger's.
  void forge(const TransportAddress& source, const TransportAddress& destination, Bytes bytes) {
    sim::Node* by = &stranger;
    for (const End* end : {&ana, &ben})
      if (end->node.has(source.ip)) by = &end->node;
    by->send({.protocol = sim::Protocol::kUdp,
              .source = source,
              .destination = destination,
              .origin = stranger.index(),
              .payload = world.packets().make(bytes)});
  }
  TransportAddress strange_address(std::uint16_t port = 6666) const {
    return {stranger.interfaces().front().address, Port{port}};
  }

  sim::World world;
  sim::Segment& net;
  End ana, ben;
  sim::Node& stranger;
};

// The value of the first line that begins like this, and that line with another value.
inline std::string line_value(const std::string& sdp, const std::string& begin) {
  const std::size_t at = sdp.find(begin) + begin.size();
  return sdp.substr(at, sdp.find("\r\n", at) - at);
}
inline std::string with_value(std::string sdp, const std::string& begin, const std::string& value) {
  const std::size_t at = sdp.find(begin) + begin.size();
  return sdp.replace(at, sdp.find("\r\n", at) - at, value);
}

}  // namespace beeline::peer
