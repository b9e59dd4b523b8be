// CRC-32C by the crc32 instruction of SSE 4.2. Compiled for that instruction alone; asked for only
// where the processor has it.
#include <nmmintrin.h>

#include <cstring>

#include "beeline/sctp/wire/crc32c.h"

namespace beeline::sctp {
namespace {

std::uint32_t step(std::uint32_t state, Bytes bytes) {
  std::uint64_t wide = state;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = _mm_crc32_u64(wide, word);
    bytes = bytes.subspan(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t byte : bytes) narrow = _mm_crc32_u8(narrow, byte);
  return narrow;
}

}  // namespace

CrcStep hardware_crc32c() {
  return __builtin_cpu_supports("sse4.2") ? &step : nullptr;
}

}  // namespace beeline::sctp
