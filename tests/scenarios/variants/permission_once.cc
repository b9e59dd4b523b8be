// Permissions are never refreshed (RFC 8656 §9).
#include "beeline/turn/client_rules.h"

beeline::Instant beeline::turn::rules::refresh_permission_at(Instant asked) {
  return asked + std::chrono::hours(10);
}
