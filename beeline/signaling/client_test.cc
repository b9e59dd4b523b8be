// Clients and the real server core on one virtual clock; connections break and servers restart as
// the test wants.
#include "beeline/signaling/client.h"

#include <gmock/gmock.h>

#include <deque>
#include <set>

#include "beeline/signaling/test_person.h"
#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class RoomOfClients : public testing::Test {
 protected:
  void settle(Person& person) { drain(person.client, person, now()); }
  Instant now() const { return rooms->now; }

  void open(Person& person) {
    people.push_back(&person);
    person.rooms = rooms;
    person.client.open(now());
    settle(person);
    pump();
  }
  // Until nobody has anything to say to anybody.
  void pump() {
    for (bool more = true; more;) {
      more = false;
      for (Person* person : people) more |= pump(*person);
    }
  }
  bool pump(Person& person) {
    if (std::exchange(person.wants_link, false)) {
      if (up) {
        person.connection = rooms->connect();
        person.client.handle_input(LinkUp{}, now());
      } else {
        person.client.handle_input(LinkDown{"refused"}, now());
      }
      settle(person);
      return true;
    }
    if (!person.connection) return false;
    const ConnectionId connection = *person.connection;
    const auto heard = rooms->heard(connection);
    for (const auto& message : heard) {
      const std::string text = boost::json::serialize(message);
      if (silent) continue;
      person.client.handle_input(LinkText{text}, now());
      settle(person);
    }
    if (rooms->closed(connection) == 0) return !heard.empty();
    if (person.connection == connection) {
      person.connection.reset();
      person.client.handle_input(LinkDown{"closed"}, now());
      settle(person);
    }
    return true;
  }
  void advance(Duration span) {
    for (const Instant end = now() + span; now() < end;) {
      rooms->advance(std::min<Duration>(100ms, end - now()));
      for (Person* person : people) {
        person->client.handle_timeout(now());
        settle(*person);
      }
      pump();
    }
  }
  // As a cut cable: nobody says goodbye.
  void cut(Person& person) {
    rooms->close(*person.connection, false);
    person.connection.reset();
    person.client.handle_input(LinkDown{"broken"}, now());
    settle(person);
    pump();
  }
  // The server's process dies, and another one starts.
  void restart() {
    TestRooms& after = later.emplace_back(Settings{}, 2 + later.size());
    after.source = "192.0.2.9";
    after.server.set_wall_time(TestRooms::kStart + 1s);
    after.load_rooms_of(*rooms);
    after.now = now();
    rooms = &after;
    for (Person* person : people) {
      person->rooms = rooms;
      if (!person->connection) continue;
      person->connection.reset();
      person->client.handle_input(LinkDown{"broken"}, now());
      settle(*person);
    }
  }

  TestRooms first;
  std::deque<TestRooms> later;
  TestRooms* rooms = &first;
  std::vector<Person*> people;
  bool up = true;
  bool silent = false;
};

TEST_F(RoomOfClients, who_comes_later_offers_and_who_was_there_waits) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  EXPECT_THAT(mei.told(), ElementsAre("entered"));
  open(jon);
  EXPECT_THAT(jon.told(), ElementsAre("entered", "came Mei, we offer"));
  EXPECT_THAT(mei.told(), ElementsAre("came Jon"));
  EXPECT_EQ(jon.client.members().size(), 1U);
  EXPECT_EQ(jon.client.phase(), Phase::kOpen);
  ASSERT_EQ(jon.client.ice().servers.size(), 1U);
  EXPECT_EQ(jon.client.ice().servers[0].username, jon.client.you());
}

TEST_F(RoomOfClients, items_and_room_messages_arrive) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  mei.told();
  jon.client.relay(mei.client.you(), {DescriptionItem{"offer", "v=0"}, CandidatesEndItem{}});
  jon.client.say("hello");
  settle(jon);
  pump();
  EXPECT_THAT(mei.items, ElementsAre(Item(DescriptionItem{"offer", "v=0"}), CandidatesEndItem{}));
  EXPECT_THAT(mei.told(), ElementsAre("Jon: hello"));
}

TEST_F(RoomOfClients, more_items_than_fit_into_one_message_are_several) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  jon.said.clear();
  jon.client.relay(mei.client.you(), std::vector<Item>(kMaxItems, GoItem{}));
  settle(jon);
  EXPECT_EQ(jon.said.size(), 1U);
  jon.client.relay(mei.client.you(), std::vector<Item>(kMaxItems + 1, GoItem{}));
  settle(jon);
  EXPECT_EQ(jon.said.size(), 3U);
  pump();
  EXPECT_EQ(mei.items.size(), 2 * kMaxItems + 1);
}

TEST_F(RoomOfClients, names_change_and_people_leave) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  mei.told();
  jon.client.rename("John");
  settle(jon);
  pump();
  EXPECT_THAT(mei.told(), ElementsAre("changed John"));
  jon.client.leave();
  settle(jon);
  pump();
  EXPECT_THAT(mei.told(), ElementsAre("left John left"));
  EXPECT_EQ(jon.end, "left");
  EXPECT_EQ(jon.client.phase(), Phase::kClosed);
  EXPECT_FALSE(jon.client.next_timeout());
}

TEST_F(RoomOfClients, a_broken_connection_resumes_and_nothing_was_missed) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  const std::string who = jon.client.you();
  jon.told();
  mei.told();
  cut(jon);
  EXPECT_EQ(jon.client.phase(), Phase::kReconnecting);
  EXPECT_THAT(mei.told(), ElementsAre("away Jon"));
  mei.client.relay(who, {GoItem{}});
  settle(mei);
  jon.client.relay(mei.client.you(), {AskItem{}});  // waits
  jon.client.say("lost");                           // does not
  settle(jon);
  advance(1s);
  EXPECT_EQ(jon.client.you(), who);
  EXPECT_THAT(jon.told(), ElementsAre("resumed"));
  EXPECT_THAT(jon.items, ElementsAre(Item(GoItem{})));
  EXPECT_THAT(mei.items, ElementsAre(Item(AskItem{})));
  EXPECT_THAT(mei.told(), ElementsAre("changed Jon"));
}

TEST_F(RoomOfClients, after_the_grace_one_is_somebody_new) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  const std::string who = jon.client.you();
  mei.told();
  jon.told();
  up = false;
  cut(jon);
  jon.client.relay(mei.client.you(), {AskItem{}});
  advance(20s);
  EXPECT_THAT(mei.told(), ElementsAre("away Jon", "left Jon lost_peer"));
  up = true;
  advance(20s);
  EXPECT_NE(jon.client.you(), who);
  EXPECT_THAT(jon.told(), ElementsAre("entered", "again Mei, we offer"));
  EXPECT_THAT(mei.items, IsEmpty()) << "what waited was of the membership that is gone";
}

TEST_F(RoomOfClients, who_has_gone_meanwhile_is_let_go_on_coming_back_as_somebody_new) {
  Person mei("Mei", 1), jon("Jon", 2), ana("Ana", 3);
  open(mei);
  open(ana);
  open(jon);
  jon.told();
  up = false;
  cut(jon);
  mei.client.leave();
  settle(mei);
  advance(20s);
  up = true;
  advance(20s);
  EXPECT_THAT(jon.told(), ElementsAre("entered", "left Mei lost_peer", "again Ana, we offer"));
}

TEST_F(RoomOfClients, a_server_that_was_restarted_gives_everybody_back) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  const std::set<std::string> before{mei.client.you(), jon.client.you()};
  mei.told();
  jon.told();
  restart();
  advance(3s);
  EXPECT_EQ((std::set<std::string>{mei.client.you(), jon.client.you()}), before);
  // Who is quicker sees the other away first.
  EXPECT_THAT(mei.told(), testing::AnyOf(ElementsAre("restored", "away Jon", "again Jon"),
                                         ElementsAre("restored", "again Jon")));
  EXPECT_THAT(jon.told(), testing::AnyOf(ElementsAre("restored", "away Mei", "again Mei"),
                                         ElementsAre("restored", "again Mei")));
  mei.client.relay(jon.client.you(), {GoItem{}});
  settle(mei);
  pump();
  EXPECT_THAT(jon.items, ElementsAre(Item(GoItem{})));
  advance(30s);
  EXPECT_EQ(mei.client.members().size(), 1U) << "who came back stays";
}

TEST_F(RoomOfClients, who_does_not_come_back_to_a_restarted_server_is_let_go_after_the_grace) {
  Person mei("Mei", 1), jon("Jon", 2);
  open(mei);
  open(jon);
  mei.told();
  people = {&mei};
  restart();
  advance(3s);
  EXPECT_THAT(mei.told(), ElementsAre("restored", "away Jon"));
  advance(11s);
  EXPECT_THAT(mei.told(), IsEmpty());
  advance(3s);
  EXPECT_THAT(mei.told(), ElementsAre("left Jon lost_peer"));
}

TEST_F(RoomOfClients, a_locked_room_refuses_and_nobody_tries_again) {
  const ConnectionId host = first.join_as_host("Host");
  first.say(host, R"({"type":"lock","locked":true})");
  Person jon("Jon");
  open(jon);
  EXPECT_EQ(jon.end, "room_locked");
  EXPECT_FALSE(jon.end_detail.empty());
  jon.said.clear();
  advance(60s);
  EXPECT_THAT(jon.said, IsEmpty());
}

TEST_F(RoomOfClients, a_password_is_asked_for_and_the_right_proof_enters) {
  const ConnectionId host = first.join_as_host("Host");
  first.say(host, R"({"type":"set_password","proof":")" + TestRooms::kProof + "\"}");
  Person none("None", 1), wrong("Wrong", 2, TestRooms::kOtherProof),
      right("Right", 3, TestRooms::kProof);
  open(none);
  open(wrong);
  open(right);
  EXPECT_EQ(none.end, "password_needed");
  EXPECT_EQ(wrong.end, "password_wrong");
  EXPECT_EQ(right.end, "");
  EXPECT_EQ(right.client.phase(), Phase::kOpen);
}

TEST_F(RoomOfClients, who_is_removed_stays_out) {
  const ConnectionId host = first.join_as_host("Host");
  Person jon("Jon");
  open(jon);
  first.say(host, R"({"type":"remove","member":")" + jon.client.you() + "\"}");
  pump();
  EXPECT_EQ(jon.end, "removed");
}

TEST_F(RoomOfClients, an_unreachable_server_is_given_up_after_three_tries) {
  up = false;
  Person jon("Jon");
  open(jon);
  EXPECT_EQ(jon.end, "");
  advance(5s);
  EXPECT_EQ(jon.end, "server_unreachable");
  EXPECT_EQ(jon.end_detail, "refused");
}

TEST_F(RoomOfClients, a_connection_that_falls_silent_is_asked_and_given_up) {
  Person jon("Jon");
  open(jon);
  jon.told();
  jon.said.clear();
  advance(9900ms);
  EXPECT_THAT(jon.said, IsEmpty());
  silent = true;
  advance(100ms);
  EXPECT_THAT(jon.said, ElementsAre(testing::StartsWith(R"({"type":"ping","seen":)")));
  advance(7900ms);
  EXPECT_EQ(jon.client.phase(), Phase::kOpen);
  advance(100ms);
  EXPECT_EQ(jon.client.phase(), Phase::kReconnecting);
  silent = false;
  advance(1s);
  EXPECT_THAT(jon.told(), ElementsAre("resumed"));
}

}  // namespace
}  // namespace beeline::signaling
