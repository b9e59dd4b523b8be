// What an association tells whom it serves, and why it ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/sctp/message.h"
#include "beeline/sctp/wire/error_cause.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {

enum class EndReason : std::uint8_t {
  kClosed,             // both sides were done (RFC 9260 §9.2), or we aborted
  kAborted,            // the other side ended it (RFC 9260 §9.1)
  kProtocolViolation,  // the other side said what cannot be; we ended it
  kMessageTooLong,     // the other side sent more than it was told we take
};
std::string_view to_string(EndReason reason);

// Data flows both ways from now on.
struct Connected {
  Capabilities capabilities;           // what both have
  std::uint16_t outbound_streams = 0;  // ids below it may be used
};
struct MessageReceived {
  Message message;
};
// The other side began these streams anew: nothing of before comes after this (RFC 6525).
struct StreamsReset {
  std::vector<StreamId> streams;
};
// What reset_streams() asked for was done, or was refused: either way they may be used again.
struct StreamsResetDone {
  std::vector<StreamId> streams;
  bool refused = false;
};
// Silent after this.
struct Ended {
  EndReason reason = EndReason::kClosed;
  std::string detail;  // for people: the cause the other side gave
};

using AssociationEvent =
    std::variant<Connected, MessageReceived, StreamsReset, StreamsResetDone, Ended>;

}  // namespace beeline::sctp
