// The attribute numbers of RFC 8489, RFC 8656, RFC 8445 and RFC 5780, and one draft's.
#pragma once

#include <cstdint>

namespace beeline::stun {

enum class AttributeType : std::uint16_t {
  // RFC 8489 §18.3
  kMappedAddress = 0x0001,
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kUnknownAttributes = 0x000A,
  kRealm = 0x0014,
  kNonce = 0x0015,
  kMessageIntegritySha256 = 0x001C,
  kPasswordAlgorithm = 0x001D,
  kUserhash = 0x001E,
  kXorMappedAddress = 0x0020,
  kPasswordAlgorithms = 0x8002,
  kAlternateDomain = 0x8003,
  kSoftware = 0x8022,
  kAlternateServer = 0x8023,
  kFingerprint = 0x8028,
  // RFC 8656 §18
  kChannelNumber = 0x000C,
  kLifetime = 0x000D,
  kXorPeerAddress = 0x0012,
  kData = 0x0013,
  kXorRelayedAddress = 0x0016,
  kRequestedAddressFamily = 0x0017,
  kEvenPort = 0x0018,
  kRequestedTransport = 0x0019,
  kDontFragment = 0x001A,
  kReservationToken = 0x0022,
  kAdditionalAddressFamily = 0x8000,
  kAddressErrorCode = 0x8001,
  kIcmp = 0x8004,
  // RFC 8445 §16.1
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kIceControlled = 0x8029,
  kIceControlling = 0x802A,
  // draft-thatcher-ice-renomination-01 §5, as browsers send it
  kNomination = 0xC001,
  // Our own, optional to understand: how often the sender of a check has looked around anew.
  kLooks = 0xC0BE,
  // RFC 5780 §7
  kChangeRequest = 0x0003,
  kPadding = 0x0026,
  kResponsePort = 0x0027,
  kResponseOrigin = 0x802B,
  kOtherAddress = 0x802C,
};

//= RFC 8489 §14
// A receiver must understand types below 0x8000 or refuse the message.
constexpr bool is_comprehension_required(AttributeType type) {
  return static_cast<std::uint16_t>(type) < 0x8000;
}

// True for every type named above.
bool is_known(AttributeType type);

}  // namespace beeline::stun
