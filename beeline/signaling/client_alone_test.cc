// A client without a server, to the microsecond: deadlines, retries, and what a server may say.
#include <gmock/gmock.h>

#include "beeline/signaling/client.h"
#include "beeline/signaling/test_person.h"

namespace beeline::signaling {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

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
