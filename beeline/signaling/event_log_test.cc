// EventLog: what is kept for a connection that comes back.
#include <gtest/gtest.h>

#include <vector>

#include "beeline/signaling/member.h"

namespace beeline::signaling {
namespace {

std::vector<std::string> replayed(const EventLog& log, std::uint64_t last_seen) {
  std::vector<std::string> texts;
  log.replay(last_seen, [&](const RoomEvent& event, std::uint64_t number) {
    texts.push_back(std::to_string(number).append(event.rest.view()));
  });
  return texts;
}

RoomEvent event(const char* rest) {
  return {"test", SharedText(rest)};
}

TEST(EventLog, tells_again_what_came_after_the_last_one_seen) {
  EventLog log(3, 1000);
  for (const char* text : {"one", "two", "three", "four"}) log.add(event(text));
  EXPECT_EQ(log.last(), 4U);
  EXPECT_TRUE(log.reaches_back_to(1));
  EXPECT_FALSE(log.reaches_back_to(0)) << "the first is gone";
  EXPECT_FALSE(log.reaches_back_to(5)) << "nobody has seen that";
  EXPECT_EQ(replayed(log, 2), (std::vector<std::string>{"3three", "4four"}));
  EXPECT_TRUE(replayed(log, 4).empty());
}

TEST(EventLog, says_when_something_had_to_go_that_an_away_member_needs) {
  EventLog log(2, 1000);
  log.add(event("seen"));
  log.mark();
  EXPECT_TRUE(log.add(event("one")));
  EXPECT_TRUE(log.add(event("two"))) << "only what came before the mark went";
  EXPECT_FALSE(log.add(event("three")));
}

TEST(EventLog, forgets_what_is_known_to_have_arrived) {
  EventLog log(3, 1000);
  for (const char* text : {"one", "two", "three"}) log.add(event(text));
  log.forget(2);
  EXPECT_FALSE(log.reaches_back_to(1));
  EXPECT_TRUE(log.reaches_back_to(2));
  EXPECT_EQ(replayed(log, 2), (std::vector<std::string>{"3three"}));
  log.forget(1);  // an old word
  log.forget(4);  // nobody has seen that
  EXPECT_EQ(replayed(log, 2), (std::vector<std::string>{"3three"}));
  log.forget(3);
  EXPECT_TRUE(log.reaches_back_to(3));
  EXPECT_TRUE(replayed(log, 3).empty());
  log.add(event("four"));
  EXPECT_EQ(replayed(log, 3), (std::vector<std::string>{"4four"}));
}

TEST(EventLog, what_arrived_makes_room_for_what_did_not) {
  EventLog log(2, 1000);
  log.mark();
  log.add(event("one"));
  log.forget(1);
  EXPECT_TRUE(log.add(event("two")));
  EXPECT_TRUE(log.add(event("three")));
  EXPECT_FALSE(log.add(event("four")));
}

TEST(EventLog, bytes_are_bounded_too) {
  EventLog log(100, 10);
  log.mark();
  EXPECT_TRUE(log.add(event("0123456789")));
  EXPECT_FALSE(log.add(event("x")));
}

}  // namespace
}  // namespace beeline::signaling
