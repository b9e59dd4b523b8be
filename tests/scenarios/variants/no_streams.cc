// Relays over TCP and TLS are asked for after an hour, where UDP does not get through.
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::wait_before_streams() {
  return std::chrono::hours(1);
}
