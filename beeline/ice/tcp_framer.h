// Packets on a TCP stream between two ICE agents (RFC 4571, for the candidates of RFC 6544). No
// sockets, no meaning.
//
//   0                   1
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//  |            LENGTH             |  packet ..
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/packet.h"

namespace beeline::ice {

inline constexpr std::size_t kTcpFrameHeader = 2;

// What comes on one stream. Holds at most one frame that is not complete yet; a frame that no
// packet can hold is skipped, so that the other side's length fields decide nothing about memory.
class TcpFramer {
 public:
  // `packets` is borrowed.
  explicit TcpFramer(PacketPool& packets) : packets_(packets) {}

  enum class Result {
    kMore,      // everything was read, and no frame is complete
    kFrame,     // take() it, then go on with what is left
    kTooLarge,  // a frame was skipped that no packet can hold
  };
  // Takes bytes from the front of `bytes`. Empty frames mean nothing and are passed over.
  Result read(Bytes& bytes);
  // The frame that was completed last.
  Packet take() { return std::move(frame_); }

 private:
  PacketPool& packets_;
  std::optional<std::uint8_t> length_head_;  // the first byte of a length whose second is to come
  std::size_t missing_ = 0;                  // bytes of the frame that have not come yet
  bool skipping_ = false;
  Packet frame_;
};

// Puts the length in front of what the packet holds: two bytes of its head room.
void push_tcp_frame_header(Packet& packet);

}  // namespace beeline::ice
