// A relay that was not given is asked for again at once, and again.
#include "beeline/ice/rules.h"

namespace beeline::ice {

Duration rules::first_wait_for_relay() {
  return std::chrono::milliseconds(1);
}

Duration rules::next_wait_for_relay(Duration) {
  return std::chrono::milliseconds(1);
}

}  // namespace beeline::ice
