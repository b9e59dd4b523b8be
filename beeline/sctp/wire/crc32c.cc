#include "beeline/sctp/wire/crc32c.h"

#include <array>

namespace beeline::sctp {
namespace {

// The polynomial 0x1EDC6F41, reflected.
constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
    table[byte] = value;
  }
  return table;
}
constexpr auto kTable = make_table();

}  // namespace

std::uint32_t table_crc32c(std::uint32_t state, Bytes bytes) {
  for (const std::uint8_t byte : bytes) state = kTable[(state ^ byte) & 0xFF] ^ (state >> 8);
  return state;
}

void Crc32c::add(Bytes bytes) {
  static const CrcStep kStep = hardware_crc32c() != nullptr ? hardware_crc32c() : &table_crc32c;
  state_ = kStep(state_, bytes);
}

}  // namespace beeline::sctp
