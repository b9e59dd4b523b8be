#include "beeline/base/keyed_hash.h"

#include <gtest/gtest.h>

#include <numeric>

namespace beeline {
namespace {

// From the reference implementation: key 00 to 0f, input 00, 01, 02 and so on.
TEST(KeyedHash, agrees_with_the_reference_vectors) {
  const HashKey key{0x0706050403020100U, 0x0F0E0D0C0B0A0908U};
  std::array<std::uint8_t, 63> input{};
  std::iota(input.begin(), input.end(), std::uint8_t{0});
  EXPECT_EQ(keyed_hash(key, {}), 0x726FDB47DD0E0E31U);
  EXPECT_EQ(keyed_hash(key, Bytes(input).first(1)), 0x74F839C593DC67FDU);
  EXPECT_EQ(keyed_hash(key, Bytes(input).first(8)), 0x93F5F5799A932462U);
  EXPECT_EQ(keyed_hash(key, Bytes(input).first(15)), 0xA129CA6149BE45E5U);
}

TEST(KeyedHash, another_key_gives_another_value) {
  EXPECT_NE(keyed_hash({1, 2}, as_bytes("x")), keyed_hash({1, 3}, as_bytes("x")));
}

}  // namespace
}  // namespace beeline
