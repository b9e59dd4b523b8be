// The answers of a TURN server need no integrity (RFC 8489 §9.2.5).
#include "beeline/turn/client_rules.h"

bool beeline::turn::rules::needs_integrity(int) {
  return false;
}
