// Every NAT of RFC 4787 against every other: direct where theory allows, relayed elsewhere, quick.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "tests/scenarios/internet.h"
#include "tests/scenarios/theory.h"

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Outcome {
  std::optional<Duration> connected;
  bool direct = false;
  std::optional<Duration> best_path;
  std::uint64_t lost = 0;
};

Outcome call(const PlacePlan& plan_a, const PlacePlan& plan_b, std::uint64_t seed) {
  Internet internet(seed);
  ice::Settings settings;
  settings.servers = internet.servers("mei");
  Caller& a =
      internet.caller("ana", internet.place("a", plan_a), ice::Role::kControlling, settings);
  Caller& b = internet.caller("ben", internet.place("b", plan_b), ice::Role::kControlled, settings);
  Call call(internet.world, a, b, milliseconds(30));
  const Instant began = internet.world.now();
  call.start();
  internet.world.run_for(seconds(15));
  Outcome outcome;
  if (a.connected_at() && b.connected_at())
    outcome.connected = std::max(*a.connected_at(), *b.connected_at()) - began;
  outcome.direct = a.agent().path() && b.agent().path() && !a.agent().path()->relayed &&
                   !b.agent().path()->relayed;
  if (outcome.direct) outcome.best_path = std::max(*a.direct_at(), *b.direct_at()) - began;
  return outcome;
}

// A different network with every seed.
PlacePlan shaken(const std::vector<sim::NatProfile>& nats, std::uint64_t seed) {
  Random random = Random::from_number(seed).fork("links");
  return {.nats = nats,
          .link = {.delay = milliseconds(1 + random.below(60)),
                   .jitter = milliseconds(random.below(20))}};
}

TEST(NatMatrix, all_81_pairs_with_eight_networks_each_are_quick_in_99_of_100) {
  constexpr std::uint64_t kSeeds = 8;
  std::vector<Duration> connected;
  for (const NatType a : kNatTypes)
    for (const NatType b : kNatTypes)
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE(name_of(a) + " with " + name_of(b) + ", seed " + std::to_string(seed));
        const Outcome outcome =
            call(shaken({profile_of(a)}, 2 * seed), shaken({profile_of(b)}, 2 * seed + 1), seed);
        ASSERT_TRUE(outcome.connected.has_value());
        EXPECT_EQ(outcome.direct, may_be_direct(profile_of(a), profile_of(b)));
        EXPECT_LE(outcome.best_path.value_or(Duration{}), seconds(5));
        connected.push_back(*outcome.connected);
      }
  std::ranges::sort(connected);
  EXPECT_LE(connected[connected.size() * 99 / 100], seconds(2));
  std::cout << connected.size() << " calls, connected within "
            << connected[connected.size() * 99 / 100].count() / 1000 << " ms in 99 of 100\n";
}

// A home's NAT behind a carrier's against another home's: the four classic kinds of each.
TEST(NatMatrix, all_64_homes_behind_a_carrier_take_the_path_that_theory_allows) {
  using sim::NatProfile;
  const std::array kinds{NatProfile::full_cone(), NatProfile::address_restricted(),
                         NatProfile::port_restricted(), NatProfile::symmetric()};
  std::uint64_t seed = 1;
  for (const NatProfile& home : kinds)
    for (const NatProfile& carrier : kinds)
      for (const NatProfile& other : kinds) {
        const NatProfile chain = profile_of(combined({home, carrier}));
        SCOPED_TRACE("chain " + std::to_string(seed));
        const Outcome outcome = call({.nats = {home, carrier}}, {.nats = {other}}, seed++);
        ASSERT_TRUE(outcome.connected.has_value());
        EXPECT_LE(*outcome.connected, seconds(2));
        EXPECT_EQ(outcome.direct, may_be_direct(chain, other));
        EXPECT_LE(outcome.best_path.value_or(Duration{}), seconds(5));
      }
}

TEST(NatMatrix, all_81_pairs_of_rfc4787_take_the_path_that_theory_allows) {
  int direct = 0;
  int relayed = 0;
  for (std::size_t a = 0; a < kNatTypes.size(); ++a)
    for (std::size_t b = 0; b < kNatTypes.size(); ++b) {
      const sim::NatProfile nat_a = profile_of(kNatTypes[a]);
      const sim::NatProfile nat_b = profile_of(kNatTypes[b]);
      SCOPED_TRACE(name_of(kNatTypes[a]) + " with " + name_of(kNatTypes[b]));
      const Outcome outcome = call({.nats = {nat_a}}, {.nats = {nat_b}}, 100 * a + b);
      ASSERT_TRUE(outcome.connected.has_value());
      EXPECT_LE(*outcome.connected, seconds(2));
      EXPECT_EQ(outcome.direct, may_be_direct(nat_a, nat_b));
      EXPECT_LE(outcome.best_path.value_or(Duration{}), seconds(5));
      ++(outcome.direct ? direct : relayed);
    }
  EXPECT_EQ(direct, 57);
  EXPECT_EQ(relayed, 24);
}

}  // namespace
}  // namespace beeline::scenarios
