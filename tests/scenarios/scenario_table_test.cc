// The table of scenarios: each verdict holds with every seed, and the page that tells of them says
// the same.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/scenarios/scenario.h"

namespace beeline::scenarios {
namespace {

constexpr std::uint64_t kSeeds = 10;

std::string seconds_of(Duration duration) {
  const auto tenths = duration.count() / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

std::string row_of(const Scenario& scenario) {
  return "| " + scenario.name + " | " +
         (scenario.either    ? "any"
          : scenario.relayed ? "relayed"
                             : "direct") +
         " | " + seconds_of(scenario.connected_within) + " | " +
         (scenario.event == Event::kNone ? "" : seconds_of(scenario.again_within)) + " |";
}

void expect_verdict(const Scenario& scenario, const Outcome& outcome) {
  ASSERT_TRUE(outcome.connected.has_value());
  EXPECT_LE(*outcome.connected, scenario.connected_within);
  if (!scenario.either) {
    EXPECT_EQ(outcome.relayed, scenario.relayed);
  }
  EXPECT_TRUE(outcome.agreed);
  EXPECT_TRUE(outcome.hears);
  if (scenario.event != Event::kNone) {
    EXPECT_LE(outcome.silence, scenario.again_within);
  }
}

TEST(ScenarioTable, every_verdict_holds_with_every_seed) {
  for (const Scenario& scenario : all_scenarios()) {
    Duration connected{};
    Duration silence{};
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      SCOPED_TRACE(scenario.name + ", seed " + std::to_string(seed));
      const Outcome outcome = play(scenario, seed);
      expect_verdict(scenario, outcome);
      connected = std::max(connected, outcome.connected.value_or(Duration{}));
      silence = std::max(silence, outcome.silence);
    }
    std::cout << scenario.name << ": connected within " << seconds_of(connected)
              << ", longest silence afterwards " << seconds_of(silence) << "\n";
  }
}

TEST(ScenarioTable, is_what_the_page_says) {
  std::ifstream file(std::string(BEELINE_SOURCE_DIR) + "/docs/benchmarks/ice-scenarios.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const Scenario& scenario : all_scenarios())
    EXPECT_NE(page.str().find(row_of(scenario) + "\n"), std::string::npos)
        << "missing: " << row_of(scenario);
}

}  // namespace
}  // namespace beeline::scenarios
