// One side of a simulated data call: a whole peer connection on a node, and the signaling between
// two of them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/peer/peer_connection.h"
#include "beeline/sim/core_node.h"
#include "beeline/sim/world.h"
#include "tests/scenarios/caller.h"

namespace beeline::scenarios {

// What signaling makes of a description for a side that has no SNAP.
void take_snap_away(peer::Description& description);

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

  sim::Node& node() const { return node_; }
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

  // Where somebody wants to know at once.
  std::function<void(const Received&)> on_received;
  std::function<void(sctp::ChannelId)> on_closed;
  // What signaling makes of our descriptions on their way.
  std::function<void(peer::Description&)> tamper;
  const KeptLog& log() const { return log_; }

 private:
  void handle(peer::PeerEvent event);
  void handle(sctp::ChannelEvent event);
  using Word = std::function<void(ChannelCaller&)>;
  void say(Word to_other);
  void read_inbox();
  void on_description(const peer::Description& description);

  sim::Node& node_;
  sim::World& world_;
  KeptLog log_;
  peer::PeerConnection peer_;
  sim::CoreNode<peer::PeerConnection> host_;
  ChannelCaller* other_ = nullptr;
  std::deque<Word> inbox_;  // of signaling
  bool polite_ = false;
  bool ignoring_ = false;
  Duration delay_{};
};

}  // namespace beeline::scenarios
