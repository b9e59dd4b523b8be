// What a relay passes on is thrown away (RFC 8656 §11.7).
#include "beeline/turn/client_rules.h"

bool beeline::turn::rules::may_receive(bool) {
  return false;
}
