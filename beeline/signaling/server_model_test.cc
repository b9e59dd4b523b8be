// Every short history of three people and two rooms, compared with what a member may be told at all
// (attacks W1, W3 and W4): nothing of somebody else's is changed by naming them, nothing reaches
// another room, and nobody is called who was not called by name by somebody in the same room.
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

const std::string& kHosted = TestRooms::kHostedRoom;
using Person = std::size_t;
constexpr Person kPeople = 3;

// Mei has the host key, Jon is in her room, Eve in another one; each history begins so.
class History {
 public:
  History() {
    connections_[0] = rooms_.join_as_host("Mei");
    connections_[1] = rooms_.join("Jon", kHosted);
    connections_[2] = rooms_.join("Eve", TestRooms::kOtherRoom);
    for (Person i = 0; i < kPeople; ++i) {
      welcomes_[i] = rooms_.welcome(connections_[i]);
      ids_[i] = welcomes_[i].at("you").as_string().c_str();
    }
  }

  // What anybody can try who names `victim` in every place that could be read as an identity.
  std::vector<std::string> messages_naming(Person victim) const {
    const std::string names = R"(,"member":")" + ids_[victim] + R"(","from":")" + ids_[victim] +
                              R"(","you":")" + ids_[victim] + R"(","to":")" + ids_[victim] + "\"";
    std::vector<std::string> messages;
    for (const char* rest :
         {R"("leave")", R"("rename","name":"x")", R"("presence","presence":{})",
          R"("message","text":"x")", R"("relay","items":[{"kind":"description"}])",
          R"("lock","locked":true)", R"("remove")", R"("hand_over")"})
      messages.push_back(R"({"type":)" + std::string(rest) + names + "}");
    return messages;
  }

  void say(Person speaker, const std::string& message) {
    const std::string type(boost::json::parse(message).at("type").as_string());
    const bool alive = rooms_.closed(connections_[speaker]) == 0;
    const bool host = hosts_.contains(speaker);
    rooms_.say(connections_[speaker], message);
    judge(speaker, alive, host, type);
  }

 private:
  std::optional<Person> person_of(std::string_view id) const {
    for (Person i = 0; i < kPeople; ++i)
      if (ids_[i] == id) return i;
    return std::nullopt;
  }
  static bool together(Person a, Person b) { return (a < 2) == (b < 2); }

  void judge(Person speaker, bool alive, bool host, const std::string& type) {
    for (Person listener = 0; listener < kPeople; ++listener)
      for (const auto& heard : rooms_.heard(connections_[listener])) {
        const std::string said(heard.at("type").as_string());
        if (said == "error" || said == "pong") {
          EXPECT_EQ(listener, speaker) << said;
          continue;
        }
        EXPECT_TRUE(alive) << "who is out says nothing: " << type;
        EXPECT_TRUE(together(speaker, listener)) << type << " became " << said;
        judge_event(speaker, listener, host, type, said, heard);
      }
    for (Person i = 0; i < kPeople; ++i)
      if (rooms_.closed(connections_[i]) != 0) gone_.insert(i);
  }

  void judge_event(Person speaker, Person listener, bool host, const std::string& type,
                   const std::string& said, const boost::json::object& heard) {
    const auto named = [&](const char* key) {
      return heard.contains(key) ? person_of(heard.at(key).as_string()) : std::nullopt;
    };
    if (said == "relay" || said == "message") {
      EXPECT_EQ(named("from"), speaker);
      EXPECT_EQ(said, type);
      EXPECT_NE(listener, speaker);
    } else if (said == "presence" || said == "renamed") {
      EXPECT_EQ(named("member"), speaker);
    } else if (said == "gone") {
      const bool removal = type == "remove" && host;
      EXPECT_TRUE(removal || named("member") == speaker) << type;
    } else if (said == "room" || said == "host_key") {
      EXPECT_TRUE(host) << type;
      if (said == "host_key") hosts_ = {listener};
    } else if (said == "bye") {
      EXPECT_TRUE(listener == speaker || (type == "remove" && host)) << type;
    } else {
      ADD_FAILURE() << said << " after " << type;
    }
  }

  TestRooms rooms_;
  std::array<ConnectionId, kPeople> connections_;
  std::array<boost::json::object, kPeople> welcomes_;
  std::array<std::string, kPeople> ids_;
  std::set<Person> hosts_{0};
  std::set<Person> gone_;
};

TEST(RoomModel, in_every_short_history_people_act_as_themselves_and_in_their_room_alone) {
  constexpr std::size_t kMessages = 8;
  constexpr std::size_t kChoices = kPeople * kPeople * kMessages;
  constexpr std::size_t kTries = kChoices * kChoices;
  for (std::size_t number = 0; number < kTries; ++number) {
    History history;
    std::size_t rest = number;
    for (int step = 0; step < 2; ++step) {
      const std::size_t choice = rest % kChoices;
      rest /= kChoices;
      const Person victim = choice / kPeople % kPeople;
      const auto messages = history.messages_naming(victim);
      ASSERT_EQ(messages.size(), kMessages);
      history.say(choice % kPeople, messages[choice / kPeople / kPeople]);
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "history " << number;
  }
}

// Tokens: every member's token, in every room, on every connection, before and after a restart.
TEST(RoomModel, a_token_gives_nobody_anything_but_its_own_membership) {
  for (const bool restarted : {false, true}) {
    for (Person owner = 0; owner < kPeople; ++owner) {
      TestRooms before;
      const std::array<std::string, kPeople> homes{TestRooms::kRoom, TestRooms::kRoom,
                                                   TestRooms::kOtherRoom};
      std::array<boost::json::object, kPeople> welcomes;
      for (Person i = 0; i < kPeople; ++i) {
        const auto connection = before.join("", homes[i]);
        welcomes[i] = before.welcome(connection);
        before.close(connection, false);
      }
      TestRooms after({}, 2);
      TestRooms& rooms = restarted ? after : before;
      for (const std::string& room : {TestRooms::kRoom, TestRooms::kOtherRoom}) {
        const auto shown = rooms.join("", room, TestRooms::showing_token(welcomes[owner], 0));
        const auto welcome = rooms.welcome(shown);
        const bool own = room == homes[owner];
        const bool back = welcome.at("resumed").as_bool() || welcome.at("restored").as_bool();
        EXPECT_EQ(back, own);
        for (Person i = 0; i < kPeople; ++i)
          EXPECT_EQ(welcome.at("you") == welcomes[i].at("you"), own && i == owner);
      }
    }
  }
}

}  // namespace
}  // namespace beeline::signaling
