// Who is asked does not ask back (RFC 8445 §7.3.1.4).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::triggers_check(bool) {
  return false;
}
