// Which way media flows (RFC 8866 §6.7): four attributes of which one counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "beeline/sdp/session.h"

namespace beeline::sdp {

enum class Direction : std::uint8_t { kInactive = 0, kSendonly = 1, kRecvonly = 2, kSendrecv = 3 };

std::string_view to_string(Direction direction);  // "sendrecv", …
std::optional<Direction> parse_direction(std::string_view text);

constexpr bool sends(Direction direction) {
  return (static_cast<int>(direction) & 1) != 0;
}
constexpr bool receives(Direction direction) {
  return (static_cast<int>(direction) & 2) != 0;
}
constexpr Direction make_direction(bool sends, bool receives) {
  return static_cast<Direction>((sends ? 1 : 0) | (receives ? 2 : 0));
}
// As the other side sees it.
constexpr Direction reversed(Direction direction) {
  return make_direction(receives(direction), sends(direction));
}

// The first that is said in the section; none where nothing is.
std::optional<Direction> direction_of(const Section& section);
// The media section's, else the session's, else sendrecv.
Direction effective_direction(const Session& session, const Media& media);
// In the place of the one that was there.
void set_direction(Section& section, Direction direction);

}  // namespace beeline::sdp
