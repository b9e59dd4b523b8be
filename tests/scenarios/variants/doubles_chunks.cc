// A chunk that came before is taken for a new one (RFC 9260 §6.2).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::already_have(LongTsn tsn, LongTsn cumulative, bool) {
  return tsn <= cumulative;
}
