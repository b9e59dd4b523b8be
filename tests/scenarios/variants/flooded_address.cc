// An address that never answers gets as many packets as it has ports (RFC 8445 §19.5.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_send_check(int sent_on_pair, int, bool triggered) {
  return sent_on_pair < (triggered ? 7 : 5);
}
