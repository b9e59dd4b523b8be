// A nonce that grew old ends everything (RFC 8489 §9.2.5).
#include "beeline/turn/client_rules.h"

namespace beeline::turn {

bool rules::is_challenge(int code) {
  return code == 401;
}

bool rules::is_final(int code) {
  return code != 0 && code != 401;
}

}  // namespace beeline::turn
