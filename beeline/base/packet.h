// A datagram on its way through the cores: an owned, pooled buffer with room at both ends, so that
// a TURN or SRTP layer adds its bytes in place and relaying copies nothing.
//
//   |<-------------------------- kCapacity -------------------------->|
//   |<- head room ->|<---------- bytes() ---------->|<-- tail room -->|
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "beeline/base/bytes.h"

namespace beeline {

class PacketPool;

// Whether a network may cut a datagram that is larger than one of its links takes.
enum class Fragmenting : std::uint8_t {
  kAny,        // it is so small that this does not matter
  kAllowed,    // rather in pieces than not at all
  kForbidden,  // whole or not at all (IPv4's "don't fragment")
};

// Move-only. Belongs to one PacketPool and returns to it when destroyed; the pool must outlive it,
// and both live on one thread. An empty (default or moved-from) Packet has no buffer.
class Packet {
 public:
  static constexpr std::size_t kHeadRoom = 128;
  static constexpr std::size_t kMaxPayload = 2048;  // larger datagrams are refused by hosts
  static constexpr std::size_t kTailRoom = 64;
  static constexpr std::size_t kCapacity = kHeadRoom + kMaxPayload + kTailRoom;

  Packet() = default;
  Packet(Packet&& other) noexcept { swap(other); }
  Packet& operator=(Packet&& other) noexcept {
    Packet(std::move(other)).swap(*this);
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
  ~Packet();

  explicit operator bool() const { return buffer_ != nullptr; }
  std::size_t size() const { return end_ - begin_; }
  Bytes bytes() const { return {buffer_.get() + begin_, size()}; }
  MutableBytes mutable_bytes() { return {buffer_.get() + begin_, size()}; }
  std::size_t head_room() const { return begin_; }

  Fragmenting fragmenting() const { return fragmenting_; }
  void set_fragmenting(Fragmenting fragmenting) { fragmenting_ = fragmenting; }

  // Makes the content `size` bytes long from its present start; new bytes are unspecified. size <=
  // kMaxPayload.
  void resize(std::size_t size) {
    ensure(begin_ + size <= kCapacity, "packet size");
    end_ = begin_ + size;
  }
  void append(Bytes bytes);

  // Drops `count` bytes from the front (count <= size()) or grows the front by `count` (count <=
  // head_room()) and returns the new bytes, unspecified, for the caller to fill.
  void trim_front(std::size_t count) {
    ensure(count <= size(), "trim within the packet");
    begin_ += count;
  }
  MutableBytes push_front(std::size_t count) {
    ensure(count <= begin_, "head room");
    begin_ -= count;
    return {buffer_.get() + begin_, count};
  }

 private:
  friend class PacketPool;
  void swap(Packet& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(buffer_, other.buffer_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(fragmenting_, other.fragmenting_);
  }

  PacketPool* pool_ = nullptr;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Fragmenting fragmenting_ = Fragmenting::kAny;
};

// Keeps buffers for reuse: after a warm-up, making and destroying packets allocates nothing. Keeps
// at most `keep` idle buffers. One pool per thread.
class PacketPool {
 public:
  explicit PacketPool(std::size_t keep = 1024) : keep_(keep) { idle_.reserve(keep); }
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;
  ~PacketPool() { ensure(live_ == 0, "a packet outlived its pool"); }

  // An empty packet with the usual head room.
  Packet make();
  // A packet that holds a copy of `bytes` (at most Packet::kMaxPayload).
  Packet make(Bytes bytes);

  std::size_t live() const { return live_; }

 private:
  friend class Packet;
  void take_back(std::unique_ptr<std::uint8_t[]> buffer);

  std::vector<std::unique_ptr<std::uint8_t[]>> idle_;
  std::size_t keep_;
  std::size_t live_ = 0;
};

}  // namespace beeline
