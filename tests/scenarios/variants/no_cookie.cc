// No cookie is taken back (RFC 9260 §5.1.5).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::admits_cookie(bool, VerificationTag, VerificationTag) {
  return false;
}
