// Broken on purpose: a chunk that was cut for a path that took more is never cut by the network.
#include "beeline/sctp/rules.h"

namespace beeline::sctp::rules {

Fragmenting fragmenting(std::size_t, std::size_t, std::size_t) {
  return Fragmenting::kForbidden;
}

}  // namespace beeline::sctp::rules
