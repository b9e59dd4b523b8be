// Coming back: away, back, gone, and nothing lost or doubled.
#include <gtest/gtest.h>

#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

std::string text_at(const boost::json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}

class Resume : public testing::Test {
 protected:
  Resume() {
    mei_ = rooms_.join("Mei");
    mei_welcome_ = rooms_.welcome(mei_);
    jon_ = rooms_.join("Jon");
    jon_welcome_ = rooms_.welcome(jon_);
    rooms_.heard(mei_);
  }
  std::string jon_id() const { return text_at(jon_welcome_, "you"); }
  void mei_to_jon(int number) {
    rooms_.say(mei_, R"({"type":"relay","to":")" + jon_id() + R"(","items":[{"n":)" +
                         std::to_string(number) + "}]}");
  }

  TestRooms rooms_;
  ConnectionId mei_;
  ConnectionId jon_;
  boost::json::object mei_welcome_;
  boost::json::object jon_welcome_;
};

TEST_F(Resume, a_broken_connection_is_away_at_once_and_gone_after_the_grace) {
  rooms_.close(jon_, false);
  EXPECT_EQ(rooms_.types(mei_), "away");
  rooms_.advance(seconds(15) - microseconds(1));
  EXPECT_EQ(rooms_.types(mei_), "");
  rooms_.advance(microseconds(1));
  const auto heard = rooms_.heard(mei_);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(text_at(heard[0], "reason"), "lost_peer");
}

TEST_F(Resume, who_comes_back_is_who_they_were_and_hears_what_they_missed) {
  mei_to_jon(1);
  rooms_.heard(jon_);
  rooms_.close(jon_, false);
  mei_to_jon(2);
  mei_to_jon(3);
  const auto again = rooms_.resume("Jon", jon_welcome_, 1);
  const auto heard = rooms_.heard(again);
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_TRUE(heard[0].at("resumed").as_bool());
  EXPECT_EQ(text_at(heard[0], "you"), jon_id());
  EXPECT_EQ(heard[1].at("items").at(0).at("n").as_int64(), 2);
  EXPECT_EQ(heard[2].at("items").at(0).at("n").as_int64(), 3);
  EXPECT_EQ(rooms_.types(mei_), "away back");
  rooms_.advance(seconds(60));
  EXPECT_EQ(rooms_.server.members(), 2U);
}

TEST_F(Resume, a_token_works_once) {
  rooms_.close(jon_, false);
  const auto again = rooms_.resume("Jon", jon_welcome_, 0);
  EXPECT_TRUE(rooms_.welcome(again).at("resumed").as_bool());
  const auto thief = rooms_.resume("Thief", jon_welcome_, 0);
  const auto welcome = rooms_.welcome(thief);
  EXPECT_FALSE(welcome.at("resumed").as_bool());
  EXPECT_NE(text_at(welcome, "you"), jon_id());
  EXPECT_EQ(rooms_.closed(again), 0) << "nobody was put out";
}

TEST_F(Resume, tokens_of_nobody_or_of_another_room_are_an_ordinary_welcome) {
  for (const char* token : {"", ".", "nobody.x", "x"}) {
    const auto joined =
        rooms_.join("X", TestRooms::kOtherRoom,
                    R"(,"resume":{"token":")" + std::string(token) + R"(","last_event":0})");
    EXPECT_FALSE(rooms_.welcome(joined).at("resumed").as_bool());
  }
  const std::string token = text_at(jon_welcome_.at("resume").as_object(), "token");
  const auto elsewhere = rooms_.join("Jon", TestRooms::kOtherRoom,
                                     R"(,"resume":{"token":")" + token + R"(","last_event":0})");
  EXPECT_FALSE(rooms_.welcome(elsewhere).at("resumed").as_bool());
  const auto future = rooms_.resume("Jon", jon_welcome_, 999);
  EXPECT_FALSE(rooms_.welcome(future).at("resumed").as_bool());
}

TEST_F(Resume, a_second_connection_takes_over_a_live_one) {
  const auto again = rooms_.resume("Jon", jon_welcome_, 0);
  const auto heard = rooms_.heard(jon_);
  EXPECT_EQ(text_at(heard.at(0), "reason"), "replaced");
  EXPECT_EQ(rooms_.closed(jon_), 1000);
  EXPECT_EQ(rooms_.types(mei_), "") << "the others need not know";
  rooms_.close(jon_, false);
  EXPECT_EQ(rooms_.server.members(), 2U) << "the old connection's end says nothing";
  mei_to_jon(1);
  EXPECT_EQ(rooms_.types(again), "welcome relay");
}

TEST_F(Resume, an_away_member_that_is_told_too_much_is_lost) {
  rooms_.close(jon_, false);
  for (int i = 0; i < 256; ++i) mei_to_jon(i);
  EXPECT_EQ(rooms_.server.members(), 2U);
  mei_to_jon(256);
  EXPECT_EQ(rooms_.server.members(), 1U);
  const auto heard = rooms_.heard(mei_);
  EXPECT_EQ(text_at(heard.back(), "reason"), "lost_peer");
}

// Random disconnects at random moments, with some of what was sent lost on the way: each event
// arrives once, in order.
TEST(ResumeProperty, nothing_is_lost_and_nothing_is_doubled) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random = Random::from_number(seed);
    TestRooms rooms;
    const auto mei = rooms.join("Mei");
    auto jon = rooms.join("Jon");
    auto welcome = rooms.welcome(jon);
    const std::string jon_id = text_at(welcome, "you");
    std::uint64_t last_event = 0;
    std::int64_t next_expected = 0;
    int sent = 0;
    const auto listen = [&](std::size_t count) {
      for (const auto& message : rooms.heard(jon)) {
        if (count-- == 0) return;  // the rest was on its way when the connection broke
        if (text_at(message, "type") == "welcome") {
          welcome = message;
          continue;
        }
        ASSERT_EQ(static_cast<std::uint64_t>(message.at("event").as_int64()), ++last_event) << seed;
        ASSERT_EQ(message.at("items").at(0).at("n").as_int64(), next_expected++) << seed;
      }
    };
    for (int step = 0; step < 20; ++step) {
      for (std::uint32_t i = random.below(4); i > 0; --i)
        rooms.say(mei, R"({"type":"relay","to":")" + jon_id + R"(","items":[{"n":)" +
                           std::to_string(sent++) + "}]}");
      if (random.below(3) > 0) continue;
      listen(random.below(5));
      if (random.below(2) == 0) rooms.close(jon, false);  // else the server has not noticed yet
      const auto before = jon;
      jon = rooms.resume("Jon", welcome, last_event);
      rooms.close(before, false);
      listen(1);  // the welcome itself is waited for, or its token would be unknown
      if (HasFatalFailure()) return;
      // What listen() threw away was not received: come back once more for it.
      const auto unheard = jon;
      jon = rooms.resume("Jon", welcome, last_event);
      rooms.close(unheard, false);
      listen(1000);
      if (HasFatalFailure()) return;
    }
    listen(1000);
    EXPECT_EQ(next_expected, sent) << seed;
  }
}

}  // namespace
}  // namespace beeline::signaling
