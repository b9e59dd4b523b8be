// The worse of two paths that work is preferred (RFC 8445 §8.1.1).
#include "beeline/ice/rules.h"

bool beeline::ice::rules::prefers(std::uint64_t other, Standing, std::uint64_t current, Standing) {
  return other < current;
}
