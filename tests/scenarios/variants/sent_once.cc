// What was lost once is given up, though it has no limit.
#include "beeline/sctp/rules.h"

bool beeline::sctp::rules::is_sent_too_often(std::uint32_t transmissions,
                                             std::optional<std::uint32_t>) {
  return transmissions > 1;
}
