#include "beeline/sdp/attribute/simulcast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

//= RFC 8853 §5.1 test
TEST(SdpSimulcast, is_streams_of_alternatives_in_either_way) {
  const auto simulcast = Simulcast::parse("send h;~m,n;l recv x");
  ASSERT_TRUE(simulcast);
  ASSERT_THAT(simulcast->send, SizeIs(3));
  ASSERT_THAT(simulcast->send[1], SizeIs(2));
  EXPECT_TRUE(simulcast->send[1][0] == (Simulcast::Choice{"m", true}));
  EXPECT_TRUE(simulcast->send[1][1] == (Simulcast::Choice{"n", false}));
  ASSERT_THAT(simulcast->receive, SizeIs(1));
  for (const std::string_view text :
       {"send h;~m,n;l recv x", "send h;m;l", "recv ~h", "send a,b,c recv d;e"})
    expect_round_trip<Simulcast>(text);
  EXPECT_EQ(Simulcast::parse("recv x send h")->text(), "send h recv x");
}

TEST(SdpSimulcast, the_drafts_form_is_understood) {
  const auto simulcast = Simulcast::parse(" send rid=foo;bar");
  ASSERT_TRUE(simulcast);
  EXPECT_EQ(simulcast->text(), "send foo;bar");
  EXPECT_THAT(simulcast->receive, IsEmpty());
  for (const std::string_view text :
       {"send rid=rid=x", "send ;rid=b", "send ~rid=~x", "send rid=~x"})
    expect_same_again<Simulcast>(text);
}

TEST(SdpSimulcast, says_each_way_once_and_something_of_it) {
  for (const std::string_view text :
       {"", "send", "send ;", "send ~", "both h", "send h send l", "send h recv", "recv ,", "h"})
    expect_refused<Simulcast>(text, ValueError::kMalformed);
}

TEST(SdpSimulcast, has_at_most_4096_bytes) {
  std::string text = "send ";
  text.resize(Simulcast::kMaxBytes, 'h');
  EXPECT_TRUE(Simulcast::parse(text));
  expect_refused<Simulcast>(text + 'h', ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
