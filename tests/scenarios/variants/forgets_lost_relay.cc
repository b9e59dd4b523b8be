// A relay that was lost is asked for again after an hour.
#include "beeline/ice/rules.h"

namespace beeline::ice {

Duration rules::first_wait_for_relay() {
  return std::chrono::hours(1);
}

Duration rules::next_wait_for_relay(Duration) {
  return std::chrono::hours(1);
}

}  // namespace beeline::ice
