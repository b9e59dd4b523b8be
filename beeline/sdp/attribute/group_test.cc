#include "beeline/sdp/attribute/group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

//= RFC 5888 §5 test
TEST(SdpGroup, is_semantics_and_names) {
  const auto group = Group::parse("BUNDLE 0 1 2");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->semantics, kBundle);
  EXPECT_THAT(group->mids, ElementsAre("0", "1", "2"));
  EXPECT_TRUE(group->has("1"));
  EXPECT_FALSE(group->has("3"));
  for (const std::string_view text : {"BUNDLE 0 1 2", "LS first third", "BUNDLE"})
    expect_round_trip<Group>(text);
  EXPECT_THAT(Group::parse("BUNDLE")->mids, IsEmpty());
  expect_refused<Group>(" ", ValueError::kMalformed);
}

TEST(SdpGroup, has_at_most_512_names) {
  std::string text = "BUNDLE";
  for (std::size_t i = 0; i < kMaxMids; ++i) text += " x";
  EXPECT_TRUE(Group::parse(text));
  expect_refused<Group>(text + " x", ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
