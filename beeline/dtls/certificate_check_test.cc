#include "beeline/dtls/certificate_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace beeline::dtls {
namespace {

using crypto::CertificateHash;

const std::string kDigest256 =
    "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:"
    "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:FF";

std::string digest_of(std::size_t size) {
  std::string text = "AB";
  for (std::size_t i = 1; i < size; ++i) text += ":cd";
  return text;
}

//= RFC 8122 §5 test
TEST(Fingerprint, is_read_in_any_case) {
  const auto fingerprint = parse_fingerprint("SHA-256", kDigest256);
  ASSERT_TRUE(fingerprint);
  EXPECT_EQ(fingerprint->hash, CertificateHash::kSha256);
  ASSERT_THAT(fingerprint->value, testing::SizeIs(32));
  EXPECT_EQ(fingerprint->value[10], 0x0A);
  EXPECT_EQ(fingerprint->value[31], 0xFF);
  EXPECT_EQ(parse_fingerprint("sha-384", digest_of(48))->hash, CertificateHash::kSha384);
  EXPECT_EQ(parse_fingerprint("sha-512", digest_of(64))->hash, CertificateHash::kSha512);
}

TEST(Fingerprint, of_a_hash_that_proves_nothing_is_refused) {
  EXPECT_EQ(parse_fingerprint("sha-1", digest_of(20)).error(), FingerprintError::kWeakHash);
  EXPECT_EQ(parse_fingerprint("MD5", digest_of(16)).error(), FingerprintError::kWeakHash);
  EXPECT_EQ(parse_fingerprint("md2", digest_of(16)).error(), FingerprintError::kWeakHash);
  EXPECT_EQ(parse_fingerprint("sha-224", digest_of(28)).error(), FingerprintError::kUnknownHash);
  EXPECT_EQ(parse_fingerprint("", digest_of(32)).error(), FingerprintError::kUnknownHash);
}

TEST(Fingerprint, of_another_size_or_shape_is_refused) {
  for (std::size_t size = 0; size < kDigest256.size(); ++size)
    EXPECT_EQ(parse_fingerprint("sha-256", kDigest256.substr(0, size)).error(),
              FingerprintError::kMalformed);
  EXPECT_FALSE(parse_fingerprint("sha-256", kDigest256 + ":00"));
  EXPECT_FALSE(parse_fingerprint("sha-256", digest_of(48)));
  for (std::size_t at = 0; at < kDigest256.size(); ++at) {
    std::string bad = kDigest256;
    bad[at] = 'g';
    EXPECT_FALSE(parse_fingerprint("sha-256", bad)) << at;
  }
}

TEST(Fingerprint, of_an_identity_comes_back_from_text) {
  const crypto::Identity identity =
      crypto::make_identity({std::chrono::seconds(1'790'000'000)}, std::chrono::days(1));
  const Fingerprint fingerprint = fingerprint_of(identity);
  std::string text;
  for (const std::uint8_t byte : fingerprint.value)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", byte);
  EXPECT_EQ(parse_fingerprint("sha-256", text), fingerprint);
  EXPECT_TRUE(matches(std::vector{fingerprint}, identity.certificate_der()));
}

TEST(Fingerprint, no_flipped_bit_of_a_certificate_matches) {
  const crypto::Identity identity =
      crypto::make_identity({std::chrono::seconds(1'790'000'000)}, std::chrono::days(1));
  const std::vector fingerprints{fingerprint_of(identity)};
  std::vector<std::uint8_t> der(identity.certificate_der().begin(),
                                identity.certificate_der().end());
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    der[bit / 8] = static_cast<std::uint8_t>(der[bit / 8] ^ 1U << bit % 8);
    EXPECT_FALSE(matches(fingerprints, der));
    der[bit / 8] = static_cast<std::uint8_t>(der[bit / 8] ^ 1U << bit % 8);
  }
  EXPECT_TRUE(matches(fingerprints, der));
  EXPECT_FALSE(matches({}, der));
  EXPECT_FALSE(matches(fingerprints, {}));
}

}  // namespace
}  // namespace beeline::dtls
