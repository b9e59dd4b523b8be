#include "beeline/sdp/attribute/ssrc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;

//= RFC 5576 §4.1 test
TEST(SdpSsrc, is_said_one_thing_of_in_each_line) {
  const auto said = SsrcAttribute::parse("4294967295 msid:stream track");
  ASSERT_TRUE(said);
  EXPECT_EQ(said->ssrc, Ssrc{4294967295});
  EXPECT_EQ(said->name, "msid");
  EXPECT_EQ(said->value, "stream track");
  for (const std::string_view text : {"1 cname:{7c8fef49}", "0 previous-ssrc:1 2", "1 flag"})
    expect_round_trip<SsrcAttribute>(text);
  expect_refused<SsrcAttribute>("4294967296 cname:x", ValueError::kOutOfRange);
  expect_refused<SsrcAttribute>("1", ValueError::kMalformed);
  expect_refused<SsrcAttribute>("1 :x", ValueError::kMalformed);
  expect_same_again<SsrcAttribute>("1 name : ");
}

//= RFC 5576 §4.2 test
TEST(SdpSsrc, several_belong_together) {
  const auto group = SsrcGroup::parse("FID 2231814977 1344057284");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->semantics, "FID");
  EXPECT_THAT(group->ssrcs, ElementsAre(Ssrc{2231814977}, Ssrc{1344057284}));
  expect_round_trip<SsrcGroup>("FID 2231814977 1344057284");
  expect_round_trip<SsrcGroup>("SIM 1");
  expect_refused<SsrcGroup>("FID", ValueError::kMalformed);
  expect_refused<SsrcGroup>("FID 1 x", ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
