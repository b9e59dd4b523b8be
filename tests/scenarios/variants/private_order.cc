// Each side orders pairs by its own candidates first (RFC 8445 §6.1.2.3), so that both differ.
#include "beeline/ice/rules.h"

std::uint64_t beeline::ice::rules::pair_priority(std::uint32_t controlling,
                                                 std::uint32_t controlled) {
  return (static_cast<std::uint64_t>(controlling) << 32) + controlled;
}
