// The only source of randomness a core has: injected, so that a seed decides everything in a
// simulation.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "beeline/base/bytes.h"

namespace beeline {

// A ChaCha20 key stream (RFC 8439 §2.3). With a seed from crypto/entropy it is unpredictable and
// fit for nonces, ports and transaction ids; with a fixed seed it is repeatable. Satisfies
// UniformRandomBitGenerator.
class Random {
 public:
  using Seed = std::array<std::uint8_t, 32>;
  using result_type = std::uint32_t;

  explicit Random(const Seed& seed) : seed_(seed) {}
  static Random from_number(std::uint64_t seed);  // for tests and simulations

  // A stream of its own, decided by this one's seed and `name` alone: drawing from one never shifts
  // another.
  Random fork(std::string_view name) const;

  void fill(MutableBytes out);
  std::uint32_t u32();
  std::uint64_t u64();
  // Uniform in [0, bound); bound > 0.
  std::uint32_t below(std::uint32_t bound);
  // `length` characters drawn from `alphabet` (2 to 256 characters).
  std::string text(std::size_t length, std::string_view alphabet);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return u32(); }

 private:
  Seed seed_;
  std::uint64_t counter_ = 0;
  std::array<std::uint8_t, 64> block_{};
  std::size_t used_ = 64;
};

}  // namespace beeline
