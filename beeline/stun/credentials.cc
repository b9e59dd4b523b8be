#include "beeline/stun/credentials.h"

#include <algorithm>

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"

namespace beeline::stun {
namespace {
constexpr std::string_view kCookie = "obMatJos2";
}

LongTermKey long_term_key(PasswordAlgorithm algorithm, std::string_view username,
                          std::string_view realm, std::string_view password) {
  LongTermKey key;
  const Bytes colon = as_bytes(":");
  const std::initializer_list<Bytes> parts = {as_bytes(username), colon, as_bytes(realm), colon,
                                              as_bytes(password)};
  if (algorithm == PasswordAlgorithm::kMd5) {
    std::ranges::copy(crypto::md5(parts), key.key_.begin());
    key.size_ = 16;
  } else {
    std::ranges::copy(crypto::sha256(parts), key.key_.begin());
    key.size_ = 32;
  }
  return key;
}

std::array<std::uint8_t, 32> userhash(std::string_view username, std::string_view realm) {
  return crypto::sha256({as_bytes(username), as_bytes(":"), as_bytes(realm)});
}

std::string nonce_cookie(SecurityFeatures features) {
  // 24 bits, of which the first two are assigned (RFC 8489 §18.1).
  const std::array<std::uint8_t, 3> bits{
      static_cast<std::uint8_t>((features.password_algorithms ? 0x80 : 0) |
                                (features.username_anonymity ? 0x40 : 0)),
      0, 0};
  return std::string(kCookie) + to_base64(bits);
}

std::optional<SecurityFeatures> features_of(std::string_view nonce) {
  if (nonce.size() < kNonceCookieSize || !nonce.starts_with(kCookie)) return std::nullopt;
  const auto bits = from_base64(nonce.substr(kCookie.size(), 4));
  if (!bits || bits->size() != 3) return std::nullopt;
  return SecurityFeatures{(bits->front() & 0x80) != 0, (bits->front() & 0x40) != 0};
}

std::optional<PasswordAlgorithm> choose_algorithm(
    std::string_view nonce, const std::optional<std::vector<std::uint16_t>>& offered) {
  const auto features = features_of(nonce);
  const bool promised = features && features->password_algorithms;
  if (!promised) return PasswordAlgorithm::kMd5;
  if (!offered) return std::nullopt;
  for (const PasswordAlgorithm best : {PasswordAlgorithm::kSha256, PasswordAlgorithm::kMd5})
    if (std::ranges::find(*offered, static_cast<std::uint16_t>(best)) != offered->end())
      return best;
  return std::nullopt;
}

}  // namespace beeline::stun
