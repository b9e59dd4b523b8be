#include "beeline/base/encoding.h"

#include <gtest/gtest.h>

namespace beeline {
namespace {

TEST(Encoding, base64_matches_rfc4648_section_10) {
  const char* const vectors[][2] = {{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"fooba", "Zm9vYmE="},
                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(as_text(*from_base64(encoded)), plain);
  }
  EXPECT_EQ(to_base64url(as_bytes("\xFB\xFF")), "-_8");
  for (const char* bad : {"Z", "Zg=", "Zg", "Z===", "Zh==", "Zm9=", "Zm 9", "Zg==Zg==", "-_8="})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Encoding, base32_matches_rfc4648_section_10_in_lower_case) {
  const char* const vectors[][2] = {{"", ""},
                                    {"f", "my"},
                                    {"fo", "mzxq"},
                                    {"foo", "mzxw6"},
                                    {"foob", "mzxw6yq"},
                                    {"fooba", "mzxw6ytb"},
                                    {"foobar", "mzxw6ytboi"}};
  for (const auto& [plain, encoded] : vectors) EXPECT_EQ(to_base32(as_bytes(plain)), encoded);
}

TEST(Encoding, hex_takes_both_cases_and_nothing_else) {
  EXPECT_EQ(to_hex(*from_hex("00fFAa")), "00ffaa");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

TEST(Encoding, utf8_validity_follows_rfc3629) {
  for (const char* good : {"", "plain", "\xC2\x80", "\xE7\xB9\x81\xE9\xAB\x94", "\xF0\x9F\x90\x9D",
                           "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE7\xB9", "\xC2", "\xFF"})
    EXPECT_FALSE(is_utf8(bad)) << to_hex(as_bytes(bad));
}

TEST(Encoding, utf8_is_judged_the_same_wherever_it_stands_in_a_long_text) {
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string head(before, 'x');
      const std::string tail(after, 'x');
      EXPECT_TRUE(is_utf8(head + "\xE7\xB9\x81" + tail)) << before << " " << after;
      EXPECT_FALSE(is_utf8(head + "\xE7\xB9" + tail)) << before << " " << after;
      EXPECT_FALSE(is_utf8(head + "\xFF" + tail)) << before << " " << after;
    }
}

}  // namespace
}  // namespace beeline
