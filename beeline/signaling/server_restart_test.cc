// A server that was restarted: who comes back as whom, and that no lock, password or removal ends
// with the process.
#include <gtest/gtest.h>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::string& kRoom = TestRooms::kHostedRoom;

std::string text_at(const boost::json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}

class Restart : public testing::Test {
 protected:
  Restart() {
    host_ = before_.join_as_host("Mei");
    host_welcome_ = before_.welcome(host_);
    guest_ = before_.join("Jon", kRoom);
    guest_welcome_ = before_.welcome(guest_);
    after_.source = "192.0.2.9";
  }
  std::string guest_id() const { return text_at(guest_welcome_, "you"); }
  // The server is killed: only what was stored is left of it.
  void restart(seconds later = seconds(1)) {
    after_.server.set_wall_time(TestRooms::kStart + later);
    after_.load_rooms_of(before_);
  }
  // What the guest is answered that comes back with its token.
  boost::json::object guest_returns() {
    return after_.welcome(after_.resume("Jon", guest_welcome_, 0));
  }

  TestRooms before_{{}, 1};
  TestRooms after_{{}, 2};
  ConnectionId host_;
  ConnectionId guest_;
  boost::json::object host_welcome_;
  boost::json::object guest_welcome_;
};

TEST_F(Restart, members_are_who_they_were_and_hear_of_each_other) {
  restart();
  const auto first = guest_returns();
  EXPECT_EQ(text_at(first, "type"), "welcome");
  EXPECT_FALSE(first.at("resumed").as_bool());
  EXPECT_TRUE(first.at("restored").as_bool());
  EXPECT_EQ(text_at(first, "you"), guest_id());
  EXPECT_EQ(first.at("last_event").as_int64(), 0);
  EXPECT_NE(text_at(first, "epoch"), text_at(guest_welcome_, "epoch"));
  EXPECT_TRUE(first.at("members").as_array().empty()) << "it was the quickest";
  const auto second = after_.resume("Mei", host_welcome_, 0);
  EXPECT_EQ(after_.welcome(second).at("members").at(0).at("id").as_string(), guest_id());
  EXPECT_EQ(after_.server.counters().restored, 2U);
}

TEST_F(Restart, a_token_restores_once_and_only_while_its_member_is_gone) {
  restart();
  guest_returns();
  const auto thief = guest_returns();
  EXPECT_FALSE(thief.at("restored").as_bool());
  EXPECT_NE(text_at(thief, "you"), guest_id());
  EXPECT_EQ(after_.server.members(), 2U);
}

TEST_F(Restart, tokens_that_are_old_or_of_another_room_or_server_restore_nobody) {
  restart(hours(12));
  EXPECT_TRUE(guest_returns().at("restored").as_bool()) << "just in time";
  TestRooms late({}, 3);
  late.server.set_wall_time(TestRooms::kStart + hours(12) + seconds(1));
  EXPECT_FALSE(late.welcome(late.resume("Jon", guest_welcome_, 0)).at("restored").as_bool());
  const auto elsewhere =
      after_.join("Jon", TestRooms::kOtherRoom, TestRooms::showing_token(host_welcome_, 0));
  EXPECT_FALSE(after_.welcome(elsewhere).at("restored").as_bool());
  Settings foreign;
  foreign.resume_key[0] = 1;
  TestRooms other(foreign, 4);
  EXPECT_FALSE(other.welcome(other.resume("Jon", guest_welcome_, 0)).at("restored").as_bool());
}

TEST_F(Restart, a_clock_that_was_set_back_an_hour_costs_nobody_the_call) {
  restart(-hours(1));
  EXPECT_TRUE(guest_returns().at("restored").as_bool());
}

TEST_F(Restart, a_locked_room_stays_locked_and_lets_back_in_who_was_inside) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  restart();
  EXPECT_EQ(after_.error(after_.join("Stranger", kRoom)), "room_locked");
  const auto welcome = guest_returns();
  EXPECT_TRUE(welcome.at("restored").as_bool());
  EXPECT_TRUE(welcome.at("room_state").at("locked").as_bool());
  EXPECT_EQ(after_.error(after_.join("Stranger", kRoom)), "room_locked");
  EXPECT_EQ(after_.closed(after_.join_as_host("Mei")), 0);
}

TEST_F(Restart, who_was_not_inside_a_locked_room_at_the_end_stays_outside) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  before_.say(guest_, R"({"type":"leave"})");
  restart();
  EXPECT_EQ(after_.error(after_.resume("Jon", guest_welcome_, 0)), "room_locked");
}

TEST_F(Restart, a_password_is_asked_for_as_before) {
  before_.say(host_, R"({"type":"set_password","proof":")" + TestRooms::kProof + "\"}");
  restart();
  EXPECT_EQ(after_.error(after_.join("New", kRoom)), "password_needed");
  EXPECT_EQ(after_.error(after_.join_with_proof(TestRooms::kOtherProof)), "password_wrong");
  EXPECT_EQ(after_.error(after_.join_with_proof(TestRooms::kProof)), "");
  EXPECT_TRUE(guest_returns().at("restored").as_bool()) << "it was inside";
}

TEST_F(Restart, a_removed_member_is_not_restored_and_others_are) {
  const auto third = before_.join("Ann", kRoom);
  const auto third_welcome = before_.welcome(third);
  before_.say(host_, R"({"type":"remove","member":")" + guest_id() + "\"}");
  restart();
  const auto welcome = guest_returns();
  EXPECT_FALSE(welcome.at("restored").as_bool());
  EXPECT_NE(text_at(welcome, "you"), guest_id());
  EXPECT_TRUE(after_.welcome(after_.resume("Ann", third_welcome, 0)).at("restored").as_bool());
}

TEST_F(Restart, only_the_key_of_the_last_hand_over_opens_anything) {
  before_.say(host_, R"({"type":"hand_over","to":")" + guest_id() + "\"}");
  const std::string key = text_at(before_.heard(guest_).at(0), "key");
  restart();
  EXPECT_EQ(after_.error(after_.join_as_host("Old")), "host_key_wrong");
  const auto heir = after_.join_as_host("New", key);
  EXPECT_EQ(after_.error(heir), "");
  after_.say(heir, R"({"type":"lock","locked":true})");
  EXPECT_EQ(after_.types(heir), "room");
}

TEST_F(Restart, an_orderly_end_leaves_the_same_behind_as_a_kill) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  const auto killed = before_.stored;
  before_.server.shutdown(before_.now);
  drain(before_.server, before_, before_.now);
  EXPECT_EQ(before_.stored, killed);
  restart();
  EXPECT_TRUE(guest_returns().at("restored").as_bool());
}

TEST_F(Restart, who_was_slow_comes_back_after_a_second_restart_too) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  restart();
  after_.resume("Mei", host_welcome_, 0);
  TestRooms third({}, 3);
  third.load_rooms_of(after_);
  EXPECT_TRUE(third.welcome(third.resume("Jon", guest_welcome_, 0)).at("restored").as_bool());
}

TEST_F(Restart, a_state_that_cannot_be_read_locks_the_room) {
  after_.feed(RoomStateLoaded{kRoom, "nonsense"});
  EXPECT_EQ(after_.error(after_.join("New", kRoom)), "room_locked");
  EXPECT_EQ(after_.closed(after_.join_as_host("Mei")), 0) << "its host still has the key";
}

TEST_F(Restart, settings_are_forgotten_thirty_days_after_the_last_member_left) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  before_.advance(std::chrono::days(100));
  EXPECT_EQ(before_.stored.size(), 1U) << "somebody is inside";
  before_.close(guest_, true);
  before_.close(host_, true);
  before_.advance(std::chrono::days(30) - seconds(1));
  EXPECT_EQ(before_.error(before_.join("New", kRoom)), "room_locked");
  EXPECT_EQ(before_.stored.size(), 1U);
  before_.advance(seconds(1));
  EXPECT_TRUE(before_.stored.empty());
  EXPECT_EQ(before_.error(before_.join("New", kRoom)), "");
}

TEST_F(Restart, settings_age_across_restarts_and_start_anew_when_somebody_enters) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  before_.close(guest_, true);
  before_.close(host_, true);
  before_.advance(std::chrono::days(20));
  restart();
  after_.advance(std::chrono::days(9));
  EXPECT_EQ(after_.stored.size(), 1U);
  after_.close(after_.join_as_host("Mei"), true);
  after_.advance(std::chrono::days(29));
  EXPECT_EQ(after_.stored.size(), 1U);
  after_.advance(std::chrono::days(1));
  EXPECT_TRUE(after_.stored.empty());
}

TEST_F(Restart, a_clock_that_jumps_ahead_forgets_nothing) {
  before_.say(host_, R"({"type":"lock","locked":true})");
  restart(std::chrono::days(36'500));
  EXPECT_EQ(after_.error(after_.join("New", kRoom)), "room_locked");
  after_.server.set_wall_time(TestRooms::kStart + std::chrono::days(73'000));
  after_.advance(std::chrono::days(28));
  EXPECT_EQ(after_.error(after_.join("New", kRoom)), "room_locked");
}

}  // namespace
}  // namespace beeline::signaling
