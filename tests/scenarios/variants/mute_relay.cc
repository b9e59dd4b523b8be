// Nothing is sent through a relay, though its server allows it (RFC 8656 §11.1).
#include "beeline/turn/client_rules.h"

bool beeline::turn::rules::may_send(bool) {
  return false;
}
