// After the second silence nothing is sent again for an hour (RFC 9260 §6.3).
#include "beeline/sctp/rules.h"

beeline::Duration beeline::sctp::rules::backed_off(Duration, std::uint32_t) {
  return std::chrono::hours(1);
}
