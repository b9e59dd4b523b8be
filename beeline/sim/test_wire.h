// Two nodes on one segment and what passes between them, for tests of links and sockets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "beeline/sim/world.h"

namespace beeline::sim {

struct Heard {
  Duration at;
  TransportAddress source;
  std::string text;
};

// A UDP socket that remembers what it heard.
struct Ear {
  Ear(Node& node, const TransportAddress& local)
      : socket(node.bind_udp(local, {.heard =
                                         [this, &node](const TransportAddress& source, Packet p) {
                                           heard.push_back({node.world().now().since_start, source,
                                                            std::string(as_text(p.bytes()))});
                                         },
                                     .closed = [this] { closed = true; }})) {
    ensure(socket != nullptr, "an address to bind");
  }
  std::vector<Heard> heard;
  bool closed = false;
  std::unique_ptr<UdpSocket> socket;
};

// ana sends, ben hears; only ana's link does things to packets.
struct TestWire {
  explicit TestWire(const LinkProfile& profile = {}, std::uint64_t seed = 1) : world(seed) {
    link.set_profile(profile);
  }
  void send(std::string_view text) { ana.socket->send(ben.socket->local(), as_bytes(text)); }

  World world;
  Segment& lan = world.segment("lan", {"192.0.2.0/24"_prefix, "2001:db8::/64"_prefix});
  Node& ana_node = world.node("ana");
  Node& ben_node = world.node("ben");
  Link& link = ana_node.attach(lan);
  Link& ben_link = ben_node.attach(lan);
  Ear ana{ana_node, "192.0.2.1:5000"_at};
  Ear ben{ben_node, "192.0.2.2:5000"_at};
};

}  // namespace beeline::sim
