// Which relay ports are in use, and the choice of the next: unpredictable, so that nobody can guess
// where a relayed address will be.
#pragma once

#include <optional>
#include <unordered_set>

#include "beeline/base/address.h"
#include "beeline/base/random.h"

namespace beeline::turn {

// For one address family.
class RelayPorts {
 public:
  RelayPorts(Port first, Port last) : first_(first.value), last_(last.value) {}

  // A free port, taken from now on; `even`: an even one; `pair`: an even one whose successor is
  // free, and both are taken. None where a bounded number of draws found none.
  std::optional<Port> take(Random& random, bool even, bool pair) {
    const auto span = static_cast<std::uint32_t>(last_ - first_ + 1);
    for (int draw = 0; draw < kDraws; ++draw) {
      std::uint32_t port = first_ + random.below(span);
      if (even || pair) port &= ~1U;
      const bool fits = port >= first_ && port + (pair ? 1 : 0) <= last_;
      if (!fits || used_.contains(port) || (pair && used_.contains(port + 1))) continue;
      used_.insert(port);
      if (pair) used_.insert(port + 1);
      return Port{static_cast<std::uint16_t>(port)};
    }
    return std::nullopt;
  }
  void give_back(Port port) { used_.erase(port.value); }
  std::size_t used() const { return used_.size(); }

 private:
  static constexpr int kDraws = 64;
  std::uint32_t first_;
  std::uint32_t last_;
  std::unordered_set<std::uint32_t> used_;
};

}  // namespace beeline::turn
