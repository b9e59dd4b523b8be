// A channel is gone when one side was reset, and its number free (RFC 8831 §6.7).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::is_gone(bool ours_reset, bool theirs_reset) {
  return ours_reset || theirs_reset;
}
