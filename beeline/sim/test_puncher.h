// The smallest hole puncher there is, for tests of NATs: learns its outside address from a server,
// is told the other's, checks towards it and towards whoever checks it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/sim/world.h"

namespace beeline::sim {

// Tells everybody who asks which address the question came from.
class MirrorServer {
 public:
  MirrorServer(Node& node, const TransportAddress& local) {
    socket_ = node.bind_udp(local, {.heard = [this](const TransportAddress& source, Packet) {
                              socket_->send(source, as_bytes("you are " + source.to_string()));
                            }});
    ensure(socket_ != nullptr, "the server's address");
  }

 private:
  std::unique_ptr<UdpSocket> socket_;
};

class Puncher {
 public:
  static constexpr Duration kPace = std::chrono::milliseconds(50);

  Puncher(Node& node, const TransportAddress& server)
      : node_(node), pace_(node, [this] { check_all(); }) {
    const IpAddress local = *node.source_for(server.ip);
    socket_ = node.bind_udp({local, Port{}},
                            {.heard = [this](const TransportAddress& source, Packet packet) {
                              hear(source, as_text(packet.bytes()));
                            }});
    socket_->send(server, as_bytes("who am I"));
  }

  const std::optional<TransportAddress>& outside() const { return outside_; }
  const TransportAddress& local() const { return socket_->local(); }
  // The other end whose answer came first.
  const std::optional<TransportAddress>& answered() const { return answered_; }
  bool is_through() const { return answered_.has_value(); }

  void start(const TransportAddress& candidate) {
    candidates_.push_back(candidate);
    check_all();
  }

 private:
  void check_all() {
    for (const TransportAddress& candidate : candidates_)
      socket_->send(candidate, as_bytes("check"));
    pace_.set(node_.world().now() + kPace);
  }

  void hear(const TransportAddress& source, std::string_view text) {
    constexpr std::string_view kMapped = "you are ";
    if (text.starts_with(kMapped)) {
      outside_ = TransportAddress::parse(text.substr(kMapped.size()));
    } else if (text == "check") {
      socket_->send(source, as_bytes("answer"));
      // Whoever gets a check through is worth checking (a peer reflexive candidate).
      if (std::find(candidates_.begin(), candidates_.end(), source) == candidates_.end() &&
          !candidates_.empty())
        candidates_.push_back(source);
    } else if (text == "answer" && !answered_) {
      answered_ = source;
    }
  }

  Node& node_;
  Alarm pace_;
  std::unique_ptr<UdpSocket> socket_;
  std::optional<TransportAddress> outside_;
  std::optional<TransportAddress> answered_;
  std::vector<TransportAddress> candidates_;
};

// Tells both about each other, one 100 ms after the other, and whether both got through within
// three seconds.
inline bool punch(World& world, Puncher& first, Puncher& second) {
  using std::chrono::milliseconds;
  world.run_for(milliseconds(500));
  ensure(first.outside() && second.outside(), "outside addresses");
  first.start(*second.outside());
  world.after(milliseconds(100), [&] { second.start(*first.outside()); });
  return world.run_while([&] { return !first.is_through() || !second.is_through(); },
                         world.now() + std::chrono::seconds(3));
}

}  // namespace beeline::sim
