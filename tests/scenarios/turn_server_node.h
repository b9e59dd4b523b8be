// Our STUN and TURN server on a node of a simulated world: the core that runs for real, over UDP,
// TCP and TLS.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "beeline/base/log.h"
#include "beeline/sim/world.h"
#include "beeline/turn/credentials.h"
#include "beeline/turn/server.h"
#include "beeline/turn/stream_framer.h"

namespace beeline::scenarios {

class TurnServerNode {
 public:
  static constexpr Port kPort{3478};
  static constexpr Port kTlsPort{443};
  static constexpr Port kOtherPort{3479};
  static constexpr const char* kName = "turn.example";

  // Serves on every address of `node`; TCP on 3478, TLS on 443.
  // With `tests_nats` it answers from its first and second address of a family, and from 3479 too.
  explicit TurnServerNode(sim::Node& node, bool tests_nats = false);
  ~TurnServerNode();

  // The process dies, with all it knew; and comes back as a new one.
  void kill();
  void start();
  bool is_running() const { return running_ != nullptr; }

  std::size_t allocations() const;
  // A credential that outlives the world.
  turn::Credential credential(const std::string& user) const;
  // What was sent from relayed addresses, for checkers.
  bool is_relay_port(const TransportAddress& address) const;

 private:
  struct Running;
  sim::Node& node_;
  bool tests_nats_;
  int starts_ = 0;
  std::unique_ptr<Running> running_;
};

}  // namespace beeline::scenarios
