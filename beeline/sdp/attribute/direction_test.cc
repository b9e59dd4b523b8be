#include "beeline/sdp/attribute/direction.h"

#include <gtest/gtest.h>

namespace beeline::sdp {
namespace {

using enum Direction;

constexpr Direction kAll[] = {kInactive, kSendonly, kRecvonly, kSendrecv};

TEST(SdpDirection, is_whether_one_sends_and_receives) {
  EXPECT_FALSE(sends(kInactive) || receives(kInactive));
  EXPECT_TRUE(sends(kSendonly) && !receives(kSendonly));
  EXPECT_TRUE(!sends(kRecvonly) && receives(kRecvonly));
  EXPECT_TRUE(sends(kSendrecv) && receives(kSendrecv));
  for (const Direction direction : kAll) {
    EXPECT_EQ(make_direction(sends(direction), receives(direction)), direction);
    EXPECT_EQ(reversed(reversed(direction)), direction);
    EXPECT_EQ(parse_direction(to_string(direction)), direction);
  }
  EXPECT_EQ(reversed(kSendonly), kRecvonly);
  EXPECT_EQ(reversed(kSendrecv), kSendrecv);
  EXPECT_FALSE(parse_direction("send"));
}

//= RFC 8866 §6.7 test
TEST(SdpDirection, is_the_sections_then_the_sessions_then_both_ways) {
  Session session;
  session.media.resize(1);
  EXPECT_EQ(effective_direction(session, session.media[0]), kSendrecv);
  session.lines = {{'a', "recvonly"}};
  EXPECT_EQ(effective_direction(session, session.media[0]), kRecvonly);
  session.media[0].lines = {{'a', "x"}, {'a', "inactive"}, {'a', "sendrecv"}};
  EXPECT_EQ(effective_direction(session, session.media[0]), kInactive) << "the first counts";
  EXPECT_FALSE(direction_of(Section{{{'a', "sendonlyx"}, {'i', "sendonly"}}}));
}

TEST(SdpDirection, is_set_in_its_place) {
  Section section{{{'a', "x"}, {'a', "sendrecv"}, {'a', "y"}, {'a', "inactive"}}};
  set_direction(section, kSendonly);
  EXPECT_TRUE(section == (Section{{{'a', "x"}, {'a', "sendonly"}, {'a', "y"}}}));
  Section empty;
  set_direction(empty, kInactive);
  EXPECT_TRUE(empty == (Section{{{'a', "inactive"}}}));
}

}  // namespace
}  // namespace beeline::sdp
