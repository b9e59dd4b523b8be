// Each of two sides of the same role refuses the other (RFC 8445 §7.3.1.1).
#include "beeline/ice/rules.h"

beeline::ice::rules::Conflict beeline::ice::rules::role_conflict(Role own, std::uint64_t,
                                                                 Role theirs, std::uint64_t) {
  return own == theirs ? Conflict::kRefuse : Conflict::kNone;
}
