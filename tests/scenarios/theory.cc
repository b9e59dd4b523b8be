#include "tests/scenarios/theory.h"

#include <algorithm>

namespace beeline::scenarios {

using enum sim::NatBehavior;

sim::NatProfile profile_of(NatType type) {
  sim::NatProfile profile;
  profile.mapping = type.mapping;
  profile.filtering = type.filtering;
  return profile;
}

std::string name_of(NatType type) {
  const auto word = [](sim::NatBehavior behavior) -> std::string {
    if (behavior == kEndpointIndependent) return "EI";
    return behavior == kAddressDependent ? "AD" : "APD";
  };
  return word(type.mapping) + "M/" + word(type.filtering) + "F";
}

NatType combined(const std::vector<sim::NatProfile>& chain) {
  NatType worst{kEndpointIndependent, kEndpointIndependent};
  for (const sim::NatProfile& nat : chain) {
    worst.mapping = std::max(worst.mapping, nat.mapping);
    worst.filtering = std::max(worst.filtering, nat.filtering);
  }
  return worst;
}

bool may_be_direct(const sim::NatProfile& a, const sim::NatProfile& b) {
  if (a.filtering == kEndpointIndependent || b.filtering == kEndpointIndependent) return true;
  const bool a_depends = a.mapping != kEndpointIndependent;
  const bool b_depends = b.mapping != kEndpointIndependent;
  if (a_depends && b_depends) return false;
  const auto wants_port = [](const sim::NatProfile& nat) {
    return nat.filtering == kAddressAndPortDependent;
  };
  return !(a_depends && wants_port(b)) && !(b_depends && wants_port(a));
}

}  // namespace beeline::scenarios
