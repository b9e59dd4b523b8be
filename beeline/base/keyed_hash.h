// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash under a key, for tables whose keys others
// choose. Without the key nobody can aim at a slot.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "beeline/base/bytes.h"

namespace beeline {

using HashKey = std::array<std::uint64_t, 2>;

inline std::uint64_t keyed_hash(const HashKey& key, Bytes bytes) {
  std::uint64_t a = key[0] ^ 0x736F6D6570736575U;
  std::uint64_t b = key[1] ^ 0x646F72616E646F6DU;
  std::uint64_t c = key[0] ^ 0x6C7967656E657261U;
  std::uint64_t d = key[1] ^ 0x7465646279746573U;
  const auto rounds = [&](int count) {
    for (; count > 0; --count) {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32) + d;
      c += b;
      b = std::rotl(b, 17) ^ c;
      d = std::rotl(d, 21) ^ a;
      c = std::rotl(c, 32);
    }
  };
  const auto absorb = [&](std::uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  };
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{bytes[i]} << (i % 8 * 8);
    if (i % 8 == 7) absorb(std::exchange(word, 0));
  }
  absorb(word | std::uint64_t{bytes.size()} << 56);
  c ^= 0xFF;
  rounds(4);
  return a ^ b ^ c ^ d;
}

}  // namespace beeline
