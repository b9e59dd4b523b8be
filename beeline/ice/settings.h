// What an agent is told when it is made: servers, what it may use, its limits.
#pragma once

#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"

namespace beeline::ice {

enum class ServerKind : std::uint8_t { kStun, kTurn };
enum class ServerTransport : std::uint8_t { kUdp, kTcp, kTls };

// A STUN or TURN server: one URL of an application's list.
struct Server {
  ServerKind kind = ServerKind::kStun;
  ServerTransport transport = ServerTransport::kUdp;  // of TURN; STUN is asked over UDP
  std::string host;                                   // a name or an address
  Port port{3478};
  std::string username;  // TURN only, as password
  std::string password;
  bool operator==(const Server&) const = default;
};

enum class Policy : std::uint8_t {
  kAll,
  kRelayOnly,  // the other side learns no address of ours
};

struct Limits {
  std::size_t pairs = 100;
  std::size_t remote_candidates = 256;
  std::size_t interfaces = 16;
  std::size_t servers = 16;
  std::size_t allocations = 6;  // at once
  std::size_t streams = 32;     // connections of TCP candidates
};

struct Settings {
  std::vector<Server> servers;
  Policy policy = Policy::kAll;
  // Only answers, and only on host candidates (RFC 8445 §2.5): for servers with a public address.
  bool lite = false;
  // Also gather TCP candidates (RFC 6544).
  bool tcp = false;
  // Publish names instead of host addresses (draft-ietf-mmusic-mdns-ice-candidates).
  bool hide_addresses = false;
  // Use 127.0.0.1 and ::1 too: for two programs of one machine.
  bool loopback = false;
  Limits limits;

  // Whether an address of the machine is one to be reached at.
  bool usable(const IpAddress& ip) const {
    if (ip.is_loopback()) return loopback;
    return !ip.is_unspecified() && !ip.is_multicast() && !ip.is_link_local();
  }
};

}  // namespace beeline::ice
