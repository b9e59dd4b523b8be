// A whole message, as applications give and get it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/sctp/numbers.h"

namespace beeline::sctp {

struct Message {
  StreamId stream;
  PayloadProtocolId protocol;
  bool unordered = false;
  std::vector<std::uint8_t> bytes;  // at least one: SCTP has no empty messages
};

// How hard a message is to be delivered (RFC 3758, RFC 7496). Without a limit: until it is, or the
// association ends.
struct Reliability {
  std::optional<Duration> lifetime{};              // after that it is given up
  std::optional<std::uint32_t> retransmissions{};  // of any of its fragments
};

}  // namespace beeline::sctp
