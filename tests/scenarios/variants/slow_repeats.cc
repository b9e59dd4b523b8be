// A lost check is repeated after five seconds only (RFC 8445 §14.3).
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::repeat_after(int, std::optional<Duration>) {
  return std::chrono::seconds(5);
}
