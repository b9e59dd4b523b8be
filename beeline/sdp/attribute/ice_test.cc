#include "beeline/sdp/attribute/ice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;

//= RFC 8839 §5.4 test
TEST(SdpIce, fragments_have_4_to_256_characters) {
  expect_round_trip<IceUfrag>("l1+R");
  EXPECT_TRUE(IceUfrag::parse(std::string(256, 'u')));
  expect_refused<IceUfrag>("abc", ValueError::kOutOfRange);
  expect_refused<IceUfrag>("", ValueError::kOutOfRange);
  expect_refused<IceUfrag>(std::string(257, 'u'), ValueError::kOutOfRange);
}

TEST(SdpIce, passwords_have_22_to_256_characters) {
  expect_round_trip<IcePwd>("ZZmNLMLlxRsxmc9XoOK8kNcg");
  EXPECT_TRUE(IcePwd::parse(std::string(22, 'p')));
  EXPECT_TRUE(IcePwd::parse(std::string(256, 'p')));
  expect_refused<IcePwd>(std::string(21, 'p'), ValueError::kOutOfRange);
  expect_refused<IcePwd>(std::string(257, 'p'), ValueError::kOutOfRange);
}

TEST(SdpIce, credentials_are_one_printable_word) {
  EXPECT_TRUE(IceUfrag::parse(" a-_=#/ ")) << "with what clients put into them";
  expect_refused<IceUfrag>("ab cd", ValueError::kMalformed);
  expect_refused<IceUfrag>(
      "ab\x01"
      "cd",
      ValueError::kMalformed);
  expect_refused<IcePwd>(std::string(22, '\xC3'), ValueError::kMalformed);
}

//= RFC 8839 §5.6 test
TEST(SdpIce, options_are_words_known_or_not) {
  const auto options = IceOptions::parse("trickle sped googspedv1");
  ASSERT_TRUE(options);
  EXPECT_THAT(options->tokens, ElementsAre("trickle", "sped", "googspedv1"));
  EXPECT_TRUE(options->has("sped"));
  EXPECT_FALSE(options->has("ice2"));
  expect_round_trip<IceOptions>("trickle sped googspedv1");
  expect_round_trip<IceOptions>("trickle");
  expect_refused<IceOptions>(" ", ValueError::kMalformed);
  std::string text;
  for (std::size_t i = 0; i < IceOptions::kMaxTokens; ++i) text += "x ";
  EXPECT_TRUE(IceOptions::parse(text));
  expect_refused<IceOptions>(text + "x", ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
