// The one walker over what SCTP nests: chunks in a packet, parameters in a chunk, causes in an
// error. All are a four-byte header with a length that counts it, padded to four bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "beeline/base/bytes.h"

namespace beeline::sctp {

//= RFC 9260 §3.2
//= RFC 9260 §3.2.1
//   0                   1                   2                   3
//  +---------------------------------------------------------------+
//  |  type, or chunk type and flags  |  length (with this header)  |
//  +---------------------------------------------------------------+
//  |  value, and up to three bytes of padding that length omits    |
//  +---------------------------------------------------------------+
struct Tlv {
  std::uint16_t kind = 0;
  Bytes value;  // borrowed
  Bytes whole;  // with its header, without padding
};

class TlvReader {
 public:
  explicit TlvReader(Bytes bytes) : rest_(bytes) {}

  // None at the end, and where a length is wrong: then ok() is false.
  std::optional<Tlv> next() {
    if (rest_.empty()) return std::nullopt;
    ByteReader reader(rest_);
    Tlv tlv;
    tlv.kind = reader.u16();
    const std::size_t length = reader.u16();
    if (!reader.ok() || length < kHeader || length > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return std::nullopt;
    }
    tlv.whole = rest_.first(length);
    tlv.value = tlv.whole.subspan(kHeader);
    // The last one may go without its padding.
    rest_ = rest_.subspan(std::min(padded(length), rest_.size()));
    return tlv;
  }
  bool ok() const { return ok_; }

  static constexpr std::size_t kHeader = 4;
  static constexpr std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace beeline::sctp
