#include "beeline/base/random.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace beeline {
namespace {

using State = std::array<std::uint32_t, 16>;

void quarter_round(State& s, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 12);
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 7);
}

std::uint32_t little(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) | static_cast<std::uint32_t>(from[1]) << 8 |
         static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

//= RFC 8439 §2.3
std::array<std::uint8_t, 64> chacha20_block(const Random::Seed& key, std::uint64_t counter,
                                            std::uint64_t stream) {
  State start{0x61707865, 0x3320646E, 0x79622D32, 0x6B206574};
  for (std::size_t i = 0; i < 8; ++i) start[4 + i] = little(key.data() + 4 * i);
  start[12] = static_cast<std::uint32_t>(counter);
  start[13] = static_cast<std::uint32_t>(counter >> 32);
  start[14] = static_cast<std::uint32_t>(stream);
  start[15] = static_cast<std::uint32_t>(stream >> 32);
  State state = start;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(state, i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i)
      quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
  }
  std::array<std::uint8_t, 64> out{};
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint32_t word = state[i] + start[i];
    for (std::size_t b = 0; b < 4; ++b) out[4 * i + b] = static_cast<std::uint8_t>(word >> (8 * b));
  }
  return out;
}

constexpr std::uint64_t kDrawStream = 0;

}  // namespace

Random Random::from_number(std::uint64_t seed) {
  Seed bytes{};
  ByteWriter(bytes).u64(seed);
  return Random(bytes);
}

Random Random::fork(std::string_view name) const {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3U;
  const auto block = chacha20_block(seed_, hash, kDrawStream + 1);
  Seed seed{};
  std::copy_n(block.begin(), seed.size(), seed.begin());
  return Random(seed);
}

void Random::fill(MutableBytes out) {
  while (!out.empty()) {
    if (used_ == block_.size()) {
      block_ = chacha20_block(seed_, counter_++, kDrawStream);
      used_ = 0;
    }
    const std::size_t count = std::min(out.size(), block_.size() - used_);
    std::memcpy(out.data(), block_.data() + used_, count);
    used_ += count;
    out = out.subspan(count);
  }
}

std::uint32_t Random::u32() {
  std::array<std::uint8_t, 4> bytes{};
  fill(bytes);
  return ByteReader(bytes).u32();
}

std::uint64_t Random::u64() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return ByteReader(bytes).u64();
}

std::uint32_t Random::below(std::uint32_t bound) {
  ensure(bound > 0, "bound");
  // Drawing again below this threshold removes the bias of the remainder.
  const std::uint32_t threshold = (0U - bound) % bound;
  for (;;) {
    const std::uint32_t value = u32();
    if (value >= threshold) return value % bound;
  }
}

std::string Random::text(std::size_t length, std::string_view alphabet) {
  ensure(alphabet.size() >= 2 && alphabet.size() <= 256, "alphabet");
  std::string out(length, ' ');
  for (char& c : out) c = alphabet[below(static_cast<std::uint32_t>(alphabet.size()))];
  return out;
}

}  // namespace beeline
