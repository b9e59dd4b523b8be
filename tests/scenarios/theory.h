// What theory says of two NATs (RFC 4787 §4.1, §5): whether two hosts behind them can reach each
// other without a relay.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "beeline/sim/nat.h"

namespace beeline::scenarios {

struct NatType {
  sim::NatBehavior mapping;
  sim::NatBehavior filtering;
};

// All nine, mapping by mapping.
inline constexpr std::array<NatType, 9> kNatTypes = [] {
  using enum sim::NatBehavior;
  std::array<NatType, 9> types{};
  std::size_t i = 0;
  for (const auto mapping : {kEndpointIndependent, kAddressDependent, kAddressAndPortDependent})
    for (const auto filtering : {kEndpointIndependent, kAddressDependent, kAddressAndPortDependent})
      types[i++] = {mapping, filtering};
  return types;
}();

sim::NatProfile profile_of(NatType type);
std::string name_of(NatType type);  // "EIM/APDF"

// A chain of NATs behaves as the worse of each property.
NatType combined(const std::vector<sim::NatProfile>& chain);

// Direct unless both filter and either both have mappings that depend on whom one talks to, or one
// has and the other wants the exact port.
bool may_be_direct(const sim::NatProfile& a, const sim::NatProfile& b);

}  // namespace beeline::scenarios
