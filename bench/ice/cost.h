// What this process has cost so far, and where the middle and the end of many times lie.
#pragma once

#include <vector>

#include "beeline/base/instant.h"

namespace beeline::bench {

double cpu_seconds();
double resident_kib();

// Of at least one; `part` 0.5: the median.
double quantile_ms(std::vector<Duration> times, double part);

}  // namespace beeline::bench
