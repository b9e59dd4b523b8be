// Who is asked for a name gives up (RFC 8489 §9.2.5).
#include "beeline/turn/client_rules.h"

bool beeline::turn::rules::is_challenge(int) {
  return false;
}
