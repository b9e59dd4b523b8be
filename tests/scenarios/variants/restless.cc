// Everything that failed is tried anew each second, where ten are between two looks (RFC 8445
// §19.5.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_look_again(Instant last, Instant now) {
  return now - last >= std::chrono::seconds(1);
}
