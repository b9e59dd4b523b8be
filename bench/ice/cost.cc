#include "bench/ice/cost.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace beeline::bench {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_kib() {
  ::malloc_trim(0);  // what is free is nobody's
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      double kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

double quantile_ms(std::vector<Duration> times, double part) {
  std::ranges::sort(times);
  const auto index = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
  return static_cast<double>(times[index].count()) / 1000;
}

}  // namespace beeline::bench
