// Long-term and short-term credentials (RFC 8489 §9): keys, USERHASH, and the security features a
// nonce announces.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/stun/attributes.h"
#include "beeline/stun/message.h"

namespace beeline::stun {

// The HMAC key of a long-term credential: 16 bytes for MD5, 32 for SHA-256.
class LongTermKey {
 public:
  LongTermKey() = default;
  Bytes bytes() const { return Bytes(key_).first(size_); }
  PasswordAlgorithm algorithm() const {
    return size_ == 16 ? PasswordAlgorithm::kMd5 : PasswordAlgorithm::kSha256;
  }

 private:
  friend LongTermKey long_term_key(PasswordAlgorithm, std::string_view, std::string_view,
                                   std::string_view);
  std::array<std::uint8_t, 32> key_{};
  std::size_t size_ = 16;
};

//= RFC 8489 §18.5.1
// Hash of username ":" realm ":" password. The strings are taken as they are: RFC 8265's
// OpaqueString leaves printable ASCII and already normalised UTF-8 unchanged, and ours come from
// the server itself.
LongTermKey long_term_key(PasswordAlgorithm algorithm, std::string_view username,
                          std::string_view realm, std::string_view password);

//= RFC 8489 §14.4
std::array<std::uint8_t, 32> userhash(std::string_view username, std::string_view realm);

//= RFC 8489 §9.2
// The features that a server's nonce promises, so that nobody on the path can strip them.
struct SecurityFeatures {
  bool password_algorithms = false;  // bit 0
  bool username_anonymity = false;   // bit 1
};
// "obMatJos2" and four characters of base64; what follows is the server's own.
std::string nonce_cookie(SecurityFeatures features);
inline constexpr std::size_t kNonceCookieSize = 13;
// None for a nonce of a server that does not know them (RFC 5389).
std::optional<SecurityFeatures> features_of(std::string_view nonce);

//= RFC 8489 §9.2.5
// For clients: which algorithm to use after a challenge. None where the challenge was tampered
// with: its nonce promises password algorithms and the attribute is gone, or none of them is known.
std::optional<PasswordAlgorithm> choose_algorithm(
    std::string_view nonce, const std::optional<std::vector<std::uint16_t>>& offered);

}  // namespace beeline::stun
