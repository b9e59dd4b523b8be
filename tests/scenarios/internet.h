// The internet of scenarios: a TURN server, and places to call from, each behind what a PlacePlan
// says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "beeline/sim/world.h"
#include "tests/scenarios/caller.h"
#include "tests/scenarios/turn_server_node.h"

namespace beeline::scenarios {

// What stands between a caller and the internet, from the caller outwards.
struct PlacePlan {
  std::vector<sim::NatProfile> nats{};
  sim::FirewallProfile firewall{};  // of the outermost router
  bool v4 = true;
  bool v6 = false;
  bool nat64 = false;  // v6 inside, and the outermost NAT translates
  sim::LinkProfile link{.delay = std::chrono::milliseconds(10)};
};

// One caller's place, built.
struct Place {
  sim::Segment* home = nullptr;       // where callers attach
  std::vector<sim::Router*> routers;  // from the caller outwards; none: directly on the internet
  PlacePlan plan;
};

class Internet {
 public:
  explicit Internet(std::uint64_t seed);

  Place& place(const std::string& name, const PlacePlan& plan);
  // A caller at home there; `servers` as the application's list has them.
  Caller& caller(const std::string& name, Place& place, ice::Role role,
                 const ice::Settings& settings);
  // One more interface of `node`, there.
  void attach(sim::Node& node, Place& place);
  // STUN over UDP, TURN over UDP, TCP and TLS.
  std::vector<ice::Server> servers(const std::string& user) const;
  // At another address: two that see one socket tell how a NAT chooses ports.
  ice::Server second_stun_server() const;

  sim::World world;
  sim::Segment& core;
  sim::Node& server_node;
  std::unique_ptr<TurnServerNode> server;

 private:
  std::vector<IpAddress> next_public(const PlacePlan& plan);
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::uint32_t publics_ = 10;
  std::uint32_t homes_ = 0;
};

}  // namespace beeline::scenarios
