// What the parts of an agent put out, in one order: packets, and requests and news for the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/instant.h"
#include "beeline/ice/pair.h"

namespace beeline::ice {

enum class State : std::uint8_t {
  kNew,
  kChecking,
  kConnected,
  kDisconnected,  // what was in use does not answer, and nothing else does; still trying
  kFailed,        // nothing left to try; what is new (a candidate, an interface) is tried still
  kClosed,
};

// The pair that data takes now.
struct Path {
  Candidate local;
  Candidate remote;
  bool relayed = false;  // a TURN server, ours or theirs, is on it
  std::optional<Duration> round_trip;
};

// --- events of the agent ---
// Pass it on to the other side's add_remote().
struct CandidateGathered {
  Candidate candidate;
};
// Nothing more will be found unless the network changes.
struct GatheringDone {};
struct StateChanged {
  State state = State::kNew;
};
struct PathChanged {
  Path path;
};
// What is no STUN: the other side's data.
struct Received {
  Packet packet;
};

using AgentEvent = std::variant<HostRequest, CandidateGathered, GatheringDone, StateChanged,
                                PathChanged, Received>;

struct Outbox {
  Fifo<HostTransmit> transmits;
  Fifo<AgentEvent> events;
  // Ids are the agent's to choose: one count for all of its parts.
  std::uint32_t next_socket = 1;
  std::uint32_t next_stream = 1;
  std::uint32_t next_query = 1;
  std::uint32_t next_base = 1;
  BaseId new_base() { return BaseId{next_base++}; }

  void send(SocketId socket, const TransportAddress& destination, Packet packet) {
    transmits.push(SendDatagram{socket, destination, std::move(packet)});
  }
  void send(StreamId stream, Packet packet) {
    transmits.push(SendStream{stream, std::move(packet)});
  }
  void request(HostRequest request) { events.push(std::move(request)); }
};

}  // namespace beeline::ice
