// What main() of a measuring program does: its words in, its exit status out.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <vector>

namespace beeline::bench {

// 1 where `run` throws, with what it said; else what it returns.
inline int program(int argc, char** argv, int (*run)(const std::vector<std::string>& words)) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}

}  // namespace beeline::bench
