// Hosts: who is one, and what a lock, a password, a removal and a hand-over do to everybody else.
#include <gtest/gtest.h>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

const std::string& kRoom = TestRooms::kHostedRoom;

std::string text_at(const boost::json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}
std::string hosts_in(const boost::json::object& room_state) {
  return boost::json::serialize(room_state.at("hosts"));
}
std::string lock(bool locked) {
  return std::string(R"({"type":"lock","locked":)") + (locked ? "true}" : "false}");
}
std::string password(const std::string& proof) {
  return R"({"type":"set_password","proof":)" + (proof.empty() ? "null" : "\"" + proof + "\"") +
         "}";
}

class Hosts : public testing::Test {
 protected:
  Hosts() {
    host_ = rooms_.join_as_host("Mei");
    host_id_ = rooms_.id_of(host_);
    guest_ = rooms_.join("Jon", kRoom);
    guest_welcome_ = rooms_.welcome(guest_);
    rooms_.heard(host_);
  }
  std::string guest_id() const { return text_at(guest_welcome_, "you"); }
  std::string remove(const std::string& member) const {
    return R"({"type":"remove","member":")" + member + "\"}";
  }
  std::string hand_over(const std::string& to) const {
    return R"({"type":"hand_over","to":")" + to + "\"}";
  }
  // What somebody new is answered.
  std::string tried(const std::string& more = "") {
    const auto id = rooms_.join("New", kRoom, more);
    const std::string code = rooms_.error(id);
    if (rooms_.closed(id) == 0) rooms_.close(id, true);
    return code;
  }

  TestRooms rooms_;
  ConnectionId host_;
  ConnectionId guest_;
  std::string host_id_;
  boost::json::object guest_welcome_;
};

TEST_F(Hosts, whoever_has_the_key_is_host_and_everybody_knows_it) {
  EXPECT_EQ(hosts_in(guest_welcome_.at("room_state").as_object()), "[\"" + host_id_ + "\"]");
  const auto second = rooms_.join_as_host("Ann");
  const auto heard = rooms_.heard(guest_);
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(text_at(heard[1], "type"), "room");
  const std::string both = "[\"" + host_id_ + "\",\"" + rooms_.id_of(second) + "\"]";
  EXPECT_EQ(hosts_in(heard[1].at("room_state").as_object()), both);
  rooms_.close(second, true);
  EXPECT_EQ(rooms_.types(guest_), "gone room");
}

TEST_F(Hosts, coming_first_makes_nobody_host) {
  const auto first = rooms_.join("First", TestRooms::kOtherRoom);
  EXPECT_EQ(hosts_in(rooms_.welcome(first).at("room_state").as_object()), "[]");
  rooms_.say(first, lock(true));
  EXPECT_EQ(rooms_.error(first), "not_host");
}

TEST_F(Hosts, a_wrong_key_is_told_and_its_member_enters_as_everybody_else) {
  const auto liar = rooms_.join_as_host("Liar", "another key");
  const auto heard = rooms_.heard(liar);
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(text_at(heard[0], "type"), "welcome");
  EXPECT_EQ(text_at(heard[1], "code"), "host_key_wrong");
  rooms_.say(liar, lock(true));
  EXPECT_EQ(rooms_.error(liar), "not_host");
  EXPECT_EQ(tried(), "");
}

TEST_F(Hosts, only_hosts_may_do_what_hosts_do) {
  for (const std::string& message :
       {lock(true), password(TestRooms::kProof), remove(host_id_), hand_over(guest_id())}) {
    rooms_.say(guest_, message);
    EXPECT_EQ(rooms_.error(guest_), "not_host") << message;
  }
  EXPECT_EQ(rooms_.types(host_), "");
  EXPECT_EQ(tried(), "");
  EXPECT_TRUE(rooms_.stored.empty());
}

TEST_F(Hosts, a_locked_room_lets_in_hosts_and_who_comes_back_and_nobody_else) {
  rooms_.say(host_, lock(true));
  EXPECT_EQ(rooms_.types(guest_), "room");
  EXPECT_EQ(rooms_.types(host_), "room");
  rooms_.say(host_, lock(true));
  EXPECT_EQ(rooms_.types(host_), "") << "nothing changed";
  const auto stranger = rooms_.join("Stranger", kRoom);
  EXPECT_EQ(rooms_.error(stranger), "room_locked");
  EXPECT_EQ(rooms_.closed(stranger), 1008);
  EXPECT_EQ(tried(R"(,"host_key":"wrong")"), "room_locked");
  EXPECT_EQ(rooms_.closed(rooms_.join_as_host("Ann")), 0);
  rooms_.close(guest_, false);
  const auto again = rooms_.resume("Jon", guest_welcome_, 0);
  EXPECT_TRUE(rooms_.welcome(again).at("resumed").as_bool());
  rooms_.say(host_, lock(false));
  EXPECT_EQ(tried(), "");
}

TEST_F(Hosts, who_left_a_locked_room_may_not_come_again) {
  rooms_.say(host_, lock(true));
  rooms_.say(guest_, R"({"type":"leave"})");
  const auto again = rooms_.resume("Jon", guest_welcome_, 0);
  EXPECT_EQ(rooms_.error(again), "room_locked");
}

TEST_F(Hosts, a_password_is_asked_of_who_enters_and_of_nobody_else) {
  rooms_.say(host_, password(TestRooms::kProof));
  EXPECT_EQ(tried(), "password_needed");
  EXPECT_EQ(tried(R"(,"password_proof":")" + TestRooms::kOtherProof + "\""), "password_wrong");
  EXPECT_EQ(tried(R"(,"password_proof":")" + TestRooms::kProof + "\""), "");
  EXPECT_EQ(rooms_.closed(rooms_.join_as_host("Ann")), 0);
  const auto state = rooms_.heard(guest_).at(0).at("room_state").as_object();
  EXPECT_TRUE(state.at("password").as_bool());
  EXPECT_EQ(boost::json::serialize(state).find(TestRooms::kProof), std::string::npos);
  EXPECT_EQ(rooms_.stored.at(kRoom).find(TestRooms::kProof), std::string::npos) << "a digest only";
  rooms_.say(host_, password(""));
  EXPECT_EQ(tried(), "");
  EXPECT_TRUE(rooms_.stored.empty()) << "nothing is set any more";
}

TEST_F(Hosts, wrong_passwords_are_limited_by_source_and_then_even_the_right_one_waits) {
  rooms_.say(host_, password(TestRooms::kProof));
  const auto guess = [&](const std::string& proof) {
    return rooms_.error(rooms_.join_with_proof(proof));
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(guess(TestRooms::kOtherProof), "password_wrong") << i;
  EXPECT_EQ(guess(TestRooms::kOtherProof), "too_many_tries");
  EXPECT_EQ(guess(TestRooms::kProof), "too_many_tries");
  rooms_.source = "192.0.2.2";
  EXPECT_EQ(guess(TestRooms::kProof), "") << "others may";
  rooms_.source = "192.0.2.1";
  rooms_.advance(seconds(6) - microseconds(1));
  EXPECT_EQ(guess(TestRooms::kProof), "too_many_tries");
  rooms_.advance(microseconds(1));
  EXPECT_EQ(guess(TestRooms::kOtherProof), "password_wrong");
  EXPECT_EQ(guess(TestRooms::kOtherProof), "too_many_tries");
}

TEST_F(Hosts, a_removed_member_is_told_and_its_token_brings_it_back_no_more) {
  rooms_.say(host_, remove(guest_id()));
  EXPECT_EQ(text_at(rooms_.heard(guest_).at(0), "reason"), "removed");
  EXPECT_NE(rooms_.closed(guest_), 0);
  EXPECT_EQ(text_at(rooms_.heard(host_).at(0), "reason"), "removed");
  EXPECT_EQ(rooms_.gone_members.back(), guest_id());
  const auto again = rooms_.resume("Jon", guest_welcome_, 0);
  EXPECT_NE(rooms_.id_of(again), guest_id());
  for (const std::string& nobody : {std::string("nobody"), host_id_, guest_id()}) {
    rooms_.say(host_, remove(nobody));
    EXPECT_EQ(rooms_.error(host_), "member_unknown") << nobody;
  }
}

TEST_F(Hosts, handing_over_makes_a_key_that_only_the_new_host_learns) {
  rooms_.say(host_, hand_over(guest_id()));
  EXPECT_EQ(rooms_.types(host_), "room");
  const auto heard = rooms_.heard(guest_);
  ASSERT_EQ(heard.size(), 2U);
  const std::string key = text_at(heard[0], "key");
  EXPECT_EQ(key.size(), 43U);
  EXPECT_EQ(hosts_in(heard[1].at("room_state").as_object()), "[\"" + guest_id() + "\"]");
  rooms_.say(host_, lock(true));
  EXPECT_EQ(rooms_.error(host_), "not_host");
  EXPECT_EQ(tried(R"(,"host_key":")" + TestRooms::kHostKey + "\""), "host_key_wrong");
  EXPECT_EQ(tried(R"(,"host_key":")" + key + "\""), "");
  EXPECT_EQ(rooms_.stored.at(kRoom).find(key), std::string::npos) << "a digest only";
}

TEST_F(Hosts, a_host_that_comes_back_is_host_and_the_key_makes_one_of_who_was_none) {
  rooms_.close(guest_, false);
  const auto again = rooms_.join("Jon", kRoom,
                                 TestRooms::showing_token(guest_welcome_, 0) + R"(,"host_key":")" +
                                     TestRooms::kHostKey + "\"");
  const auto welcome = rooms_.welcome(again);
  EXPECT_TRUE(welcome.at("resumed").as_bool());
  EXPECT_EQ(hosts_in(welcome.at("room_state").as_object()),
            "[\"" + host_id_ + "\",\"" + guest_id() + "\"]");
  EXPECT_EQ(rooms_.types(host_), "away back room");
  rooms_.close(again, false);
  const auto third = rooms_.resume("Jon", welcome, 0);
  rooms_.heard(third);
  rooms_.say(third, lock(true));
  EXPECT_EQ(rooms_.types(third), "room");
}

TEST_F(Hosts, what_cannot_be_kept_is_told_to_hosts_once_and_holds) {
  rooms_.say(host_, lock(true));
  rooms_.heard(host_);
  for (int i = 0; i < 10; ++i) rooms_.feed(RoomStateNotSaved{kRoom});
  EXPECT_EQ(rooms_.types(host_), "error");
  EXPECT_EQ(rooms_.types(guest_), "room");
  EXPECT_EQ(tried(), "room_locked");
  EXPECT_EQ(rooms_.closed(host_), 0) << "it did nothing wrong";
  rooms_.say(host_, lock(false));
  rooms_.feed(RoomStateNotSaved{kRoom});
  EXPECT_EQ(rooms_.types(host_), "room") << "an open room need not be kept";
}

TEST(HostLimits, rooms_beyond_the_limit_are_not_kept_and_their_hosts_know_it) {
  Settings settings;
  settings.limits.kept_rooms = 1;
  TestRooms rooms(settings);
  const auto first = rooms.join_as_host("First");
  rooms.say(first, lock(true));
  EXPECT_EQ(rooms.error(first), "");
  const std::string key = "a second key";
  const auto second = rooms.join("Second", room_of_host_key(key), R"(,"host_key":")" + key + "\"");
  rooms.say(second, lock(true));
  EXPECT_EQ(rooms.error(second), "not_saved");
  EXPECT_EQ(rooms.error(rooms.join("New", room_of_host_key(key))), "room_locked");
  EXPECT_EQ(rooms.stored.size(), 1U);
  rooms.close(second, true);
  EXPECT_EQ(rooms.server.kept_rooms(), 1U) << "forgotten with its last member";
  EXPECT_EQ(rooms.error(rooms.join("New", room_of_host_key(key))), "");
}

TEST(HostLimits, rooms_cannot_be_tried_out_faster_than_the_rate_of_a_source) {
  TestRooms rooms;
  Random random = Random::from_number(7);
  const auto guess = [&] {
    const auto id = rooms.join("", random.text(kRoomIdLength, "abcdefghijklmnopqrstuvwxyz234567"));
    const std::string code = rooms.error(id);
    if (code.empty()) rooms.close(id, true);
    return code;
  };
  for (int i = 0; i < 512; ++i) ASSERT_EQ(guess(), "") << i;
  EXPECT_EQ(guess(), "too_many_tries");
  int found = 0;
  for (int i = 0; i < 1000; ++i) {
    rooms.advance(std::chrono::milliseconds(10));
    found += guess().empty() ? 1 : 0;
  }
  EXPECT_EQ(found, 50) << "of a thousand tries in ten seconds";
  rooms.source = "192.0.2.2";
  EXPECT_EQ(guess(), "") << "others do not notice";
}

}  // namespace
}  // namespace beeline::signaling
