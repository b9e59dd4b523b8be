// An association ends after a few silences, before ICE does (RFC 8831 §6.2).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::gives_up(std::uint32_t silences) {
  return silences > 3;
}
