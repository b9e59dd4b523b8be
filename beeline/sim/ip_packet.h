// What travels in a world: one IP packet with UDP or TCP inside. Headers are fields, not bytes;
// pcap.h alone knows how they look on a wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "beeline/base/address.h"
#include "beeline/base/packet.h"

namespace beeline::sim {

enum class Protocol : std::uint8_t { kUdp, kTcp };

// Which device of the world, in the order they were made.
struct DeviceIndex {
  std::uint32_t value = 0;
  auto operator<=>(const DeviceIndex&) const = default;
};

// Offsets instead of sequence numbers: SYN is at 0, the first byte at 1, nothing wraps.
struct TcpHeader {
  std::uint64_t sequence = 0;
  std::uint64_t acknowledgment = 0;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
};

struct IpPacket {
  Protocol protocol = Protocol::kUdp;
  TransportAddress source{};
  TransportAddress destination{};
  TcpHeader tcp{};  // where protocol is kTcp
  std::uint8_t hop_limit = 64;
  DeviceIndex origin{};  // who sent it first; survives translation
  Packet payload{};

  // IP and transport headers included, as an MTU or a bit rate counts.
  std::size_t wire_size() const {
    return (source.ip.is_v4() ? 20U : 40U) + (protocol == Protocol::kUdp ? 8U : 20U) +
           payload.size();
  }

  IpPacket copy(PacketPool& pool) const {
    Packet copied = payload ? pool.make(payload.bytes()) : Packet();
    copied.set_fragmenting(payload.fragmenting());
    return {.protocol = protocol,
            .source = source,
            .destination = destination,
            .tcp = tcp,
            .hop_limit = hop_limit,
            .origin = origin,
            .payload = std::move(copied)};
  }
};

}  // namespace beeline::sim
