// Giving up is not told (RFC 3758 §3.5).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::forward_tsn_is_due(LongTsn, LongTsn, LongTsn, std::optional<Instant>,
                                              Instant) {
  return false;
}
