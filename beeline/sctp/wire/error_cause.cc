#include "beeline/sctp/wire/error_cause.h"

#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {

std::string_view to_string(ErrorCause cause) {
  switch (cause) {
    case ErrorCause::kInvalidStream:
      return "invalid stream identifier";
    case ErrorCause::kMissingParameter:
      return "missing mandatory parameter";
    case ErrorCause::kStaleCookie:
      return "stale cookie";
    case ErrorCause::kOutOfResource:
      return "out of resource";
    case ErrorCause::kUnresolvableAddress:
      return "unresolvable address";
    case ErrorCause::kUnrecognizedChunk:
      return "unrecognized chunk type";
    case ErrorCause::kInvalidParameter:
      return "invalid mandatory parameter";
    case ErrorCause::kUnrecognizedParameters:
      return "unrecognized parameters";
    case ErrorCause::kNoUserData:
      return "no user data";
    case ErrorCause::kCookieWhileShuttingDown:
      return "cookie received while shutting down";
    case ErrorCause::kRestartWithNewAddresses:
      return "restart with new addresses";
    case ErrorCause::kUserAbort:
      return "user-initiated abort";
    case ErrorCause::kProtocolViolation:
      return "protocol violation";
  }
  return "unknown cause";
}

std::vector<std::uint8_t> write_cause(ErrorCause cause, Bytes value) {
  // A cause is laid out as a parameter is.
  std::vector<std::uint8_t> bytes;
  append_parameter(bytes, static_cast<ParameterType>(cause), value);
  return bytes;
}

std::optional<CauseSeen> first_cause(const Chunk& chunk) {
  const auto tlv = TlvReader(chunk.value).next();
  if (!tlv) return std::nullopt;
  return CauseSeen{static_cast<ErrorCause>(tlv->kind), tlv->value};
}

}  // namespace beeline::sctp
