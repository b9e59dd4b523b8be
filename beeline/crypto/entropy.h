// Seeds from the operating system, for hosts only: a core is given a Random that was seeded with
// one of these.
#pragma once

#include "beeline/base/random.h"

namespace beeline::crypto {

// 32 unpredictable bytes. Throws std::runtime_error where the system has none to give (start-up
// only).
Random::Seed system_seed();

}  // namespace beeline::crypto
