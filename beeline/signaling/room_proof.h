// What a client shows instead of a room's password (docs/protocol/signaling.md, section 5).
#pragma once

#include <string>
#include <string_view>

namespace beeline::signaling {

// 43 characters of base64url. Takes a noticeable part of a second, on purpose.
std::string password_proof(std::string_view room, std::string_view password);

}  // namespace beeline::signaling
