// EventLog: what is kept for a connection that comes back.
#include <gtest/gtest.h>

#include <vector>

#include "beeline/signaling/member.h"

namespace beeline::signaling {
namespace {

std::vector<std::string> replayed(const EventLog& log, std::uint64_t last_seen) {
  std::vector<std::string> texts;
  log.replay(last_seen, [&](const std::string& text) { texts.push_back(text); });
  return texts;
}

TEST(EventLog, tells_again_what_came_after_the_last_one_seen) {
  EventLog log(3, 1000);
  for (const char* text : {"one", "two", "three", "four"}) log.add(text);
  EXPECT_EQ(log.last(), 4U);
  EXPECT_TRUE(log.reaches_back_to(1));
  EXPECT_FALSE(log.reaches_back_to(0)) << "the first is gone";
  EXPECT_FALSE(log.reaches_back_to(5)) << "nobody has seen that";
  EXPECT_EQ(replayed(log, 2), (std::vector<std::string>{"three", "four"}));
  EXPECT_TRUE(replayed(log, 4).empty());
}

TEST(EventLog, says_when_something_had_to_go_that_an_away_member_needs) {
  EventLog log(2, 1000);
  log.add("seen");
  log.mark();
  EXPECT_TRUE(log.add("one"));
  EXPECT_TRUE(log.add("two")) << "only what came before the mark went";
  EXPECT_FALSE(log.add("three"));
}

TEST(EventLog, bytes_are_bounded_too) {
  EventLog log(100, 10);
  log.mark();
  EXPECT_TRUE(log.add("0123456789"));
  EXPECT_FALSE(log.add("x"));
}

}  // namespace
}  // namespace beeline::signaling
