// A pair that does not answer is asked for ever (RFC 8445 §14.3).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_send_check(int, int unanswered_at_address, bool) {
  return unanswered_at_address < 100;
}
