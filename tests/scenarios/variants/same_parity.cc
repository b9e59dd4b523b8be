// Both sides take even numbers for their channels (RFC 8832 §6).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::is_ours_to_give(StreamId number, bool) {
  return number.value % 2 == 0;
}
