#include "beeline/dtls/openssl_floor.h"

#include <gtest/gtest.h>

namespace beeline::dtls {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

constexpr sys_days kRepaired{year(2026) / month(10) / day(21)};

TEST(OpensslFloor, the_library_that_is_loaded_is_above_it) {
  const OpensslSafety safety = openssl_is_safe();
  EXPECT_EQ(safety.verdict, OpensslVerdict::kSafe) << safety.reason;
}

TEST(OpensslFloor, lies_between_two_builds_of_one_version) {
  const auto verdict = [](unsigned patch, sys_days built) {
    return judge({3, 0, patch, built}).verdict;
  };
  EXPECT_EQ(verdict(22, kRepaired), OpensslVerdict::kSafe);
  EXPECT_EQ(verdict(22, kRepaired - std::chrono::days(1)), OpensslVerdict::kTooOld);
  EXPECT_EQ(verdict(22, {}), OpensslVerdict::kTooOld) << "does not say when it was built";
  EXPECT_EQ(verdict(21, kRepaired + std::chrono::days(1)), OpensslVerdict::kTooOld);
  EXPECT_EQ(verdict(23, {}), OpensslVerdict::kSafe);
}

TEST(OpensslFloor, says_nothing_of_other_branches) {
  EXPECT_EQ(judge({3, 5, 99, kRepaired}).verdict, OpensslVerdict::kUnknown);
  EXPECT_EQ(judge({1, 1, 1, kRepaired}).verdict, OpensslVerdict::kUnknown);
  EXPECT_EQ(judge({4, 0, 0, kRepaired}).verdict, OpensslVerdict::kUnknown);
}

TEST(OpensslFloor, reads_the_day_of_a_build) {
  EXPECT_EQ(parse_built_on("built on: Wed Oct 21 09:54:24 2026 UTC"), kRepaired);
  EXPECT_EQ(parse_built_on("built on: Sun Mar  1 00:00:00 2026 UTC"),
            sys_days(year(2026) / month(3) / day(1)));
  for (const char* text : {"", "built on:", "built on: reproducible build, date unspecified",
                           "built on: Wed Oct 32 09:54:24 2026 UTC", "compiler: gcc"})
    EXPECT_EQ(parse_built_on(text), sys_days()) << text;
}

}  // namespace
}  // namespace beeline::dtls
