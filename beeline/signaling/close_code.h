// WebSocket close codes (RFC 6455 §7.4.1) that end a connection of this protocol.
#pragma once

#include <cstdint>

namespace beeline::signaling {

inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kClosePolicy = 1008;
inline constexpr std::uint16_t kCloseTooLarge = 1009;
inline constexpr std::uint16_t kCloseTryLater = 1013;

}  // namespace beeline::signaling
