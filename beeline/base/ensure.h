// ensure(): checks for programming errors, on in every build. Not for anything the network or a
// user says.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

namespace beeline {

// What a failed ensure() throws inside a host, so that it ends only the session whose core is
// broken.
struct EnsureFailed : std::logic_error {
  using std::logic_error::logic_error;
};

enum class EnsurePolicy { kAbort, kThrow };

// Tests and the simulator abort (the default). A server asks for kThrow at its start; from then on
// the place that calls a core catches EnsureFailed, destroys that core and counts it. Not
// thread-safe: call before starting threads.
void set_ensure_policy(EnsurePolicy policy);

[[noreturn]] void ensure_failed(std::string_view what, const std::source_location& where);

inline void ensure(bool condition, std::string_view what = "condition",
                   const std::source_location& where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    ensure_failed(what, where);
}

}  // namespace beeline
