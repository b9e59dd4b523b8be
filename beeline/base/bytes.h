// Views of bytes, and bounded big-endian reading and writing. Every wire parser and writer of the
// project goes through these two classes, so that no length is ever trusted twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "beeline/base/ensure.h"

namespace beeline {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Views text as bytes and bytes as text; nothing is copied or checked.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads from the front of a borrowed view. A read past the end returns zero (or an empty view),
// consumes everything and makes ok() false for good: check once at the end instead of after each
// field.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }
  bool at_end() const { return rest_.empty(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }

  // A view of the next `count` bytes of the original buffer; empty and !ok() where fewer are left.
  Bytes take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes head = rest_.first(count);
    rest_ = rest_.subspan(count);
    return head;
  }
  Bytes take_rest() { return take(rest_.size()); }
  void skip(std::size_t count) { take(count); }

 private:
  std::uint64_t integer(std::size_t width) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(width)) value = (value << 8) | byte;
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

// Writes to the front of a borrowed buffer. A write that does not fit writes nothing and makes ok()
// false for good.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  bool ok() const { return ok_; }
  std::size_t size() const { return size_; }
  Bytes written() const { return buffer_.first(size_); }

  void u8(std::uint8_t value) { integer(value, 1); }
  void u16(std::uint16_t value) { integer(value, 2); }
  void u32(std::uint32_t value) { integer(value, 4); }
  void u64(std::uint64_t value) { integer(value, 8); }

  void append(Bytes bytes) {
    const MutableBytes room = claim(bytes.size());
    if (!room.empty()) std::memcpy(room.data(), bytes.data(), bytes.size());
  }
  void zeros(std::size_t count) {
    const MutableBytes room = claim(count);
    if (!room.empty()) std::memset(room.data(), 0, count);
  }
  // Overwrites two bytes that were written earlier (length fields). `offset` + 2 must lie inside
  // written().
  void patch_u16(std::size_t offset, std::uint16_t value) {
    ensure(offset + 2 <= size_, "patch inside what was written");
    buffer_[offset] = static_cast<std::uint8_t>(value >> 8);
    buffer_[offset + 1] = static_cast<std::uint8_t>(value & 0xFF);
  }

 private:
  MutableBytes claim(std::size_t count) {
    if (!ok_ || count > buffer_.size() - size_) {
      ok_ = false;
      return {};
    }
    const MutableBytes room = buffer_.subspan(size_, count);
    size_ += count;
    return room;
  }
  void integer(std::uint64_t value, std::size_t width) {
    const MutableBytes room = claim(width);
    for (std::size_t i = 0; i < room.size(); ++i)
      room[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  }

  MutableBytes buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace beeline
