// An allocation is refreshed when it is gone (RFC 8656 §3.2).
#include "beeline/turn/client_rules.h"

namespace beeline::turn {

Instant rules::allocation_expires(Instant asked, Duration lifetime) {
  return asked + lifetime + std::chrono::minutes(10);
}

Instant rules::refresh_allocation_at(Instant asked, Duration lifetime) {
  return asked + lifetime + std::chrono::seconds(1);
}

}  // namespace beeline::turn
