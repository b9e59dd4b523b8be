// Consent is asked for once a minute, longer than it lasts (RFC 7675 §5.1).
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::consent_interval(Random&) {
  return std::chrono::seconds(60);
}
