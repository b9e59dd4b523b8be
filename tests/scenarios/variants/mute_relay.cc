// Nothing is sent through a relay while its permission is being refreshed (RFC 8656 §9).
#include "beeline/turn/client_rules.h"

bool beeline::turn::rules::may_send(bool wanted, bool asking, bool ready) {
  return wanted && ready && !asking;
}
