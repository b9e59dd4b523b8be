// The parameters of INIT, INIT ACK and RE-CONFIG chunks: what an end can do (RFC 9260 §3.3.2, RFC
// 5061 §4.2.7, RFC 3758 §3.1, RFC 9653 §4) and what it asks of its streams (RFC 6525 §4).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <variant>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/sctp/numbers.h"
#include "beeline/sctp/wire/chunk.h"

namespace beeline::sctp {

enum class ParameterType : std::uint16_t {
  kHeartbeatInfo = 1,
  kIpv4Address = 5,
  kIpv6Address = 6,
  kStateCookie = 7,
  kUnrecognized = 8,
  kCookiePreservative = 9,
  kSupportedAddressTypes = 12,
  kOutgoingReset = 13,
  kIncomingReset = 14,
  kReConfigResponse = 16,
  kAddOutgoingStreams = 17,
  kAddIncomingStreams = 18,
  kZeroChecksum = 0x8001,
  kSupportedExtensions = 0x8008,
  kForwardTsnSupported = 0xC000,
};

// What both ends of an association must have for it to be used.
struct Capabilities {
  bool partial_reliability = false;  // RFC 3758
  bool interleaving = false;         // RFC 8260
  bool re_config = false;            // RFC 6525
  bool zero_checksum = false;        // RFC 9653, with DTLS below

  bool operator==(const Capabilities&) const = default;
  friend Capabilities operator&(Capabilities a, Capabilities b) {
    return {a.partial_reliability && b.partial_reliability, a.interleaving && b.interleaving,
            a.re_config && b.re_config, a.zero_checksum && b.zero_checksum};
  }
};

// What an INIT or INIT ACK says beside its fixed fields.
struct InitParameters {
  Capabilities capabilities;
  std::optional<Bytes> cookie;      // borrowed; in an INIT ACK only
  std::vector<Bytes> unrecognized;  // to be reported (RFC 9260 §3.2.1); borrowed, at most 8
};
std::expected<InitParameters, ParseError> parse_init_parameters(Bytes parameters);

// The parameters that announce `capabilities`, to be appended to the fixed fields of an INIT.
std::vector<std::uint8_t> write_capabilities(const Capabilities& capabilities);
// One parameter, with its padding.
void append_parameter(std::vector<std::uint8_t>& to, ParameterType type, Bytes value);

// --- RFC 6525 §4 ---

enum class ReConfigResult : std::uint32_t {
  kNothingToDo = 0,
  kPerformed = 1,
  kDenied = 2,
  kWrongSsn = 3,
  kAlreadyInProgress = 4,
  kBadSequenceNumber = 5,
  kInProgress = 6,
};

// What a RE-CONFIG chunk asks or answers. Stream lists are borrowed, two bytes each.
struct OutgoingReset {
  Tsn request, response, last;
  std::vector<StreamId> streams;  // none: all
};
struct IncomingReset {
  Tsn request;
  std::vector<StreamId> streams;
};
struct AddStreams {
  Tsn request;
  std::uint16_t count = 0;
  bool outgoing = true;
};
struct ReConfigResponse {
  Tsn request;
  ReConfigResult result = ReConfigResult::kDenied;
};
using ReConfigParameter = std::variant<OutgoingReset, IncomingReset, AddStreams, ReConfigResponse>;

// The one or two parameters of a chunk; those of a type not named above are left out.
std::expected<std::vector<ReConfigParameter>, ParseError> parse_re_config(const Chunk& chunk);
void append_re_config(std::vector<std::uint8_t>& to, const ReConfigParameter& parameter);

}  // namespace beeline::sctp
