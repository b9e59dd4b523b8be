// Less is taken than was promised (RFC 8841 §6).
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::is_too_long(std::size_t bytes, std::size_t most) {
  return bytes > most / 2;
}
