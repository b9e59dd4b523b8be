#include "beeline/crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::crypto {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

TEST(Certificate, a_server_certificate_names_everything_it_was_asked_to) {
  const KeyPair authority = make_authority("Beeline test authority", kNow, days(3650));
  const IpAddress v4 = *IpAddress::parse("192.0.2.7");
  const IpAddress v6 = *IpAddress::parse("2001:db8::7");
  const auto server = make_server_certificate(authority, {{"localhost", "host.example"}, {v4, v6}},
                                              kNow, days(397));
  ASSERT_TRUE(server);
  const auto summary = summarize(server->certificate_pem);
  ASSERT_TRUE(summary);
  EXPECT_THAT(summary->names.dns_names, ElementsAre("localhost", "host.example"));
  EXPECT_THAT(summary->names.addresses, ElementsAre(v4, v6));
  EXPECT_EQ(summary->expires, kNow + days(397));
  EXPECT_EQ(summary->subject, "CN=localhost");
  EXPECT_EQ(summary->sha256_fingerprint.size(), 32 * 3 - 1);
  EXPECT_THAT(server->private_key_pem, HasSubstr("PRIVATE KEY"));
}

TEST(Certificate, a_foreign_key_and_garbage_are_refused) {
  KeyPair authority = make_authority("one", kNow, days(1));
  authority.private_key_pem = make_authority("two", kNow, days(1)).private_key_pem;
  EXPECT_EQ(make_server_certificate(authority, {{"localhost"}, {}}, kNow, days(1)).error(),
            CertificateError::kKeyMismatch);
  EXPECT_EQ(summarize("not a certificate").error(), CertificateError::kUnreadable);
  EXPECT_EQ(make_server_certificate({}, {{"localhost"}, {}}, kNow, days(1)).error(),
            CertificateError::kUnreadable);
}

}  // namespace
}  // namespace beeline::crypto
