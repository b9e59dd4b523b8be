#include "beeline/crypto/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "beeline/crypto/digest.h"
#include "beeline/crypto/seeded_generator.h"

namespace beeline::crypto {
namespace {

using std::chrono::days;
using testing::ElementsAreArray;
using testing::SizeIs;

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

struct Read {
  explicit Read(const Identity& identity) {
    const unsigned char* in = identity.certificate_der().data();
    certificate = d2i_X509(nullptr, &in, static_cast<long>(identity.certificate_der().size()));
  }
  ~Read() { X509_free(certificate); }
  X509* certificate;
};

//= RFC 8827 §6.5 test
TEST(Identity, is_a_self_signed_p256_certificate_with_issuer_and_subject) {
  const Identity identity = make_identity(kNow, days(30));
  const Read read(identity);
  ASSERT_NE(read.certificate, nullptr);
  EXPECT_EQ(X509_get_version(read.certificate), 2) << "version 3";
  EXPECT_EQ(X509_get_signature_nid(read.certificate), NID_ecdsa_with_SHA256);
  EXPECT_EQ(X509_verify(read.certificate, X509_get0_pubkey(read.certificate)), 1);
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(read.certificate)), 256);
  EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(read.certificate)), 1);
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(read.certificate),
                          X509_get_issuer_name(read.certificate)),
            0);
}

TEST(Identity, is_valid_from_a_day_ago_until_its_lifetime_ends) {
  const Identity identity = make_identity(kNow, days(30));
  EXPECT_EQ(identity.expires(), kNow + days(30));
  const Read read(identity);
  std::time_t at = (kNow.since_epoch - days(1)).count();
  EXPECT_LE(X509_cmp_time(X509_get0_notBefore(read.certificate), &at), 0);
  at -= 2;
  EXPECT_GT(X509_cmp_time(X509_get0_notBefore(read.certificate), &at), 0);
  at = (kNow.since_epoch + days(30)).count();
  EXPECT_LE(X509_cmp_time(X509_get0_notAfter(read.certificate), &at), 0);
  at -= 2;
  EXPECT_GT(X509_cmp_time(X509_get0_notAfter(read.certificate), &at), 0);
}

TEST(Identity, no_two_have_a_serial_or_a_key_in_common) {
  const Identity one = make_identity(kNow, days(30));
  const Identity two = make_identity(kNow, days(30));
  const Read read_one(one), read_two(two);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(read_one.certificate),
                             X509_get0_serialNumber(read_two.certificate)),
            0);
  EXPECT_NE(
      EVP_PKEY_eq(X509_get0_pubkey(read_one.certificate), X509_get0_pubkey(read_two.certificate)),
      1);
  EXPECT_NE(one.fingerprint(CertificateHash::kSha256), two.fingerprint(CertificateHash::kSha256));
}

TEST(Identity, fingerprints_are_digests_of_the_encoding) {
  const Identity identity = make_identity(kNow, days(30));
  const Bytes der = identity.certificate_der();
  EXPECT_THAT(identity.fingerprint(CertificateHash::kSha256), ElementsAreArray(sha256({der})));
  EXPECT_THAT(identity.fingerprint(CertificateHash::kSha384), SizeIs(48));
  EXPECT_THAT(identity.fingerprint(CertificateHash::kSha512), SizeIs(64));
}

TEST(SeededGenerator, the_same_seed_gives_the_same_identity) {
  const auto made = [](std::uint64_t seed) {
    const SeededGenerator generator(Random::from_number(seed));
    const Identity identity = make_identity(kNow, days(30));
    return std::vector(identity.certificate_der().begin(), identity.certificate_der().end());
  };
  const auto first = made(1);
  EXPECT_EQ(first, made(1)) << "key, serial number and signature";
  EXPECT_NE(first, made(2));
}

TEST(SeededGenerator, leaves_openssl_its_own_generator_afterwards) {
  {
    const SeededGenerator generator(Random::from_number(1));
  }
  EXPECT_NE(make_identity(kNow, days(30)).fingerprint(CertificateHash::kSha256),
            make_identity(kNow, days(30)).fingerprint(CertificateHash::kSha256));
}

}  // namespace
}  // namespace beeline::crypto
