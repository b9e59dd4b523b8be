#include "beeline/turn/credentials.h"

#include <fmt/format.h>

#include <charconv>

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"

namespace beeline::turn {

std::string password_for(std::string_view secret, std::string_view username) {
  return to_base64(crypto::hmac_sha1(as_bytes(secret), {as_bytes(username)}));
}

Credential mint_credential(std::string_view secret, std::string_view user, WallTime expires) {
  const std::string username = fmt::format("{}:{}", expires.since_epoch.count(), user);
  return {username, password_for(secret, username)};
}

std::optional<ParsedUsername> parse_username(std::string_view username) {
  const std::size_t colon = username.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 12) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(username.data(), username.data() + colon, seconds);
  if (error != std::errc{} || end != username.data() + colon || seconds < 0) return std::nullopt;
  return ParsedUsername{{std::chrono::seconds(seconds)}, username.substr(colon + 1)};
}

}  // namespace beeline::turn
