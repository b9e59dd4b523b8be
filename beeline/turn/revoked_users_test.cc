#include "beeline/turn/revoked_users.h"

#include <gtest/gtest.h>

namespace beeline::turn {
namespace {

WallTime at(int seconds) {
  return {std::chrono::seconds(seconds)};
}

TEST(RevokedUsers, credentials_of_before_are_refused_and_later_ones_are_not) {
  RevokedUsers revoked(10);
  revoked.add("mei", at(3600));
  EXPECT_TRUE(revoked.refuse("mei", at(1)));
  EXPECT_TRUE(revoked.refuse("mei", at(3600)));
  EXPECT_FALSE(revoked.refuse("mei", at(3601))) << "made after the revocation";
  EXPECT_FALSE(revoked.refuse("jon", at(1)));
  revoked.add("mei", at(4000));
  EXPECT_TRUE(revoked.refuse("mei", at(3601)));
}

TEST(RevokedUsers, are_remembered_until_their_last_credential_has_expired) {
  RevokedUsers revoked(10);
  revoked.add("mei", at(3600));
  revoked.add("mei", at(3700));
  revoked.forget_expired(at(3700));
  EXPECT_TRUE(revoked.refuse("mei", at(3700))) << "a credential that expires now is still taken";
  EXPECT_EQ(revoked.size(), 1U);
  revoked.forget_expired(at(3701));
  EXPECT_FALSE(revoked.refuse("mei", at(3700)));
  EXPECT_EQ(revoked.size(), 0U);
}

TEST(RevokedUsers, are_bounded_and_the_oldest_goes_first) {
  RevokedUsers revoked(2);
  for (const char* user : {"a", "b"}) revoked.add(user, at(3600));
  EXPECT_TRUE(revoked.refuse("a", at(1)));
  revoked.add("c", at(3600));
  EXPECT_FALSE(revoked.refuse("a", at(1)));
  EXPECT_TRUE(revoked.refuse("b", at(1)));
  EXPECT_TRUE(revoked.refuse("c", at(1)));
  EXPECT_EQ(revoked.size(), 2U);
}

}  // namespace
}  // namespace beeline::turn
