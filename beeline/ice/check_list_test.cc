#include "beeline/ice/check_list.h"

#include <gtest/gtest.h>

#include <string>

namespace beeline::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kNow{seconds(100)};

TransportAddress at(const std::string& text) {
  return *TransportAddress::parse(text);
}

Base base(std::uint32_t id, const std::string& address, CandidateType type = CandidateType::kHost) {
  Base made{.id = BaseId{id}, .address = at(address), .candidate = {}, .relay = {}};
  made.candidate.type = type;
  made.candidate.address = made.address;
  made.candidate.priority =
      candidate_priority(type_preference(type, CandidateTransport::kUdp), 65535 - id, 1);
  made.candidate.foundation = "base " + std::to_string(id);
  if (type == CandidateType::kRelayed) made.relay = made.address.ip;
  return made;
}

Remote remote(std::uint32_t id, const std::string& address, std::uint32_t priority = 1000,
              const std::string& foundation = {}) {
  Remote made{.id = RemoteId{id}, .candidate = {}};
  made.candidate.address = at(address);
  made.candidate.priority = priority;
  made.candidate.foundation = foundation.empty() ? "remote " + std::to_string(id) : foundation;
  return made;
}

TEST(CheckList, the_better_pair_is_due_first_and_a_triggered_one_before_it) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  const PairId worse = list.add(own, remote(1, "198.51.100.2:1", 10), Role::kControlling, kNow)->id;
  const PairId better =
      list.add(own, remote(2, "198.51.100.2:2", 20), Role::kControlling, kNow)->id;
  EXPECT_EQ(list.next_due(kNow)->id, better);
  CheckList::trigger(*list.find(worse), kNow);
  EXPECT_EQ(list.next_due(kNow)->id, worse);
}

// Seed 52061: victims whom an attacker had named kept a path that was silent from being asked.
TEST(CheckList, what_works_is_asked_before_better_pairs_that_never_answered) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  const PairId works = list.add(own, remote(1, "198.51.100.2:1", 10), Role::kControlling, kNow)->id;
  const PairId silent =
      list.add(own, remote(2, "198.51.100.2:2", 20), Role::kControlling, kNow)->id;
  list.succeeded(*list.find(works), kNow);
  EXPECT_EQ(list.next_due(kNow)->id, works);
  CheckList::trigger(*list.find(silent), kNow);
  EXPECT_EQ(list.next_due(kNow)->id, silent);
}

TEST(CheckList, nothing_is_due_a_microsecond_before_its_time) {
  CheckList list(100);
  Pair* pair =
      list.add(base(1, "198.51.100.1:1000"), remote(1, "198.51.100.2:1"), Role::kControlled, kNow);
  pair->due = kNow + milliseconds(50);
  EXPECT_EQ(list.next_due(kNow + milliseconds(50) - Duration(1)), nullptr);
  EXPECT_NE(list.next_due(kNow + milliseconds(50)), nullptr);
  EXPECT_EQ(list.next_due_at(), kNow + milliseconds(50));
}

//= RFC 8445 §6.1.2.6 test
TEST(CheckList, one_pair_of_a_foundation_is_waiting_and_the_others_are_frozen) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  const PairId first =
      list.add(own, remote(1, "198.51.100.2:1", 10, "same"), Role::kControlling, kNow)->id;
  const PairId second =
      list.add(own, remote(2, "198.51.100.2:2", 20, "same"), Role::kControlling, kNow)->id;
  const PairId other =
      list.add(own, remote(3, "198.51.100.2:3", 30, "other"), Role::kControlling, kNow)->id;
  EXPECT_EQ(list.find(first)->state, PairState::kWaiting);
  EXPECT_EQ(list.find(second)->state, PairState::kFrozen);
  EXPECT_EQ(list.find(other)->state, PairState::kWaiting);
}

//= RFC 8445 §6.1.4.2 test
TEST(CheckList, unfreezes_one_pair_per_foundation_when_one_failed) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  std::vector<PairId> ids;
  for (std::uint32_t i = 1; i <= 3; ++i)
    ids.push_back(list.add(own, remote(i, "198.51.100.2:" + std::to_string(i), i, "same"),
                           Role::kControlling, kNow)
                      ->id);
  list.failed(*list.find(ids[0]), PairReason::kNoAnswer, kNow);
  EXPECT_EQ(list.find(ids[2])->state, PairState::kWaiting);
  EXPECT_EQ(list.find(ids[1])->state, PairState::kFrozen);
}

//= RFC 8445 §7.2.5.3.3 test
TEST(CheckList, unfreezes_all_of_a_foundation_when_one_succeeded) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  std::vector<PairId> ids;
  for (std::uint32_t i = 1; i <= 3; ++i)
    ids.push_back(list.add(own, remote(i, "198.51.100.2:" + std::to_string(i), i, "same"),
                           Role::kControlling, kNow)
                      ->id);
  list.succeeded(*list.find(ids[0]), kNow);
  EXPECT_EQ(list.find(ids[1])->state, PairState::kWaiting);
  EXPECT_EQ(list.find(ids[2])->state, PairState::kWaiting);
}

TEST(CheckList, the_same_two_ends_are_one_pair) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  const PairId first = list.add(own, remote(1, "198.51.100.2:1"), Role::kControlling, kNow)->id;
  EXPECT_EQ(list.add(own, remote(1, "198.51.100.2:1"), Role::kControlling, kNow)->id, first);
  EXPECT_EQ(list.pairs().size(), 1U);
}

TEST(CheckList, families_and_places_that_cannot_meet_are_not_paired) {
  CheckList list(100);
  const Base v4 = base(1, "198.51.100.1:1000");
  EXPECT_EQ(list.add(v4, remote(1, "[2001:db8::1]:1"), Role::kControlling, kNow), nullptr);
  EXPECT_EQ(list.add(v4, remote(2, "127.0.0.1:1"), Role::kControlling, kNow), nullptr);
  // A relay on the internet does not lead into somebody's home.
  const Base relay = base(2, "198.51.100.9:2000", CandidateType::kRelayed);
  EXPECT_EQ(list.add(relay, remote(3, "192.168.1.5:1"), Role::kControlling, kNow), nullptr);
  EXPECT_NE(list.add(relay, remote(4, "203.0.113.5:1"), Role::kControlling, kNow), nullptr);
}

TEST(CheckList, who_was_heard_is_paired_where_nobody_would_have_looked) {
  CheckList list(100);
  const Base own = base(1, "127.0.0.1:1000");
  const Remote heard = remote(1, "198.51.100.2:1");
  EXPECT_EQ(list.add(own, heard, Role::kControlled, kNow), nullptr);
  const Pair* pair = list.add_heard(own, heard, Role::kControlled, kNow);
  ASSERT_NE(pair, nullptr);
  EXPECT_EQ(list.add(own, heard, Role::kControlled, kNow), pair);
  EXPECT_EQ(list.add_heard(own, remote(2, "224.0.0.1:1"), Role::kControlled, kNow), nullptr);
}

TEST(CheckList, when_it_is_full_the_worst_gives_way_to_a_better_one_and_to_no_other) {
  CheckList list(3);
  const Base own = base(1, "198.51.100.1:1000");
  for (std::uint32_t i = 1; i <= 3; ++i)
    list.add(own, remote(i, "198.51.100.2:" + std::to_string(i), 10 * i), Role::kControlling, kNow);
  EXPECT_EQ(list.add(own, remote(4, "198.51.100.2:4", 5), Role::kControlling, kNow), nullptr);
  EXPECT_NE(list.add(own, remote(5, "198.51.100.2:5", 50), Role::kControlling, kNow), nullptr);
  EXPECT_EQ(list.pairs().size(), 3U);
  EXPECT_EQ(list.find(BaseId{1}, RemoteId{1}), nullptr);
}

// Seed 209025: a flood of candidates pushed a pair out that had failed, a check brought it back,
// and a silent address got its seven packets twice.
TEST(CheckList, what_gave_way_and_comes_back_has_spent_what_it_had_spent) {
  CheckList list(1);
  const Base own = base(1, "198.51.100.1:1000");
  const Remote silent = remote(1, "198.51.100.2:1", 10);
  Pair* pair = list.add(own, silent, Role::kControlling, kNow);
  pair->sends = 7;
  list.failed(*pair, PairReason::kNoAnswer, kNow);
  Pair* flood = list.add(own, remote(2, "198.51.100.2:2", 5), Role::kControlling, kNow);
  ASSERT_NE(flood, nullptr);
  list.failed(*flood, PairReason::kNoAnswer, kNow);

  Pair* back = list.add(own, silent, Role::kControlling, kNow);
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(back->sends, 7);
  list.start_over(kNow);
  EXPECT_EQ(back->sends, 0);
}

TEST(CheckList, what_succeeded_never_gives_way) {
  CheckList list(1);
  const Base own = base(1, "198.51.100.1:1000");
  list.succeeded(*list.add(own, remote(1, "198.51.100.2:1", 1), Role::kControlling, kNow), kNow);
  EXPECT_EQ(list.add(own, remote(2, "198.51.100.2:2", 9), Role::kControlling, kNow), nullptr);
}

TEST(CheckList, another_look_begins_anew_with_all_that_has_not_succeeded) {
  CheckList list(100);
  const Base own = base(1, "198.51.100.1:1000");
  const PairId works = list.add(own, remote(1, "198.51.100.2:1"), Role::kControlling, kNow)->id;
  const PairId failed = list.add(own, remote(2, "198.51.100.2:2"), Role::kControlling, kNow)->id;
  list.succeeded(*list.find(works), kNow);
  list.find(works)->due.reset();
  list.find(failed)->sends = 7;
  list.failed(*list.find(failed), PairReason::kNoAnswer, kNow);
  EXPECT_FALSE(list.exhausted());
  list.start_over(kNow + seconds(10));
  EXPECT_EQ(list.find(failed)->sends, 0);
  EXPECT_EQ(list.next_due(kNow + seconds(10))->id, failed);
  EXPECT_FALSE(list.find(works)->due.has_value());
}

TEST(CheckList, is_exhausted_when_all_have_failed) {
  CheckList list(100);
  EXPECT_TRUE(list.exhausted());
  Pair* pair =
      list.add(base(1, "198.51.100.1:1000"), remote(1, "198.51.100.2:1"), Role::kControlled, kNow);
  EXPECT_FALSE(list.exhausted());
  list.failed(*pair, PairReason::kNoAnswer, kNow);
  EXPECT_TRUE(list.exhausted());
}

}  // namespace
}  // namespace beeline::ice
