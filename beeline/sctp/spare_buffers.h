// Buffers of messages that are gone, for those to come: in steady state nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace beeline::sctp {

class SpareBuffers {
 public:
  // An empty one, with whatever memory it has.
  std::vector<std::uint8_t> take() {
    if (spares_.empty()) return {};
    std::vector<std::uint8_t> buffer = std::move(spares_.back());
    spares_.pop_back();
    held_ -= buffer.capacity();
    buffer.clear();
    return buffer;
  }
  void give(std::vector<std::uint8_t> buffer) {
    if (buffer.capacity() == 0) return;
    if (spares_.size() >= kMost || held_ + buffer.capacity() > kMostHeld) return;
    held_ += buffer.capacity();
    spares_.push_back(std::move(buffer));
  }

 private:
  // What a window's coming and going sets free at a time. Of tiny messages that is more, and then
  // some cost an allocation.
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostHeld = 1024 * 1024;  // bytes
  std::vector<std::vector<std::uint8_t>> spares_;
  std::size_t held_ = 0;
};

}  // namespace beeline::sctp
