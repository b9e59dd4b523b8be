// A channel is reset while messages on it wait to be sent (RFC 8831 §6.7).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::may_reset_ours(std::size_t, std::size_t) {
  return true;
}
