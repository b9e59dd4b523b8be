// A server does not start over an OpenSSL that is not repaired, and says what to install. The
// program of this test has its own answer to which OpenSSL is loaded.
#include <gtest/gtest.h>

#include <filesystem>

#include "beeline/server/server.h"

// Stands before the function of the library (openssl/crypto.h).
extern "C" unsigned OPENSSL_version_patch() {
  return 21;
}

namespace beeline::server {
namespace {

TEST(OldOpenssl, a_server_refuses_to_start_and_leaves_nothing_behind) {
  Config config;
  config.data_dir = std::filesystem::path(testing::TempDir()) / "of_a_server_that_never_was";
  const auto error = serve(config, [] { return std::optional<Config>(); }, "test");
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->contains("OpenSSL 3.0.21")) << *error;
  EXPECT_TRUE(error->contains("install libssl3 3.0.22-1~deb12u2 or later")) << *error;
  EXPECT_FALSE(std::filesystem::exists(config.data_dir));
}

}  // namespace
}  // namespace beeline::server
