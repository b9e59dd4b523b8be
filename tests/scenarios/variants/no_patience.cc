// Gives up after five seconds, while the other side is still looking (RFC 8863 §4).
#include "beeline/ice/rules.h"

namespace beeline::ice {

Duration rules::patience() {
  return std::chrono::seconds(5);
}

bool rules::has_failed(bool nothing_left_to_try, Instant began, Instant now) {
  return nothing_left_to_try && now - began >= rules::patience();
}

}  // namespace beeline::ice
