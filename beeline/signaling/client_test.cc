// Clients and the real server core on one virtual clock; connections break and servers restart as
// the test wants.
#include "beeline/signaling/client.h"

#include <gmock/gmock.h>

#include <set>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Person {
 public:
  explicit Person(std::string name, std::uint64_t seed = 1, std::string proof = {})
      : client({.room = TestRooms::kHostedRoom,
                .name = std::move(name),
                .presence_json = "{}",
                .host_key = {},
                .password_proof = std::move(proof)},
               Random::from_number(seed)) {}

  // For drain().
  void transmit(std::string text) {
    said.push_back(text);
    if (rooms != nullptr && connection) rooms->say(*connection, text);
  }
  void handle_event(ClientEvent event) {
    if (std::holds_alternative<OpenLink>(event)) wants_link = true;
    if (const auto* close = std::get_if<CloseLink>(&event)) {
      wants_link = false;
      if (rooms != nullptr && connection) rooms->close(*connection, close->clean);
      connection.reset();
    }
    note(event);
  }

  void note(const ClientEvent& event) {
    if (const auto* entered = std::get_if<Entered>(&event))
      news.push_back(entered->how == Entered::How::kAnew      ? "entered"
                     : entered->how == Entered::How::kResumed ? "resumed"
                                                              : "restored");
    if (const auto* came = std::get_if<MemberCame>(&event))
      news.push_back((came->known ? "again " : "came ") + name_of(came->id) +
                     (came->we_offer ? ", we offer" : ""));
    if (const auto* left = std::get_if<MemberLeft>(&event))
      news.push_back("left " + left->member.name + " " + left->reason);
    if (const auto* changed = std::get_if<MemberChanged>(&event))
      if (const auto* member = client.member(changed->id))
        news.push_back((member->away ? "away " : "changed ") + member->name);
    if (const auto* heard = std::get_if<Heard>(&event)) {
      if (const auto* text = std::get_if<std::string>(&heard->what))
        news.push_back(name_of(heard->from) + ": " + *text);
      else
        for (const Item& item : std::get<std::vector<Item>>(heard->what)) items.push_back(item);
    }
    if (const auto* ended = std::get_if<MembershipEnded>(&event)) {
      end = ended->code;
      end_detail = ended->detail;
    }
  }
  std::string name_of(const std::string& id) const {
    const auto* member = client.member(id);
    return member == nullptr ? id : member->name;
  }
  std::vector<std::string> told() { return std::exchange(news, {}); }

  Client client;
  TestRooms* rooms = nullptr;
  std::optional<ConnectionId> connection;
  bool wants_link = false;
  std::vector<std::string> said;
  std::vector<std::string> news;
  std::vector<Item> items;
  std::string end, end_detail;
};

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

// --- alone, to the microsecond ---

class ClientAlone : public testing::Test {
 protected:
  void settle() { drain(jon.client, jon, now); }
  void tell(ClientInput input) {
    jon.client.handle_input(std::move(input), now);
    settle();
  }
  void advance(Duration span) {
    now = now + span;
    jon.client.handle_timeout(now);
    settle();
  }
  void open() {
    jon.client.open(now);
    settle();
  }
  void enter() {
    open();
    tell(LinkUp{});
    tell(LinkText{R"({"type":"welcome","you":"me","resume":{"token":"t"}})"});
  }
  Person jon{"Jon"};
  Instant now{1000s};
};

TEST_F(ClientAlone, a_connection_that_does_not_open_is_given_up_at_its_deadline) {
  open();
  EXPECT_TRUE(std::exchange(jon.wants_link, false));
  advance(Client::kOpenPatience - 1us);
  EXPECT_TRUE(jon.client.next_timeout());
  EXPECT_EQ(*jon.client.next_timeout(), now + 1us);
  advance(1us);
  const Duration wait = *jon.client.next_timeout() - now;
  EXPECT_GE(wait, 250ms);
  EXPECT_LE(wait, 500ms);
  advance(wait - 1us);
  EXPECT_FALSE(jon.wants_link);
  advance(1us);
  EXPECT_TRUE(jon.wants_link);
}

TEST_F(ClientAlone, a_hopeless_failure_is_not_tried_again_before_one_was_ever_in) {
  open();
  tell(LinkDown{"no_certificate", true});
  EXPECT_EQ(jon.end, "server_unreachable");
  EXPECT_EQ(jon.end_detail, "no_certificate");
}

TEST_F(ClientAlone, but_it_is_once_one_has_been_in) {
  enter();
  tell(LinkDown{"not_upgraded 502", true});
  EXPECT_EQ(jon.client.phase(), Phase::kReconnecting);
  EXPECT_EQ(jon.end, "");
}

// Found with eight pages on two processors: a page that had no time to say hello for ten seconds
// left its meeting for good.
TEST_F(ClientAlone, a_hello_that_came_too_late_is_said_again_on_the_next_connection) {
  enter();
  tell(LinkDown{"broken"});
  advance(1s);
  tell(LinkUp{});
  jon.said.clear();
  tell(LinkText{R"({"type":"error","code":"hello_expected","message":"","fatal":true})"});
  tell(LinkDown{"closed"});
  EXPECT_EQ(jon.client.phase(), Phase::kReconnecting);
  advance(2s);
  tell(LinkUp{});
  EXPECT_THAT(jon.said, ElementsAre(testing::StartsWith(R"({"type":"hello")")));
}

TEST_F(ClientAlone, retries_slow_down_to_fifteen_seconds) {
  enter();
  Duration longest{};
  for (int i = 0; i < 12; ++i) {
    tell(LinkDown{"refused"});
    const Duration wait = *jon.client.next_timeout() - now;
    longest = std::max(longest, wait);
    EXPECT_LE(wait, 15s);
    advance(wait);
  }
  EXPECT_GE(longest, 7500ms);
}

TEST_F(ClientAlone, an_event_that_comes_twice_is_heard_once) {
  enter();
  for (int i = 0; i < 2; ++i)
    tell(LinkText{R"({"type":"message","event":1,"from":"a","text":"hi"})"});
  EXPECT_THAT(jon.told(), ElementsAre("entered", "a: hi"));
}

TEST_F(ClientAlone, what_waits_while_the_connection_is_away_is_limited) {
  enter();
  tell(LinkDown{"broken"});
  for (std::size_t i = 0; i < Client::kMaxWaiting + 1; ++i) jon.client.relay("a", {GoItem{}});
  advance(1s);
  tell(LinkUp{});
  jon.said.clear();
  tell(LinkText{R"({"type":"welcome","you":"me","resumed":true,"resume":{"token":"t2"}})"});
  EXPECT_EQ(jon.said.size(), Client::kMaxWaiting);
}

TEST_F(ClientAlone, nonsense_of_a_server_changes_nothing) {
  enter();
  jon.told();
  for (const char* text : {"", "7", "[]", "{", R"({"type":5})", R"({"type":"joined","event":-1})",
                           R"({"type":"gone","event":1,"member":"nobody"})",
                           R"({"type":"renamed","event":2,"member":"nobody","name":"x"})"})
    tell(LinkText{text});
  EXPECT_THAT(jon.told(), IsEmpty());
  EXPECT_EQ(jon.client.phase(), Phase::kOpen);
}

}  // namespace
}  // namespace beeline::signaling
