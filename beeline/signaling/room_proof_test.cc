#include "beeline/signaling/room_proof.h"

#include <gtest/gtest.h>

namespace beeline::signaling {
namespace {

// As Web Crypto and Python's hashlib derive it.
TEST(RoomProof, is_what_a_browser_derives) {
  EXPECT_EQ(password_proof("abcdefghijklmnopqrstuvwxyz", "蜜蜂 bee"),
            "3_Ta_eS8qk5Kk8GAT5Cbz1JmwhspzXpF3KSFUxGfiw8");
}

TEST(RoomProof, depends_on_the_room_and_the_password) {
  const std::string proof = password_proof("abcdefghijklmnopqrstuvwxyz", "bee");
  EXPECT_NE(proof, password_proof("bbcdefghijklmnopqrstuvwxyz", "bee"));
  EXPECT_NE(proof, password_proof("abcdefghijklmnopqrstuvwxyz", "beE"));
}

}  // namespace
}  // namespace beeline::signaling
