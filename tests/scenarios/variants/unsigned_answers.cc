// Anybody may answer, without knowing the password (RFC 8445 §7.2.5).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::admits_response(bool) {
  return true;
}
