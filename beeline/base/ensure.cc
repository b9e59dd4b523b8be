#include "beeline/base/ensure.h"

#include <cstdlib>
#include <string>

#include <fmt/core.h>

namespace beeline {
namespace {
EnsurePolicy policy_in_force = EnsurePolicy::kAbort;
}

void set_ensure_policy(EnsurePolicy policy) {
  policy_in_force = policy;
}

void ensure_failed(std::string_view what, const std::source_location& where) {
  const std::string text =
      fmt::format("ensure failed: {} at {}:{}", what, where.file_name(), where.line());
  if (policy_in_force == EnsurePolicy::kThrow) throw EnsureFailed(text);
  fmt::print(stderr, "{}\n", text);
  std::abort();
}

}  // namespace beeline
