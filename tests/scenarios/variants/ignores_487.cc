// A 487 changes nothing (RFC 8445 §7.2.5.1).
#include "beeline/ice/rules.h"

beeline::ice::Role beeline::ice::rules::role_after_487(Role sent_as) {
  return sent_as;
}
