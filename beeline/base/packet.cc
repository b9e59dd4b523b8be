#include "beeline/base/packet.h"

namespace beeline {

Packet::~Packet() {
  if (buffer_) pool_->take_back(std::move(buffer_));
}

void Packet::append(Bytes bytes) {
  const std::size_t old_size = size();
  resize(old_size + bytes.size());
  if (!bytes.empty()) std::memcpy(buffer_.get() + begin_ + old_size, bytes.data(), bytes.size());
}

Packet PacketPool::make() {
  Packet packet;
  packet.pool_ = this;
  if (idle_.empty()) {
    packet.buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(Packet::kCapacity);
  } else {
    packet.buffer_ = std::move(idle_.back());
    idle_.pop_back();
  }
  packet.begin_ = packet.end_ = Packet::kHeadRoom;
  ++live_;
  return packet;
}

Packet PacketPool::make(Bytes bytes) {
  Packet packet = make();
  packet.append(bytes);
  return packet;
}

void PacketPool::take_back(std::unique_ptr<std::uint8_t[]> buffer) {
  --live_;
  if (idle_.size() < keep_) idle_.push_back(std::move(buffer));
}

}  // namespace beeline
