// A check is repeated before any answer can be there (RFC 8445 §14.3).
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::repeat_after(int, std::optional<Duration>) {
  return std::chrono::milliseconds(20);
}
