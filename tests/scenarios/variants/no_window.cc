// The window told is what is held, and not what is free (RFC 9260 §6.2).
#include "beeline/sctp/rules.h"

std::uint32_t beeline::sctp::rules::window_to_tell(std::size_t, std::size_t held) {
  return static_cast<std::uint32_t>(held);
}
