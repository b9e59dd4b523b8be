// What our own servers say of us: one STUN Binding request each, and the record of what came of
// every server, for people.
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/address.h"
#include "beeline/ice/pair.h"
#include "beeline/stun/transaction.h"

namespace beeline::ice {

enum class ServerResult : std::uint8_t {
  kAsking,
  kAnswered,   // STUN: we know how it sees us
  kAllocated,  // TURN: we have a relayed address
  kNoSuchName,
  kNoAnswer,
  kRefused,      // `code` says how
  kLost,         // there was an allocation once
  kUnreachable,  // TCP or TLS: no connection, or a certificate for somebody else
  kNotNeeded,    // another transport of it was quicker
};

struct ServerReport {
  std::size_t server = 0;  // in the list of Settings
  std::optional<IpAddress> from;
  ServerResult result = ServerResult::kAsking;
  std::uint16_t code = 0;
  std::optional<TransportAddress> mapped;
};

// A Binding request to a STUN server that is on its way.
struct ServerQuery {
  BaseId base;
  TransportAddress server;
  std::size_t index = 0;  // of the server
  stun::Transaction transaction;
};

}  // namespace beeline::ice
