#include "beeline/signaling/resume_token.h"

#include <gtest/gtest.h>

namespace beeline::signaling {
namespace {

const std::string kRoom = "abcdefghijklmnopqrstuvwxyz";
const crypto::Sha256 kKey{1, 2, 3};

std::string token() {
  return ResumeToken{"mei", "epoch", {std::chrono::seconds(1'790'000'000)}, 7}.sign(kKey, kRoom);
}

TEST(ResumeToken, reads_as_it_was_signed) {
  const auto read = ResumeToken::check(kKey, kRoom, token());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->member, "mei");
  EXPECT_EQ(read->epoch, "epoch");
  EXPECT_EQ(read->issued.since_epoch, std::chrono::seconds(1'790'000'000));
  EXPECT_EQ(read->serial, 7U);
}

TEST(ResumeToken, nothing_else_is_one) {
  EXPECT_FALSE(ResumeToken::check(kKey, "zyxwvutsrqponmlkjihgfedcba", token())) << "another room";
  EXPECT_FALSE(ResumeToken::check({}, kRoom, token())) << "another server";
  for (std::size_t size = 0; size < token().size(); ++size)
    EXPECT_FALSE(ResumeToken::check(kKey, kRoom, token().substr(0, size))) << size;
  for (std::size_t bit = 0; bit < 8 * token().size(); ++bit) {
    std::string flipped = token();
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ResumeToken::check(kKey, kRoom, flipped)) << bit;
  }
  for (const char* text : {"", ".", "....", "a.b.1.2.", "a.b.c.d.e"})
    EXPECT_FALSE(ResumeToken::check(kKey, kRoom, text)) << text;
}

}  // namespace
}  // namespace beeline::signaling
