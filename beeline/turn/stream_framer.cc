#include "beeline/turn/stream_framer.h"

#include <algorithm>
#include <utility>

#include "beeline/stun/message.h"
#include "beeline/turn/channel_data.h"

namespace beeline::turn {
namespace {

std::size_t padded(std::size_t size) {
  return (size + 3) / 4 * 4;
}

// How much of a frame must be there to know its kind and its size; 0 where its first byte starts
// neither.
std::size_t head_wanted(std::uint8_t first) {
  if (first < 4) return 8;  // STUN's type, length and magic cookie
  return (first & 0xC0) == 0x40 ? kChannelHeader : 0;
}

}  // namespace

// Fills head_; false where it is not complete yet or, with head_size_ 0, where it cannot be.
bool StreamFramer::read_head(Bytes& bytes) {
  while (!bytes.empty()) {
    const std::size_t wanted = head_wanted(head_size_ == 0 ? bytes[0] : head_[0]);
    if (wanted == 0) return false;
    const std::size_t count = std::min(wanted - head_size_, bytes.size());
    std::copy_n(bytes.begin(), count, head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
    head_size_ += count;
    bytes = bytes.subspan(count);
    if (head_size_ == wanted) return true;
  }
  return false;
}

// Knows from the head what comes; false where it is no frame at all.
bool StreamFramer::start_frame() {
  const Bytes head = Bytes(head_).first(head_size_);
  ByteReader reader(head);
  reader.skip(2);
  const std::size_t length = reader.u16();
  std::size_t size = 0;
  if (head_[0] < 4) {
    //= RFC 8489 §6.2.2
    // Over a stream nothing but its length field says where a message ends, so one that cannot be
    // STUN ends the conversation.
    if (reader.u32() != stun::kMagicCookie || length % 4 != 0) return false;
    size = stun::kHeaderSize + length;
  } else {
    //= RFC 8656 §12.5
    size = kChannelHeader + padded(length);
  }
  missing_ = size - head.size();
  skipping_ = size > Packet::kMaxPayload;
  if (!skipping_) frame_ = packets_.make(head);
  head_size_ = 0;
  return true;
}

StreamFramer::Result StreamFramer::read(Bytes& bytes) {
  if (missing_ == 0) {
    if (bytes.empty()) return Result::kMore;
    if (!read_head(bytes)) return bytes.empty() ? Result::kMore : Result::kBroken;
    if (!start_frame()) return Result::kBroken;
  }
  const std::size_t count = std::min(missing_, bytes.size());
  if (!skipping_) frame_.append(bytes.first(count));
  bytes = bytes.subspan(count);
  missing_ -= count;
  if (missing_ > 0) return Result::kMore;
  return std::exchange(skipping_, false) ? Result::kTooLarge : Result::kFrame;
}

//= RFC 8656 §12.5
void pad_for_stream(Packet& packet) {
  constexpr std::array<std::uint8_t, 3> kZeros{};
  packet.append(Bytes(kZeros).first(padded(packet.size()) - packet.size()));
}

}  // namespace beeline::turn
