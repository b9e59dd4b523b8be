// Who hears nothing for a minute does not wonder.
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::silence_to_ask() {
  return std::chrono::minutes(1);
}
