#include "beeline/sdp/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SdpText, words_are_parted_by_any_number_of_spaces_and_tabs) {
  EXPECT_THAT(words("  a b\t\tc "), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words(" \t"), IsEmpty());
  EXPECT_THAT(words(""), IsEmpty());
}

TEST(SdpText, pieces_are_trimmed_and_empty_ones_are_left_out) {
  EXPECT_THAT(pieces(" a ; b;;c; ", ';'), ElementsAre("a", "b", "c"));
  EXPECT_THAT(pieces(";", ';'), IsEmpty());
}

TEST(SdpText, what_stands_before_a_separator_is_taken_with_it) {
  std::string_view text = "a/b/";
  EXPECT_EQ(take_until(text, '/'), "a");
  EXPECT_EQ(text, "b/");
  EXPECT_EQ(take_until(text, '/'), "b");
  EXPECT_EQ(take_until(text, '/'), "");
  EXPECT_EQ(text, "");
}

TEST(SdpText, numbers_are_digits_that_fit_and_nothing_else) {
  EXPECT_EQ(number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(number<std::uint16_t>("007"), 7);
  for (const std::string_view text : {"65536", "-1", "+1", "1 ", " 1", "", "0x1", "1.0"})
    EXPECT_FALSE(number<std::uint16_t>(text)) << text;
}

TEST(SdpText, case_is_that_of_ascii) {
  EXPECT_EQ(lower("UDP-\xC3\x84"), "udp-\xC3\x84");
  EXPECT_TRUE(equal_ignoring_case("OPUS", "opus"));
  EXPECT_FALSE(equal_ignoring_case("opus", "opu"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

TEST(SdpText, tokens_are_printable_and_of_limited_length) {
  EXPECT_TRUE(is_token("a+/{-}", 6));
  EXPECT_FALSE(is_token("1234567", 6));
  for (const std::string_view text : {"", "a b", "a\x7F", "\xC3\x84", "a\t"})
    EXPECT_FALSE(is_token(text, 6)) << text;
}

}  // namespace
}  // namespace beeline::sdp
