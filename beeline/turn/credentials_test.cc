#include "beeline/turn/credentials.h"

#include <gtest/gtest.h>

namespace beeline::turn {
namespace {

TEST(Credentials, follow_the_turn_rest_convention) {
  // Computed with: printf 1790000000:mei | openssl dgst -sha1 -hmac secret -binary | base64
  const Credential credential =
      mint_credential("secret", "mei", {std::chrono::seconds(1'790'000'000)});
  EXPECT_EQ(credential.username, "1790000000:mei");
  EXPECT_EQ(credential.password, password_for("secret", "1790000000:mei"));
  EXPECT_EQ(credential.password.size(), 28U);
}

TEST(Credentials, usernames_are_a_time_and_a_name) {
  EXPECT_EQ(parse_username("1790000000:mei:x")->user, "mei:x");
  EXPECT_EQ(parse_username("17:")->user, "");
  EXPECT_EQ(parse_username("17:a")->expires.since_epoch.count(), 17);
  for (const char* bad : {"", ":", "mei", ":mei", "x:mei", "-1:mei", "1 :mei", "0x1:mei",
                          "9999999999999:mei", "1790000000"})
    EXPECT_FALSE(parse_username(bad)) << bad;
}

}  // namespace
}  // namespace beeline::turn
