// The checksum of SCTP packets (RFC 9260 Appendix A): CRC-32C, by the processor where it can.
#pragma once

#include <cstdint>

#include "beeline/base/bytes.h"

namespace beeline::sctp {

// Begins with ~0 and is inverted at the end; several calls make one checksum of all parts.
class Crc32c {
 public:
  void add(Bytes bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = ~std::uint32_t{0};
};

// One step of a checksum over `bytes` by the processor's own instruction; nullptr where it has
// none. The file that defines it is chosen when configuring.
using CrcStep = std::uint32_t (*)(std::uint32_t state, Bytes bytes);
CrcStep hardware_crc32c();
// The same by a table.
std::uint32_t table_crc32c(std::uint32_t state, Bytes bytes);

}  // namespace beeline::sctp
