// A stream begins anew before what was sent on it has come (RFC 6525 §5.2.2).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::reset_waits(LongTsn, LongTsn) {
  return false;
}
