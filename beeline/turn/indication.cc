#include "beeline/turn/indication.h"

#include <algorithm>
#include <array>

namespace beeline::turn {

using stun::AttributeType;

//= RFC 8656 §11.1, §11.3
void push_indication(Packet& packet, stun::Method method, const TransportAddress& peer,
                     const stun::TransactionId& id) {
  const std::size_t length = packet.size();
  ByteWriter data_header(packet.push_front(4));
  data_header.u16(static_cast<std::uint16_t>(AttributeType::kData));
  data_header.u16(static_cast<std::uint16_t>(length));
  constexpr std::array<std::uint8_t, 3> kZeros{};
  packet.append(Bytes(kZeros).first((4 - length % 4) % 4));
  std::array<std::uint8_t, kIndicationHead> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kIndication, method, id);
  stun::add_xor_address(writer, AttributeType::kXorPeerAddress, peer);
  const std::size_t attributes = writer.bytes().size() - stun::kHeaderSize + packet.size();
  const MutableBytes head = packet.push_front(writer.bytes().size());
  std::ranges::copy(writer.bytes(), head.begin());
  ByteWriter(head.subspan(2, 2)).u16(static_cast<std::uint16_t>(attributes));
}

}  // namespace beeline::turn
