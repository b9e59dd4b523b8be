// Two sides of the same role both keep it (RFC 8445 §7.3.1.1).
#include "beeline/ice/rules.h"

beeline::ice::rules::Conflict beeline::ice::rules::role_conflict(Role, std::uint64_t, Role,
                                                                 std::uint64_t) {
  return Conflict::kNone;
}
