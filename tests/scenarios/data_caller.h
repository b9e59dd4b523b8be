// One side of a simulated data call: a whole peer connection on a node, and the signaling between
// two of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/peer/peer_connection.h"
#include "beeline/sim/core_node.h"
#include "beeline/sim/world.h"

namespace beeline::scenarios {

class ChannelCaller {
 public:
  ChannelCaller(sim::Node& node, peer::TransportSettings settings);
  ChannelCaller(const ChannelCaller&) = delete;
  ChannelCaller& operator=(const ChannelCaller&) = delete;

  // Signaling to `other` takes `delay`; who is polite gives way where both offer at once.
  void meet(ChannelCaller& other, bool polite, Duration delay);
  // Nobody hears any more what this side says.
  void be_alone() { other_ = nullptr; }
  // A command, and what the core has to say to that.
  void tell(const std::function<void(peer::PeerConnection&, Instant)>& command);
  // Makes an offer now, whether one is needed or not.
  void offer();

  peer::PeerConnection& peer() { return peer_; }
  const peer::PeerConnection& peer() const { return peer_; }

  struct Received {
    sctp::ChannelId channel;
    bool text = false;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Received> received;
  std::map<sctp::ChannelId, sctp::ChannelOptions> accepted;
  std::vector<sctp::ChannelId> opened;
  std::vector<sctp::ChannelId> closed;
  std::vector<peer::ConnectionChanged> states;
  std::optional<Instant> connected_at, opened_at;
  std::vector<std::string> refused;  // what negotiation did not take, for people

 private:
  void handle(peer::PeerEvent event);
  void handle(sctp::ChannelEvent event);
  void say(std::function<void(ChannelCaller&)> to_other);
  void on_description(const peer::Description& description);

  sim::World& world_;
  NullLog log_;
  peer::PeerConnection peer_;
  sim::CoreNode<peer::PeerConnection> host_;
  ChannelCaller* other_ = nullptr;
  bool polite_ = false;
  bool ignoring_ = false;
  Duration delay_{};
};

}  // namespace beeline::scenarios
