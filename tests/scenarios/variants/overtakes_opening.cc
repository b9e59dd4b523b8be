// Messages pass the opening of their channel (RFC 8832 §6).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::may_overtake(bool ordered, bool) {
  return !ordered;
}
