#include "beeline/ice/rules.h"

#include <gtest/gtest.h>

#include "beeline/ice/candidate.h"

namespace beeline::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kNow{seconds(100)};

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}
TransportAddress at(const char* text) {
  return *TransportAddress::parse(text);
}

//= RFC 8445 §5.1.2.1 test
TEST(Candidate, priorities_are_those_of_the_rfc) {
  EXPECT_EQ(candidate_priority(126, 65535, 1), 2130706431U);
  EXPECT_EQ(candidate_priority(0, 0, 256), 0U);
}

//= RFC 8421 §4 test
TEST(Candidate, families_take_turns_and_ipv6_begins) {
  EXPECT_GT(local_preference(IpFamily::kV6, 0), local_preference(IpFamily::kV4, 0));
  EXPECT_GT(local_preference(IpFamily::kV4, 0), local_preference(IpFamily::kV6, 1));
  EXPECT_EQ(local_preference(IpFamily::kV6, 1'000'000), 0U);
}

TEST(Candidate, hosts_are_liked_best_and_relays_over_tls_least) {
  using enum CandidateType;
  constexpr auto kUdp = CandidateTransport::kUdp;
  EXPECT_GT(type_preference(kHost, kUdp), type_preference(kPeerReflexive, kUdp));
  EXPECT_GT(type_preference(kPeerReflexive, kUdp), type_preference(kServerReflexive, kUdp));
  EXPECT_GT(type_preference(kServerReflexive, kUdp),
            type_preference(kHost, CandidateTransport::kTcpActive));
  EXPECT_GT(type_preference(kRelayed, kUdp, RelayHop::kUdp),
            type_preference(kRelayed, kUdp, RelayHop::kTcp));
  EXPECT_GT(type_preference(kRelayed, kUdp, RelayHop::kTcp),
            type_preference(kRelayed, kUdp, RelayHop::kTls));
}

//= RFC 8445 §6.1.2.3 test
TEST(Rules, the_worse_candidate_decides_a_pairs_priority_and_both_sides_compute_the_same) {
  EXPECT_EQ(rules::pair_priority(2, 1), (1ULL << 32) + 2 * 2 + 1);
  EXPECT_EQ(rules::pair_priority(1, 2), (1ULL << 32) + 2 * 2);
  EXPECT_GT(rules::pair_priority(3, 2), rules::pair_priority(1'000'000, 1));
}

TEST(Rules, checks_are_never_closer_than_five_milliseconds_and_soon_fifty_apart) {
  EXPECT_EQ(rules::check_spacing(0), milliseconds(5));
  EXPECT_EQ(rules::check_spacing(9), milliseconds(5));
  EXPECT_EQ(rules::check_spacing(10), milliseconds(20));
  EXPECT_EQ(rules::check_spacing(30), milliseconds(50));
}

TEST(Rules, five_checks_a_pair_seven_for_who_was_heard_and_a_hundred_an_address) {
  EXPECT_TRUE(rules::may_send_check(4, 0, false));
  EXPECT_FALSE(rules::may_send_check(5, 0, false));
  EXPECT_TRUE(rules::may_send_check(6, 0, true));
  EXPECT_FALSE(rules::may_send_check(7, 0, true));
  EXPECT_TRUE(rules::may_send_check(0, 99, true));
  EXPECT_FALSE(rules::may_send_check(0, 100, true));
}

TEST(Rules, ten_seconds_are_between_two_looks) {
  EXPECT_FALSE(rules::may_look_again(kNow, kNow + seconds(10) - Duration(1)));
  EXPECT_TRUE(rules::may_look_again(kNow, kNow + seconds(10)));
}

TEST(Rules, nobody_is_checked_whom_nobody_can_mean) {
  const IpAddress own = ip("198.51.100.1");
  EXPECT_TRUE(rules::may_check(own, at("203.0.113.1:9")));
  EXPECT_TRUE(rules::may_check(ip("127.0.0.1"), at("127.0.0.1:9")));
  EXPECT_TRUE(rules::may_check(ip("fe80::1"), at("[fe80::2]:9")));
  for (const char* bad : {"127.0.0.1:9", "0.0.0.0:9", "224.0.0.1:9", "255.255.255.255:9",
                          "169.254.0.1:9", "203.0.113.1:0", "[2001:db8::1]:9"})
    EXPECT_FALSE(rules::may_check(own, at(bad))) << bad;
}

TEST(Rules, who_was_heard_may_be_a_neighbour_and_never_a_group) {
  const IpAddress own = ip("198.51.100.1");
  for (const char* good : {"203.0.113.1:9", "127.0.0.1:9", "169.254.0.1:9"})
    EXPECT_TRUE(rules::may_be_a_host(own, at(good))) << good;
  for (const char* bad :
       {"0.0.0.0:9", "224.0.0.1:9", "255.255.255.255:9", "203.0.113.1:0", "[2001:db8::1]:9"})
    EXPECT_FALSE(rules::may_be_a_host(own, at(bad))) << bad;
}

//= RFC 8445 §7.3.1.1 test
TEST(Rules, the_larger_tie_breaker_controls) {
  using enum Role;
  using rules::Conflict;
  EXPECT_EQ(rules::role_conflict(kControlling, 1, kControlled, 2), Conflict::kNone);
  EXPECT_EQ(rules::role_conflict(kControlling, 2, kControlling, 2), Conflict::kRefuse);
  EXPECT_EQ(rules::role_conflict(kControlling, 1, kControlling, 2), Conflict::kSwitchRole);
  EXPECT_EQ(rules::role_conflict(kControlled, 2, kControlled, 1), Conflict::kSwitchRole);
  EXPECT_EQ(rules::role_conflict(kControlled, 1, kControlled, 2), Conflict::kRefuse);
  EXPECT_EQ(rules::role_after_487(kControlling), kControlled);
  EXPECT_EQ(rules::role_after_487(kControlled), kControlling);
}

//= RFC 7675 §5.1 test
TEST(Rules, consent_lasts_thirty_seconds_and_is_asked_for_every_four_to_six) {
  EXPECT_FALSE(rules::consent_expired(kNow, kNow + seconds(30) - Duration(1)));
  EXPECT_TRUE(rules::consent_expired(kNow, kNow + seconds(30)));
  EXPECT_FALSE(rules::may_send_on(true, kNow, kNow + seconds(30)));
  EXPECT_FALSE(rules::may_send_on(false, kNow, kNow));
  Random random = Random::from_number(1);
  for (int i = 0; i < 1000; ++i) {
    const Duration interval = rules::consent_interval(random);
    EXPECT_GE(interval, seconds(4));
    EXPECT_LE(interval, seconds(6));
  }
}

TEST(Rules, what_answers_goes_before_what_is_better_and_doubted) {
  using enum rules::Standing;
  EXPECT_TRUE(rules::prefers(2, kProven, 1, kProven));
  EXPECT_FALSE(rules::prefers(1, kProven, 1, kProven));
  EXPECT_FALSE(rules::prefers(2, kDoubted, 1, kUnproven));
  EXPECT_FALSE(rules::prefers(2, kUnproven, 1, kProven));
  EXPECT_TRUE(rules::prefers(1, kProven, 2, kUnproven));
  EXPECT_TRUE(rules::prefers(1, kUnproven, 2, kDoubted));
  EXPECT_FALSE(rules::is_doubted(3));
  EXPECT_TRUE(rules::is_doubted(4));
}

TEST(Rules, a_counted_nomination_is_followed_by_count_and_another_by_priority) {
  EXPECT_TRUE(rules::follows_nomination(2, 1, 1, 9));
  EXPECT_FALSE(rules::follows_nomination(1, 9, 2, 1));
  EXPECT_TRUE(rules::follows_nomination(0, 9, 0, 1));
  EXPECT_FALSE(rules::follows_nomination(0, 1, 0, 9));
}

//= RFC 8863 §4 test
TEST(Rules, nobody_gives_up_before_the_patience_is_over_or_while_something_is_left) {
  EXPECT_FALSE(rules::has_failed(true, kNow, kNow + milliseconds(39'500) - Duration(1)));
  EXPECT_TRUE(rules::has_failed(true, kNow, kNow + milliseconds(39'500)));
  EXPECT_FALSE(rules::has_failed(false, kNow, kNow + seconds(100)));
}

}  // namespace
}  // namespace beeline::ice
