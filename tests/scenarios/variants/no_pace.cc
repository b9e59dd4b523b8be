// Checks leave all at once (RFC 8445 §14.2).
#include "beeline/ice/rules.h"

beeline::Duration beeline::ice::rules::check_spacing(std::size_t) {
  return {};
}
