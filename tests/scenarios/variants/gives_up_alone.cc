// Messages are given up where the other side cannot skip them (RFC 3758 §3.1).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::may_abandon(bool) {
  return true;
}
