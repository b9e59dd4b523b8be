// Sixteen bytes at a time, as every processor we build for has them: for the loops that go over
// each byte of a message. The compiler's own vectors, no instruction set by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace beeline {

using Sixteen = std::uint8_t __attribute__((vector_size(16)));

// Bytes of four of them, which a processor works on side by side.
inline constexpr std::size_t kLongStep = 4 * sizeof(Sixteen);

inline Sixteen load_sixteen(const void* from) {
  Sixteen wide;
  std::memcpy(&wide, from, sizeof wide);
  return wide;
}

inline void store_sixteen(const Sixteen& wide, void* to) {
  std::memcpy(to, &wide, sizeof wide);
}

// The bits that any of the sixteen has, in each of eight bytes: nothing but 0 where all are 0.
inline std::uint64_t any_of(const Sixteen& wide) {
  using Halves = std::uint64_t __attribute__((vector_size(16)));
  const auto halves = reinterpret_cast<Halves>(wide);
  return halves[0] | halves[1];
}

inline constexpr std::uint64_t kHighBits = 0x8080808080808080U;  // of eight bytes

}  // namespace beeline
