#include "beeline/turn/client_rules.h"

#include <gtest/gtest.h>

namespace beeline::turn {
namespace {

using std::chrono::seconds;
using stun::PasswordAlgorithm;

constexpr Instant kNow{seconds(100)};

TEST(ClientRules, everything_is_asked_for_again_before_it_is_over_with_time_for_silence) {
  // A request that nobody answers takes 39.5 s.
  constexpr Duration kSilence = std::chrono::milliseconds(39'500);
  for (const int lifetime : {600, 3600, 240})
    EXPECT_LE(rules::refresh_allocation_at(kNow, seconds(lifetime)) + 2 * kSilence,
              rules::allocation_expires(kNow, seconds(lifetime)));
  EXPECT_LE(rules::refresh_permission_at(kNow) + kSilence, rules::permission_expires(kNow));
  EXPECT_LE(rules::refresh_channel_at(kNow) + 2 * kSilence, rules::channel_expires(kNow));
  EXPECT_EQ(rules::permission_expires(kNow), kNow + seconds(300));
  EXPECT_EQ(rules::channel_expires(kNow), kNow + seconds(600));
  EXPECT_EQ(rules::refresh_allocation_at(kNow, seconds(4)), kNow + seconds(2)) << "however short";
}

TEST(ClientRules, waits_grow_and_are_bounded) {
  EXPECT_EQ(rules::retry_after(1), seconds(2));
  EXPECT_EQ(rules::retry_after(2), seconds(4));
  EXPECT_EQ(rules::retry_after(5), seconds(32));
  EXPECT_EQ(rules::retry_after(6), seconds(32));
  EXPECT_EQ(rules::retry_after(1'000'000), seconds(32));
}

TEST(ClientRules, a_challenge_is_answered_four_times) {
  EXPECT_TRUE(rules::may_answer_challenge(4));
  EXPECT_FALSE(rules::may_answer_challenge(5));
}

TEST(ClientRules, only_challenges_are_believed_without_integrity) {
  for (int code = 300; code < 700; ++code)
    EXPECT_EQ(rules::needs_integrity(code), code != 401 && code != 438) << code;
  EXPECT_TRUE(rules::needs_integrity(0));
}

TEST(ClientRules, silence_and_challenges_end_nothing_that_is_granted) {
  for (const int code : {0, 401, 438}) EXPECT_FALSE(rules::is_final(code));
  for (const int code : {400, 403, 508}) EXPECT_TRUE(rules::is_final(code));
}

TEST(ClientRules, nobody_talks_us_out_of_sha256) {
  EXPECT_TRUE(rules::accepts_algorithm(std::nullopt, PasswordAlgorithm::kMd5));
  EXPECT_TRUE(rules::accepts_algorithm(PasswordAlgorithm::kMd5, PasswordAlgorithm::kSha256));
  EXPECT_TRUE(rules::accepts_algorithm(PasswordAlgorithm::kSha256, PasswordAlgorithm::kSha256));
  EXPECT_FALSE(rules::accepts_algorithm(PasswordAlgorithm::kSha256, PasswordAlgorithm::kMd5));
}

TEST(ClientRules, a_channel_is_used_until_the_very_end) {
  EXPECT_TRUE(rules::may_use_channel(true, kNow, kNow - Duration(1)));
  EXPECT_FALSE(rules::may_use_channel(true, kNow, kNow));
  EXPECT_FALSE(rules::may_use_channel(false, kNow, kNow - Duration(1)));
}

TEST(ClientRules, permissions_join_a_refresh_when_theirs_is_near) {
  EXPECT_TRUE(rules::joins_refresh(kNow + seconds(60), kNow));
  EXPECT_FALSE(rules::joins_refresh(kNow + seconds(60) + Duration(1), kNow));
}

//= RFC 8656 §19 test
TEST(ClientRules, every_code_of_the_rfc_has_its_name) {
  EXPECT_EQ(rules::error_of(300), ClientError::kAlternateServer);
  EXPECT_EQ(rules::error_of(401), ClientError::kUnauthorized);
  EXPECT_EQ(rules::error_of(403), ClientError::kForbidden);
  EXPECT_EQ(rules::error_of(437), ClientError::kMismatch);
  EXPECT_EQ(rules::error_of(440), ClientError::kUnsupportedFamily);
  EXPECT_EQ(rules::error_of(441), ClientError::kWrongCredentials);
  EXPECT_EQ(rules::error_of(442), ClientError::kUnsupportedTransport);
  EXPECT_EQ(rules::error_of(443), ClientError::kUnsupportedFamily);
  EXPECT_EQ(rules::error_of(486), ClientError::kQuota);
  EXPECT_EQ(rules::error_of(508), ClientError::kNoCapacity);
  EXPECT_EQ(rules::error_of(500), ClientError::kRefused);
  EXPECT_EQ(rules::retry_allocation_after(ClientError::kQuota), seconds(60));
  EXPECT_EQ(rules::retry_allocation_after(ClientError::kNoCapacity), seconds(60));
  EXPECT_EQ(rules::retry_allocation_after(ClientError::kAlternateServer), seconds(0));
}

}  // namespace
}  // namespace beeline::turn
