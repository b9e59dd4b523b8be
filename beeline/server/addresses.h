// Which addresses the server listens on, tells others, and relays from: the configuration laid over
// what the machine has.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "beeline/net/interfaces.h"
#include "beeline/server/config.h"

namespace beeline::server {

// One relayed address family: where relay sockets are bound and what clients are told. They differ
// behind a one-to-one NAT.
struct RelayAddress {
  IpAddress bound;
  IpAddress advertised;
};

struct Addresses {
  std::vector<IpAddress> listen;  // unspecified addresses stand for "all of this family"
  std::vector<IpAddress>
      own;  // every address of the machine and every advertised one; never relayed to
  std::vector<IpAddress> reachable;  // what others can type, best first; no loopback
  std::vector<RelayAddress> relays;  // at most one per family
  std::vector<Prefix>
      local_subnets;  // subnets of private advertised addresses: a LAN server relays inside its LAN
  std::vector<std::string> warnings;  // sentences for people
};

// What --public-ip says: addresses, names that lead to them, or "auto" for the machine's own, which
// adds none. Asks the system's resolver and waits for it. The error is a sentence for people.
std::expected<std::vector<IpAddress>, std::string> public_addresses(
    const std::vector<std::string>& given);

// `primary`: the addresses that packets to the outside leave from, IPv4 first; may be empty.
Addresses plan_addresses(const Config& config, const std::vector<net::InterfaceAddress>& interfaces,
                         const std::vector<IpAddress>& primary);

}  // namespace beeline::server
