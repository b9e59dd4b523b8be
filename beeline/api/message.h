// One message of a data channel: text or bytes, whole, as it was sent (W3C MessageEvent).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace beeline {

class Message {
 public:
  Message() = default;
  Message(bool is_text, std::vector<std::uint8_t> bytes)
      : bytes_(std::move(bytes)), is_text_(is_text) {}

  bool is_text() const { return is_text_; }
  std::size_t size() const { return bytes_.size(); }  // bytes
  // Views of this object. Text is what the other side says is UTF-8.
  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  std::span<const std::uint8_t> bytes() const { return bytes_; }
  // The bytes themselves, without a copy; nothing is left here.
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  bool is_text_ = false;
};

}  // namespace beeline
