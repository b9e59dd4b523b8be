// An answer may come from anywhere (RFC 8445 §7.2.5.2.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::is_symmetric(const TransportAddress&, const TransportAddress&, bool) {
  return true;
}
