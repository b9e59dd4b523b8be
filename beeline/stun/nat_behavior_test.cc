// What follows from how a NAT behaves; that the behavior is found out right is shown in simulation
// (tests/scenarios) and with real kernels (tests/lab).
#include "beeline/stun/nat_behavior.h"

#include <gtest/gtest.h>

namespace beeline::stun {
namespace {

using enum NatBehavior;

constexpr std::array kBehaviors{kEndpointIndependent, kAddressDependent, kAddressAndPortDependent};

NatReport measured(std::optional<NatBehavior> mapping, std::optional<NatBehavior> filtering) {
  NatReport report;
  report.outcome = NatOutcome::kMeasured;
  report.local = *TransportAddress::parse("192.0.2.2:5000");
  report.mapped = *TransportAddress::parse("203.0.113.10:40000");
  report.mapping.value = mapping;
  report.filtering.value = filtering;
  return report;
}

//= RFC 4787 §4.1 test
//= RFC 4787 §5 test
TEST(NatBehavior, all_81_pairs_are_direct_or_not_as_measured_between_real_kernels) {
  // Rows and columns: mapping by mapping, each with its three filterings.
  constexpr std::array<std::string_view, 9> kDirect{"DDDDDDDDD", "DDDDDDDDD", "DDDDRRDRR",
                                                    "DDDDDDDDD", "DDRDRRDRR", "DDRDRRDRR",
                                                    "DDDDDDDDD", "DDRDRRDRR", "DDRDRRDRR"};
  for (std::size_t a = 0; a < 9; ++a)
    for (std::size_t b = 0; b < 9; ++b)
      EXPECT_EQ(reaches_directly(kBehaviors[a / 3], kBehaviors[a % 3], kBehaviors[b / 3],
                                 kBehaviors[b % 3]),
                kDirect[a][b] == 'D')
          << a << " with " << b;
}

TEST(NatBehavior, the_classic_names_are_those_of_steady_mappings_and_one_for_all_others) {
  EXPECT_EQ(kind_of(measured(kEndpointIndependent, kEndpointIndependent)), NatKind::kFullCone);
  EXPECT_EQ(kind_of(measured(kEndpointIndependent, kAddressDependent)),
            NatKind::kAddressRestricted);
  EXPECT_EQ(kind_of(measured(kEndpointIndependent, kAddressAndPortDependent)),
            NatKind::kPortRestricted);
  for (const NatBehavior filtering : kBehaviors) {
    EXPECT_EQ(kind_of(measured(kAddressDependent, filtering)), NatKind::kSymmetric);
    EXPECT_EQ(kind_of(measured(kAddressAndPortDependent, filtering)), NatKind::kSymmetric);
  }
}

TEST(NatBehavior, what_is_not_known_is_not_named) {
  EXPECT_EQ(kind_of(measured({}, kEndpointIndependent)), NatKind::kUnknown);
  EXPECT_EQ(kind_of(measured(kEndpointIndependent, {})), NatKind::kUnknown);
  EXPECT_EQ(kind_of(measured(kAddressDependent, {})), NatKind::kSymmetric) << "whatever it lets in";
  EXPECT_EQ(kind_of(NatReport{}), NatKind::kUnknown);
}

TEST(NatBehavior, without_a_translation_it_is_open_or_a_firewall) {
  NatReport report = measured({}, kEndpointIndependent);
  report.mapped = report.local;
  EXPECT_EQ(kind_of(report), NatKind::kOpen);
  for (const NatBehavior filtering : {kAddressDependent, kAddressAndPortDependent}) {
    report.filtering.value = filtering;
    EXPECT_EQ(kind_of(report), NatKind::kFirewall);
  }
  report.outcome = NatOutcome::kUdpBlocked;
  EXPECT_EQ(kind_of(report), NatKind::kUdpBlocked);
}

struct Ports {
  std::vector<std::uint16_t> outside;
  std::vector<std::uint16_t> inside = {};

  NatFinding<NatPorts> judged() {
    std::vector<PortSample> samples;
    for (std::size_t i = 0; i < outside.size(); ++i) {
      const auto own = static_cast<std::uint16_t>(50'000 + 977 * i);
      samples.push_back({Port{i < inside.size() ? inside[i] : own}, Port{outside[i]}});
    }
    return judge_ports(samples, step);
  }
  int step = 0;
};

//= RFC 4787 §4.2.1 test
TEST(NatPorts, the_same_port_most_of_the_time_is_preserving) {
  EXPECT_EQ(Ports({.outside = {5, 6, 7}, .inside = {5, 6, 7}}).judged().value,
            NatPorts::kPreserving);
  EXPECT_EQ(Ports({.outside = {5, 6, 4000}, .inside = {5, 6, 7}}).judged().value,
            NatPorts::kPreserving)
      << "one of them was taken";
  EXPECT_EQ(Ports({.outside = {5, 900, 4000}, .inside = {5, 6, 7}}).judged().value,
            NatPorts::kRandom);
}

//= RFC 4787 §4.2.1 test
TEST(NatPorts, the_same_step_most_of_the_time_is_sequential) {
  struct Case {
    std::vector<std::uint16_t> outside;
    int step;
  };
  for (const Case& one :
       {Case{{100, 101, 102, 103, 104, 105}, 1},
        Case{{16540, 16796, 17052, 17308, 17564, 17820}, 256},
        Case{{100, 101, 102, 107, 108, 109}, 1},  // others were quicker once
        Case{{65534, 65535, 0, 1, 2, 3}, 1}, Case{{500, 498, 496, 494, 492, 490}, -2}}) {
    Ports ports{.outside = one.outside};
    EXPECT_EQ(ports.judged().value, NatPorts::kSequential) << one.outside.front();
    EXPECT_EQ(ports.step, one.step);
  }
}

//= RFC 4787 §4.2.1 test
TEST(NatPorts, everything_else_is_random_and_two_samples_tell_nothing) {
  EXPECT_EQ(Ports({.outside = {41234, 52011, 40999, 58001, 47777, 55555}}).judged().value,
            NatPorts::kRandom);
  EXPECT_EQ(Ports({.outside = {7000, 7000, 7000, 7000}}).judged().value, NatPorts::kRandom)
      << "one port for all is no sequence";
  EXPECT_EQ(Ports({.outside = {1000, 3000, 5000, 7000}}).judged().value, NatPorts::kRandom)
      << "too large a step";
  EXPECT_EQ(Ports({.outside = {100, 101}}).judged().doubt, NatDoubt::kTooFewAnswers);
}

}  // namespace
}  // namespace beeline::stun
