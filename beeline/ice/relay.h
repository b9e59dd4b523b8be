// One allocation of the gatherer: a TURN client, the socket or stream to its server, and the bases
// that its relayed addresses are.
#pragma once

#include <optional>
#include <vector>

#include "beeline/ice/pair.h"
#include "beeline/ice/settings.h"
#include "beeline/turn/client.h"

namespace beeline::ice {

struct Relay {
  std::size_t server = 0;  // in the list of Settings
  ServerTransport transport = ServerTransport::kUdp;
  TransportAddress address;  // of the server
  IpAddress from;            // ours
  std::uint32_t local_preference = 0;
  SocketId socket;  // UDP
  StreamId stream;  // TCP, TLS
  bool stream_open = false;
  bool stream_closed = false;  // the host said so
  bool stream_writable = true;
  // A stream that has not answered until then is dead, whatever its host believes.
  std::optional<Instant> speak_by{};
  bool ended = false;       // to be removed
  std::vector<Base> bases;  // one per family
  turn::Client client;

  bool allocated() const { return !bases.empty(); }
};

}  // namespace beeline::ice
