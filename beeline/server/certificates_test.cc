#include "beeline/server/certificates.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace beeline::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

class CertificatesTest : public testing::Test {
 protected:
  ~CertificatesTest() override { fs::remove_all(root_); }

  ServerIdentity load(const crypto::SubjectNames& names, WallTime now) {
    auto identity = load_identity({}, *DataDirectory::open(root_), names, now);
    EXPECT_TRUE(identity) << identity.error();
    return *identity;
  }

  fs::path root_ =
      fs::path(testing::TempDir()) / ("beeline-certificates-" + std::to_string(::getpid()));
  WallTime now_{std::chrono::seconds(1'790'000'000)};
  crypto::SubjectNames names_{{"localhost"}, {*IpAddress::parse("192.0.2.7")}};
};

TEST_F(CertificatesTest, a_certificate_made_once_is_kept) {
  const ServerIdentity first = load(names_, now_);
  EXPECT_FALSE(first.authority_pem.empty());
  EXPECT_EQ(load(names_, now_ + days(300)).summary.sha256_fingerprint,
            first.summary.sha256_fingerprint);
}

TEST_F(CertificatesTest, a_new_address_or_the_last_month_makes_a_new_one_under_the_same_authority) {
  const ServerIdentity first = load(names_, now_);
  const ServerIdentity later = load(names_, now_ + days(368));
  EXPECT_NE(later.summary.sha256_fingerprint, first.summary.sha256_fingerprint);
  names_.addresses.push_back(*IpAddress::parse("2001:db8::7"));
  const ServerIdentity wider = load(names_, now_ + days(368));
  EXPECT_NE(wider.summary.sha256_fingerprint, later.summary.sha256_fingerprint);
  EXPECT_EQ(wider.summary.names.addresses.size(), 2U);
  EXPECT_EQ(wider.authority_pem, first.authority_pem);
}

TEST_F(CertificatesTest, files_that_are_missing_are_named) {
  Config config;
  config.certificate = root_ / "missing.pem";
  const auto identity = load_identity(config, *DataDirectory::open(root_), names_, now_);
  ASSERT_FALSE(identity);
  EXPECT_NE(identity.error().find("missing.pem cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace beeline::server
