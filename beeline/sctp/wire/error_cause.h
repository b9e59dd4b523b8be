// Why an association ends or a chunk is refused (RFC 9260 §3.3.10), in the chunks ABORT and ERROR.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/sctp/wire/chunk.h"

namespace beeline::sctp {

enum class ErrorCause : std::uint16_t {
  kInvalidStream = 1,
  kMissingParameter = 2,
  kStaleCookie = 3,
  kOutOfResource = 4,
  kUnresolvableAddress = 5,
  kUnrecognizedChunk = 6,
  kInvalidParameter = 7,
  kUnrecognizedParameters = 8,
  kNoUserData = 9,
  kCookieWhileShuttingDown = 10,
  kRestartWithNewAddresses = 11,
  kUserAbort = 12,
  kProtocolViolation = 13,
};

std::string_view to_string(ErrorCause cause);

// One cause with its value, padded.
std::vector<std::uint8_t> write_cause(ErrorCause cause, Bytes value);

// The first cause of an ABORT or ERROR; none where it has none or is broken.
struct CauseSeen {
  ErrorCause cause = ErrorCause::kUserAbort;
  Bytes value;  // borrowed
};
std::optional<CauseSeen> first_cause(const Chunk& chunk);

}  // namespace beeline::sctp
