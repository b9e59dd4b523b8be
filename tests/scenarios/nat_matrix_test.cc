// Every NAT of RFC 4787 against every other: direct where theory allows, relayed elsewhere, quick.
#include <gtest/gtest.h>

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
