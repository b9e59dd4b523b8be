#include "beeline/ice/tcp_framer.h"

#include <algorithm>
#include <utility>

namespace beeline::ice {

//= RFC 4571 §2
TcpFramer::Result TcpFramer::read(Bytes& bytes) {
  while (!bytes.empty()) {
    if (missing_ == 0) {
      const std::uint8_t byte = bytes[0];
      bytes = bytes.subspan(1);
      if (!length_head_) {
        length_head_ = byte;
        continue;
      }
      missing_ = static_cast<std::size_t>(*std::exchange(length_head_, std::nullopt)) << 8 | byte;
      skipping_ = missing_ > Packet::kMaxPayload;
      if (missing_ > 0 && !skipping_) frame_ = packets_.make();
      continue;
    }
    const std::size_t count = std::min(missing_, bytes.size());
    if (!skipping_) frame_.append(bytes.first(count));
    bytes = bytes.subspan(count);
    missing_ -= count;
    if (missing_ == 0) return skipping_ ? Result::kTooLarge : Result::kFrame;
  }
  return Result::kMore;
}

void push_tcp_frame_header(Packet& packet) {
  const auto length = static_cast<std::uint16_t>(packet.size());
  ByteWriter(packet.push_front(kTcpFrameHeader)).u16(length);
}

}  // namespace beeline::ice
