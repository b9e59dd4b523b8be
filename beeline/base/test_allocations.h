// For tests of steady states. A test program that is linked with test_allocations.cc counts what
// it asks of operator new; it is a program of its own, so that others are not slower for it.
#pragma once

#include <cstdint>

namespace beeline {

std::uint64_t allocations_so_far();

}  // namespace beeline
