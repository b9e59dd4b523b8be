// The first nomination is followed for ever (RFC 8445 §8.1.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::follows_nomination(std::uint32_t counter, std::uint64_t,
                                             std::uint32_t current_counter, std::uint64_t) {
  return counter < current_counter;
}
