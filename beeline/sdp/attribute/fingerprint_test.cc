#include "beeline/sdp/attribute/fingerprint.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

std::string digits(std::size_t bytes) {
  return Fingerprint{"", std::vector<std::uint8_t>(bytes, 0xAB)}.text();
}

//= RFC 8122 §5 test
TEST(SdpFingerprint, is_a_function_and_as_many_bytes_as_it_has) {
  for (const auto& [hash, bytes] : std::initializer_list<std::pair<std::string, std::size_t>>{
           {"sha-1", 20}, {"sha-224", 28}, {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}}) {
    EXPECT_EQ(digest_bytes(hash), bytes);
    expect_round_trip<Fingerprint>(hash + digits(bytes));
    const auto fingerprint = Fingerprint::parse(hash + digits(bytes));
    EXPECT_EQ(fingerprint->hash, hash);
    EXPECT_EQ(fingerprint->bytes, std::vector<std::uint8_t>(bytes, 0xAB));
    expect_refused<Fingerprint>(hash + digits(bytes - 1), ValueError::kOutOfRange);
    expect_refused<Fingerprint>(hash + digits(bytes + 1), ValueError::kOutOfRange);
  }
}

TEST(SdpFingerprint, either_case_will_do) {
  const auto upper = Fingerprint::parse("SHA-1" + digits(20));
  std::string small = "sha-1" + digits(20);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  EXPECT_TRUE(upper && upper == Fingerprint::parse(small));
}

TEST(SdpFingerprint, of_a_function_that_is_not_known_has_any_length_up_to_128) {
  EXPECT_EQ(digest_bytes("md5"), 0U);
  EXPECT_EQ(Fingerprint::parse("sha3-256" + digits(32))->hash, "sha3-256");
  EXPECT_TRUE(Fingerprint::parse("x" + digits(128)));
  expect_refused<Fingerprint>("x" + digits(129), ValueError::kOutOfRange);
}

TEST(SdpFingerprint, is_pairs_of_digits_between_colons) {
  for (const std::string_view text : {"", "sha-1", "x A", "x ABC", "x AB:", "x :AB", "x AB::CD",
                                      "x AB:C", "x AB:GG", "x AB CD", "x AB-CD"})
    expect_refused<Fingerprint>(text, ValueError::kMalformed);
}

}  // namespace
}  // namespace beeline::sdp
