#include "beeline/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "beeline/base/encoding.h"

namespace beeline {
namespace {

TEST(Random, is_the_chacha20_key_stream) {
  // RFC 8439 appendix A.1, test vector 1: an all-zero key, counter 0, nonce 0.
  Random random{Random::Seed{}};
  std::array<std::uint8_t, 64> block{};
  random.fill(block);
  EXPECT_EQ(to_hex(block),
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
}

TEST(Random, the_same_seed_gives_the_same_stream_and_forks_do_not_disturb_it) {
  Random a = Random::from_number(7);
  Random b = Random::from_number(7);
  Random fork = a.fork("ports");
  fork.u64();
  EXPECT_EQ(a.u64(), b.u64());
  EXPECT_EQ(a.fork("ports").u64(), b.fork("ports").u64());
  EXPECT_NE(a.fork("ports").u64(), a.fork("nonce").u64());
  EXPECT_NE(Random::from_number(8).u64(), Random::from_number(7).u64());
}

TEST(Random, below_reaches_every_value_and_no_other) {
  Random random = Random::from_number(1);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(5));
  EXPECT_EQ(seen, (std::set<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(random.text(26, kBase32Alphabet).size(), 26U);
}

}  // namespace
}  // namespace beeline
