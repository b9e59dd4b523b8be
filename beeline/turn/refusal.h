// Why the TURN server refused a request: the machine name that logs and metrics use, and the STUN
// error code that the client gets.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace beeline::turn {

enum class Refusal : std::uint8_t {
  kNoCredential,  // the ordinary first request
  kStaleNonce,
  kIncomplete,
  kBadUsername,
  kWrongRealm,
  kWrongPassword,
  kAlgorithmMismatch,
  kExpiredCredential,
  kRevokedCredential,
  kUnknownAttribute,
  kUnknownMethod,
  kMalformed,
  kNoAllocation,
  kAllocationExists,
  kWrongUser,
  kUnsupportedTransport,
  kUnsupportedFamily,
  kFamilyMismatch,
  kForbiddenPeer,
  kChannelTaken,
  kPermissionLimit,
  kChannelLimit,
  kUserQuota,
  kSourceQuota,
  kServerQuota,
  kNoReservation,
  kNoPort,
  kCount,
};
inline constexpr auto kRefusals = static_cast<std::size_t>(Refusal::kCount);

struct RefusalFacts {
  std::string_view name;
  std::uint16_t code;
  // Part of how clients authenticate (RFC 8489 §9.2.3.1), not a sign of trouble.
  bool is_challenge = false;
};

inline constexpr std::array<RefusalFacts, kRefusals> kRefusalFacts{{
    {"no_credential", 401, true},
    {"stale_nonce", 438, true},
    {"incomplete", 400},    // some of USERNAME, REALM and NONCE are missing
    {"bad_username", 401},  // not "expiry:name"
    {"wrong_realm", 401},
    {"wrong_password", 401},
    {"algorithm_mismatch", 400},  // somebody on the path changed what was offered
    {"expired_credential", 401},
    {"revoked_credential", 401},  // its member left or was removed
    {"unknown_attribute", 420},
    {"unknown_method", 400},
    {"malformed", 400},
    {"no_allocation", 437},
    {"allocation_exists", 437},
    {"wrong_user", 441},
    {"unsupported_transport", 442},
    {"unsupported_family", 440},
    {"family_mismatch", 443},
    {"forbidden_peer", 403},
    {"channel_taken", 400},
    {"permission_limit", 508},
    {"channel_limit", 508},
    {"user_quota", 486},
    {"source_quota", 486},
    {"server_quota", 486},
    {"no_reservation", 508},
    {"no_port", 508},
}};

constexpr const RefusalFacts& facts_of(Refusal refusal) {
  return kRefusalFacts[static_cast<std::size_t>(refusal)];
}

}  // namespace beeline::turn
