#include "beeline/stun/nat_behavior.h"

#include <algorithm>
#include <array>
#include <map>

namespace beeline::stun {
namespace {

// More than this is no step but a draw.
constexpr int kLargestStep = 1024;

template <typename Enum, std::size_t Size>
std::string_view name_in(const std::array<std::string_view, Size>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

// Of 65,536 ports in a circle: the shorter way from one to the other.
int step_between(Port from, Port to) {
  const auto around = static_cast<std::uint16_t>(to.value - from.value);
  return around < 0x8000 ? around : static_cast<int>(around) - 0x10000;
}

}  // namespace

NatKind kind_of(const NatReport& report) {
  using enum NatBehavior;
  if (report.outcome == NatOutcome::kUdpBlocked) return NatKind::kUdpBlocked;
  if (report.outcome != NatOutcome::kMeasured) return NatKind::kUnknown;
  const auto& filtering = report.filtering.value;
  if (!report.is_translated()) {
    if (!filtering) return NatKind::kUnknown;
    return *filtering == kEndpointIndependent ? NatKind::kOpen : NatKind::kFirewall;
  }
  if (!report.mapping.value) return NatKind::kUnknown;
  if (*report.mapping.value != kEndpointIndependent) return NatKind::kSymmetric;
  if (!filtering) return NatKind::kUnknown;
  switch (*filtering) {
    case kEndpointIndependent:
      return NatKind::kFullCone;
    case kAddressDependent:
      return NatKind::kAddressRestricted;
    case kAddressAndPortDependent:
      return NatKind::kPortRestricted;
  }
  return NatKind::kUnknown;
}

bool reaches_directly(NatBehavior mapping_a, NatBehavior filtering_a, NatBehavior mapping_b,
                      NatBehavior filtering_b) {
  using enum NatBehavior;
  if (filtering_a == kEndpointIndependent || filtering_b == kEndpointIndependent) return true;
  const bool steady_a = mapping_a == kEndpointIndependent;
  const bool steady_b = mapping_b == kEndpointIndependent;
  if (steady_a && steady_b) return true;
  if (!steady_a && !steady_b) return false;
  // The one whose port moves is let in by address alone, or not at all.
  return (steady_a ? filtering_a : filtering_b) == kAddressDependent;
}

//= RFC 4787 §4.2.1
NatFinding<NatPorts> judge_ports(const std::vector<PortSample>& samples, int& step) {
  constexpr std::size_t kFewest = 3;
  if (samples.size() < kFewest) return NatFinding<NatPorts>::unknown(NatDoubt::kTooFewAnswers);
  const auto preserved = static_cast<std::size_t>(std::ranges::count_if(
      samples, [](const PortSample& one) { return one.inside == one.outside; }));
  // A port that is taken already cannot be preserved: most is enough.
  if (preserved * 2 > samples.size()) return NatFinding<NatPorts>::of(NatPorts::kPreserving);
  std::map<int, std::size_t> steps;
  for (std::size_t i = 1; i < samples.size(); ++i)
    ++steps[step_between(samples[i - 1].outside, samples[i].outside)];
  const auto most =
      std::ranges::max_element(steps, {}, [](const auto& entry) { return entry.second; });
  // Somebody else behind the NAT may have taken a port in between.
  if (most->second * 2 > samples.size() - 1 && most->second > 1 && most->first != 0 &&
      std::abs(most->first) <= kLargestStep) {
    step = most->first;
    return NatFinding<NatPorts>::of(NatPorts::kSequential);
  }
  return NatFinding<NatPorts>::of(NatPorts::kRandom);
}

std::string_view to_string(NatBehavior behavior) {
  return name_in(std::array<std::string_view, 3>{"endpoint_independent", "address_dependent",
                                                 "address_and_port_dependent"},
                 behavior);
}

std::string_view to_string(NatPorts ports) {
  return name_in(std::array<std::string_view, 3>{"preserving", "sequential", "random"}, ports);
}

std::string_view to_string(NatDoubt doubt) {
  return name_in(
      std::array<std::string_view, 10>{"none", "not_asked", "server_has_one_address",
                                       "other_address_silent", "change_request_refused",
                                       "change_request_ignored", "unsteady", "too_few_answers",
                                       "no_nat", "ports_tell_nothing"},
      doubt);
}

std::string_view to_string(NatOutcome outcome) {
  return name_in(std::array<std::string_view, 5>{"measured", "no_such_name", "no_interface",
                                                 "udp_blocked", "no_answer"},
                 outcome);
}

std::string_view to_string(NatKind kind) {
  return name_in(std::array<std::string_view, 8>{"open", "firewall", "full_cone",
                                                 "address_restricted_cone", "port_restricted_cone",
                                                 "symmetric", "udp_blocked", "unknown"},
                 kind);
}

}  // namespace beeline::stun
