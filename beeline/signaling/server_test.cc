// Rooms: joining, hearing each other, leaving, and what must not be possible.
#include "beeline/signaling/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using testing::ElementsAre;

std::string text_at(const boost::json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}

TEST(Rooms, who_comes_is_told_who_is_there_and_they_are_told_who_came) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto first = rooms.welcome(mei);
  EXPECT_TRUE(first.at("members").as_array().empty());
  EXPECT_EQ(text_at(first.at("ice").at("servers").at(0).as_object(), "username"),
            text_at(first, "you"));
  const auto jon = rooms.join("Jon", TestRooms::kRoom, R"(,"presence":{"mic":true})");
  const auto second = rooms.welcome(jon);
  EXPECT_EQ(text_at(second.at("members").at(0).as_object(), "name"), "Mei");
  const auto heard = rooms.heard(mei);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(text_at(heard[0], "type"), "joined");
  EXPECT_EQ(heard[0].at("event").as_int64(), 1);
  EXPECT_EQ(text_at(heard[0].at("member").as_object(), "id"), text_at(second, "you"));
  EXPECT_TRUE(heard[0].at("member").at("presence").at("mic").as_bool());
}

TEST(Rooms, what_is_relayed_arrives_unread_with_the_true_sender) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto jon = rooms.join("Jon");
  const std::string mei_id = rooms.id_of(mei);
  const std::string jon_id = rooms.id_of(jon);
  rooms.say(jon, R"({"type":"relay","to":")" + mei_id +
                     R"(","from":"liar","items":[{"from":"liar","n":1.5e3},{}]})");
  const auto heard = rooms.heard(mei);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(text_at(heard[0], "from"), jon_id);
  EXPECT_EQ(heard[0].at("items").as_array().size(), 2U);
}

TEST(Rooms, presence_names_and_messages_reach_everybody_else) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto jon = rooms.join("Jon");
  rooms.heard(mei);
  rooms.heard(jon);
  rooms.say(mei, R"({"type":"presence","presence":{"camera":false}})");
  rooms.say(mei, R"({"type":"rename","name":"Mei Lin"})");
  rooms.say(mei, R"({"type":"message","text":"hi"})");
  rooms.say(mei, R"({"type":"ping"})");
  EXPECT_EQ(rooms.types(jon), "presence renamed message");
  EXPECT_EQ(rooms.types(mei), "pong");
  const auto late = rooms.join("Late");
  EXPECT_EQ(text_at(rooms.welcome(late).at("members").at(0).as_object(), "name"), "Mei Lin");
}

TEST(Rooms, leaving_is_told_at_once_and_frees_the_room) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto jon = rooms.join("Jon");
  const std::string jon_id = rooms.id_of(jon);
  rooms.heard(mei);
  rooms.say(jon, R"({"type":"leave"})");
  EXPECT_EQ(rooms.types(jon), "bye");
  EXPECT_EQ(rooms.closed(jon), 1000);
  const auto heard = rooms.heard(mei);
  EXPECT_EQ(text_at(heard.at(0), "reason"), "left");
  EXPECT_THAT(rooms.gone_members, ElementsAre(jon_id)) << "its TURN credentials end";
  rooms.close(mei, true);
  EXPECT_EQ(rooms.server.rooms(), 0U);
  EXPECT_EQ(rooms.server.members(), 0U);
  EXPECT_EQ(rooms.server.connections(), 0U);
}

TEST(Rooms, nothing_reaches_another_room) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const std::string mei_id = rooms.id_of(mei);
  const auto stranger = rooms.join("Stranger", TestRooms::kOtherRoom);
  rooms.heard(stranger);
  for (const std::string& message : std::vector<std::string>{
           R"({"type":"relay","to":")" + mei_id + R"(","items":[{}]})",
           std::string(R"({"type":"message","text":"x"})"),
           std::string(R"({"type":"rename","name":"x"})"),
           std::string(R"({"type":"presence","presence":{}})"), std::string(R"({"type":"leave"})")})
    rooms.say(stranger, message);
  EXPECT_EQ(rooms.types(mei), "");
}

TEST(Rooms, another_members_id_in_a_message_changes_nothing) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto jon = rooms.join("Jon");
  const std::string mei_id = rooms.id_of(mei);
  rooms.heard(jon);
  for (const char* type : {"leave", "rename", "presence", "message", "renew"})
    rooms.say(jon, R"({"type":")" + std::string(type) + R"(","member":")" + mei_id +
                       R"(","from":")" + mei_id + R"(","you":")" + mei_id +
                       R"(","name":"x","presence":{},"text":"x"})");
  for (const auto& message : rooms.heard(mei)) {
    const auto* member = message.if_contains("member");
    EXPECT_FALSE(member != nullptr && member->is_string() && member->as_string() == mei_id)
        << message;
  }
  EXPECT_EQ(rooms.closed(mei), 0);
}

TEST(Rooms, hello_comes_first_and_once_and_in_time) {
  TestRooms rooms;
  const auto silent = rooms.connect();
  rooms.advance(seconds(10) - microseconds(1));
  EXPECT_EQ(rooms.closed(silent), 0);
  rooms.advance(microseconds(1));
  EXPECT_EQ(rooms.closed(silent), 1008);
  EXPECT_EQ(text_at(rooms.heard(silent).at(0), "code"), "hello_expected");
  const auto rude = rooms.connect();
  rooms.say(rude, R"({"type":"ping"})");
  EXPECT_EQ(text_at(rooms.heard(rude).at(0), "code"), "hello_expected");
  EXPECT_EQ(rooms.closed(rude), 1008);
  const auto twice = rooms.join("Twice");
  rooms.heard(twice);
  rooms.say(twice, R"({"type":"hello","versions":[1],"room":")" + TestRooms::kRoom + "\"}");
  EXPECT_EQ(text_at(rooms.heard(twice).at(0), "code"), "hello_again");
  EXPECT_EQ(rooms.closed(twice), 0);
}

TEST(Rooms, five_errors_in_a_row_end_a_connection_and_others_notice_only_that) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto bad = rooms.join("Bad");
  rooms.heard(mei);
  for (int i = 0; i < 4; ++i) rooms.say(bad, "nonsense");
  rooms.say(bad, R"({"type":"ping"})");
  for (int i = 0; i < 4; ++i) rooms.feed(BinaryReceived{bad});
  EXPECT_EQ(rooms.closed(bad), 0) << "a good message between them starts the count anew";
  rooms.say(bad, R"({"type":"dance"})");
  EXPECT_EQ(rooms.closed(bad), 1008);
  EXPECT_EQ(rooms.types(mei), "gone");
  rooms.say(bad, R"({"type":"ping"})");
  EXPECT_EQ(rooms.server.members(), 1U);
}

TEST(Rooms, limits_hold_from_both_sides) {
  Settings settings;
  settings.limits.room_members = 2;
  settings.limits.rooms = 2;
  settings.limits.members = 3;
  TestRooms rooms(settings);
  rooms.join("1");
  rooms.join("2");
  const auto third = rooms.join("3");
  EXPECT_EQ(text_at(rooms.heard(third).at(0), "code"), "room_full");
  EXPECT_EQ(rooms.closed(third), 1013);
  EXPECT_EQ(rooms.closed(rooms.join("4", TestRooms::kOtherRoom)), 0);
  const auto fifth = rooms.join("5", TestRooms::kOtherRoom);
  EXPECT_EQ(text_at(rooms.heard(fifth).at(0), "code"), "server_full")
      << "three members are the limit";
}

TEST(Rooms, ice_servers_come_anew_when_asked_and_before_they_expire) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  rooms.heard(mei);
  rooms.say(mei, R"({"type":"renew"})");
  EXPECT_EQ(rooms.types(mei), "ice");
  rooms.advance(seconds(2700) - microseconds(1));
  EXPECT_EQ(rooms.types(mei), "");
  rooms.advance(microseconds(1));
  EXPECT_EQ(rooms.types(mei), "ice");
  rooms.advance(seconds(2700));
  EXPECT_EQ(rooms.types(mei), "ice");
}

TEST(Rooms, a_member_removed_and_a_room_closed_and_a_shutdown_say_so) {
  TestRooms rooms;
  const auto mei = rooms.join("Mei");
  const auto jon = rooms.join("Jon");
  const std::string jon_id = rooms.id_of(jon);
  rooms.heard(mei);
  EXPECT_TRUE(rooms.server.remove(jon_id, rooms.now));
  drain(rooms.server, rooms, rooms.now);
  EXPECT_EQ(text_at(rooms.heard(jon).at(0), "reason"), "removed");
  EXPECT_EQ(text_at(rooms.heard(mei).at(0), "reason"), "removed");
  EXPECT_FALSE(rooms.server.remove(jon_id, rooms.now));
  EXPECT_TRUE(rooms.server.close_room(TestRooms::kRoom, rooms.now));
  drain(rooms.server, rooms, rooms.now);
  EXPECT_EQ(text_at(rooms.heard(mei).at(0), "reason"), "room_closed");
  const auto last = rooms.join("Last");
  const auto unborn = rooms.connect();
  rooms.heard(last);
  rooms.server.shutdown(rooms.now);
  drain(rooms.server, rooms, rooms.now);
  EXPECT_EQ(text_at(rooms.heard(last).at(0), "reason"), "shutdown");
  EXPECT_EQ(rooms.closed(last), 1001);
  EXPECT_EQ(rooms.closed(unborn), 1001);
  EXPECT_EQ(rooms.server.connections(), 0U);
}

}  // namespace
}  // namespace beeline::signaling
