// Cuts the byte stream of a TCP or TLS client into STUN messages and ChannelData, and prepares what
// goes the other way (RFC 8489 §6.2.2, RFC 8656 §12.5). No sockets, no TLS, no meaning.
#pragma once

#include <array>
#include <cstdint>

#include "beeline/base/packet.h"

namespace beeline::turn {

// One client's stream. Holds at most one frame that is not complete yet; a frame that no packet can
// hold is skipped, so that a client's length fields decide nothing about memory.
class StreamFramer {
 public:
  // `packets` is borrowed.
  explicit StreamFramer(PacketPool& packets) : packets_(packets) {}

  enum class Result {
    kMore,      // everything was read, and no frame is complete
    kFrame,     // take() it, then go on with what is left
    kTooLarge,  // a frame was skipped that no packet can hold
    kBroken,    // neither STUN nor ChannelData: nothing after it can be told apart any more
  };
  // Takes bytes from the front of `bytes`.
  Result read(Bytes& bytes);
  // The frame that was completed last, ChannelData with its padding.
  Packet take() { return std::move(frame_); }

 private:
  bool read_head(Bytes& bytes);
  bool start_frame();

  PacketPool& packets_;
  std::array<std::uint8_t, 8> head_{};  // enough of a frame to know its kind and its size
  std::size_t head_size_ = 0;
  std::size_t missing_ = 0;  // bytes of the frame that have not come yet
  bool skipping_ = false;
  Packet frame_;
};

// Pads what a server sends to a stream client to a multiple of four.
void pad_for_stream(Packet& packet);

}  // namespace beeline::turn
