// ChannelData framing (RFC 8656 §12.4), in place at the front of a packet.
//
//   0                   1                   2                   3
//  |         Channel Number        |            Length             |
//  |                       Application Data                       ..
#pragma once

#include <optional>

#include "beeline/base/packet.h"
#include "beeline/stun/attributes.h"

namespace beeline::turn {

inline constexpr std::size_t kChannelHeader = 4;

struct ChannelFrame {
  stun::ChannelNumber channel;
  std::size_t length = 0;  // of the application data
};

// Reads the header of a datagram; none where it is no ChannelData or is shorter than it says. Over
// UDP padding may follow.
inline std::optional<ChannelFrame> read_channel_frame(Bytes datagram) {
  ByteReader reader(datagram);
  const ChannelFrame frame{stun::ChannelNumber{reader.u16()}, reader.u16()};
  if (!reader.ok() || !frame.channel.is_acceptable() || frame.length > reader.remaining())
    return std::nullopt;
  return frame;
}

// Puts the header in front of what the packet holds.
inline void push_channel_header(Packet& packet, stun::ChannelNumber channel) {
  const std::size_t length = packet.size();
  ByteWriter writer(packet.push_front(kChannelHeader));
  writer.u16(channel.value);
  writer.u16(static_cast<std::uint16_t>(length));
}

}  // namespace beeline::turn
