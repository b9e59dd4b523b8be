// Ephemeral TURN credentials as the "TURN REST" convention has them: the username says when they
// expire, the password is an HMAC of it under a secret that the issuer and the server share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/instant.h"

namespace beeline::turn {

struct Credential {
  std::string username;  // "<expiry>:<user>"
  std::string password;  // base64(HMAC-SHA1(secret, username))
};

Credential mint_credential(std::string_view secret, std::string_view user, WallTime expires);

// The password that belongs to a username, whoever chose it.
std::string password_for(std::string_view secret, std::string_view username);

struct ParsedUsername {
  WallTime expires;
  std::string_view user;  // borrowed; may be empty
};
// None where it is not a decimal time, a colon and a name.
std::optional<ParsedUsername> parse_username(std::string_view username);

}  // namespace beeline::turn
