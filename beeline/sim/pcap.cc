#include "beeline/sim/pcap.h"

#include <array>
#include <fstream>
#include <memory>

#include "beeline/base/bytes.h"

namespace beeline::sim {
namespace {

constexpr std::uint32_t kLinkTypeRaw = 101;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolUdp = 17;

void u8(std::vector<std::uint8_t>& out, std::uint64_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
}
void u16(std::vector<std::uint8_t>& out, std::uint64_t value) {
  u8(out, value >> 8);
  u8(out, value);
}
void u32(std::vector<std::uint8_t>& out, std::uint64_t value) {
  u16(out, value >> 16);
  u16(out, value);
}
void append(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint8_t protocol_number(const IpPacket& packet) {
  return packet.protocol == Protocol::kUdp ? kProtocolUdp : kProtocolTcp;
}

//= RFC 1071 §1
std::uint32_t sum(Bytes bytes, std::uint32_t from = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    from += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  while (from > 0xFFFF) from = (from & 0xFFFF) + (from >> 16);
  return from;
}

void patch(std::vector<std::uint8_t>& bytes, std::size_t offset, std::uint32_t total) {
  const std::uint32_t checksum = ~total & 0xFFFF;
  bytes[offset] = static_cast<std::uint8_t>(checksum >> 8);
  bytes[offset + 1] = static_cast<std::uint8_t>(checksum);
}

std::vector<std::uint8_t> transport(const IpPacket& packet) {
  std::vector<std::uint8_t> out;
  u16(out, packet.source.port.value);
  u16(out, packet.destination.port.value);
  if (packet.protocol == Protocol::kUdp) {
    u16(out, 8 + packet.payload.size());
    u16(out, 0);
  } else {
    const TcpHeader& tcp = packet.tcp;
    u32(out, tcp.sequence);
    u32(out, tcp.ack ? tcp.acknowledgment : 0);
    u8(out, 5 << 4);
    u8(out, unsigned{tcp.ack} << 4 | unsigned{tcp.rst} << 2 | unsigned{tcp.syn} << 1 |
                unsigned{tcp.fin});
    u16(out, 0xFFFF);
    u32(out, 0);
  }
  append(out, packet.payload.bytes());

  std::vector<std::uint8_t> pseudo;
  append(pseudo, packet.source.ip.bytes());
  append(pseudo, packet.destination.ip.bytes());
  u32(pseudo, out.size());
  u32(pseudo, protocol_number(packet));
  const std::size_t offset = packet.protocol == Protocol::kUdp ? 6 : 16;
  patch(out, offset, sum(out, sum(pseudo)));
  //= RFC 768
  if (packet.protocol == Protocol::kUdp && out[6] == 0 && out[7] == 0) out[6] = out[7] = 0xFF;
  return out;
}

void write_packet(std::ofstream& file, const PacketEvent& event) {
  if (event.step != Step::kSent && event.step != Step::kTranslated) return;
  const std::vector<std::uint8_t> packet = wire_bytes(event.packet);
  const auto at = static_cast<std::uint64_t>(event.at.since_start.count());
  std::vector<std::uint8_t> record;
  u32(record, at / 1'000'000);
  u32(record, at % 1'000'000);
  u32(record, packet.size());
  u32(record, packet.size());
  append(record, packet);
  const auto text = as_text(record);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace

std::vector<std::uint8_t> wire_bytes(const IpPacket& packet) {
  const std::vector<std::uint8_t> inner = transport(packet);
  std::vector<std::uint8_t> out;
  if (packet.source.ip.is_v4()) {
    u16(out, 0x4500);
    u16(out, 20 + inner.size());
    u32(out, 0x00004000);  // identification 0, don't fragment
    u8(out, packet.hop_limit);
    u8(out, protocol_number(packet));
    u16(out, 0);
  } else {
    u32(out, 0x60000000);
    u16(out, inner.size());
    u8(out, protocol_number(packet));
    u8(out, packet.hop_limit);
  }
  append(out, packet.source.ip.bytes());
  append(out, packet.destination.ip.bytes());
  if (packet.source.ip.is_v4()) patch(out, 10, sum(out));
  append(out, inner);
  return out;
}

void capture(Trace& trace, const std::string& path) {
  auto file = std::make_shared<std::ofstream>(path, std::ios::binary | std::ios::trunc);
  std::vector<std::uint8_t> header;
  u32(header, 0xA1B2C3D4);
  u16(header, 2);
  u16(header, 4);
  u32(header, 0);
  u32(header, 0);
  u32(header, 0x0000FFFF);
  u32(header, kLinkTypeRaw);
  const auto text = as_text(header);
  file->write(text.data(), static_cast<std::streamsize>(text.size()));
  ensure(file->good(), "the capture can be written");
  trace.observe([file](const PacketEvent& event) { write_packet(*file, event); });
}

}  // namespace beeline::sim
