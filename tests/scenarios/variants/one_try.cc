// A handshake is tried once (RFC 9260 §5.1).
#include "beeline/sctp/rules.h"

beeline::Duration beeline::sctp::rules::first_handshake_wait(Duration) {
  return std::chrono::hours(1);
}
