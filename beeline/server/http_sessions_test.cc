#include "beeline/server/http_sessions.h"

#include <gtest/gtest.h>

namespace beeline::server {
namespace {

TEST(HttpSessions, a_token_opens_its_own_session_until_it_is_closed) {
  HttpSessions sessions(Random::from_number(1));
  const std::string one = sessions.open({1});
  const std::string two = sessions.open({2});
  ASSERT_NE(sessions.find(one), nullptr);
  EXPECT_EQ(sessions.find(one)->channel.value, 1U);
  EXPECT_EQ(sessions.find(two)->channel.value, 2U);
  sessions.close({1});
  EXPECT_EQ(sessions.find(one), nullptr);
  EXPECT_NE(sessions.find(two), nullptr);
}

TEST(HttpSessions, nothing_else_opens_one) {
  HttpSessions sessions(Random::from_number(1));
  const std::string token = sessions.open({1});
  const std::string other = sessions.open({2});
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_EQ(sessions.find(token.substr(0, size)), nullptr) << size;
  for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
    std::string flipped = token;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(sessions.find(flipped), nullptr) << bit;
  }
  EXPECT_EQ(sessions.find("1" + other.substr(1)), nullptr) << "the secret of another";
  EXPECT_EQ(sessions.find(token + "a"), nullptr);
  EXPECT_EQ(sessions.find(""), nullptr);
}

}  // namespace
}  // namespace beeline::server
