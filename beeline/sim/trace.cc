#include "beeline/sim/trace.h"

#include <bit>
#include <utility>

#include <fmt/format.h>

#include "beeline/sim/world.h"

namespace beeline::sim {

std::string_view name_of(Step step) {
  switch (step) {
    case Step::kSent:
      return "sent";
    case Step::kTranslated:
      return "translated";
    case Step::kDelivered:
      return "delivered";
    case Step::kDropped:
      return "dropped";
  }
  return "?";
}

std::string_view name_of(Drop reason) {
  switch (reason) {
    case Drop::kNone:
      return "";
    case Drop::kLoss:
      return "loss";
    case Drop::kLinkDown:
      return "link down";
    case Drop::kTooBig:
      return "larger than the MTU";
    case Drop::kQueueFull:
      return "queue full";
    case Drop::kPartition:
      return "partition";
    case Drop::kNoRoute:
      return "no route";
    case Drop::kHopLimit:
      return "hop limit";
    case Drop::kFirewall:
      return "firewall";
    case Drop::kNatFiltered:
      return "NAT filter";
    case Drop::kNatUnmapped:
      return "no NAT mapping";
    case Drop::kNatFull:
      return "NAT full";
    case Drop::kNoHairpin:
      return "no hairpinning";
    case Drop::kNoSocket:
      return "no socket";
    case Drop::kSuspended:
      return "suspended";
  }
  return "?";
}

void Trace::keep_lines(Describer describe) {
  keeps_lines_ = true;
  describe_ = std::move(describe);
}

std::string Trace::text() const {
  std::string all;
  for (const std::string& line : lines_) all += line + "\n";
  return all;
}

void Trace::sent(const Device& where, const IpPacket& packet) {
  for (Bytes rest = packet.payload.bytes(); !rest.empty();) {
    std::uint64_t word = 0;
    const std::size_t count = std::min<std::size_t>(rest.size(), 8);
    for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{rest[i]} << (8 * i);
    mix(word);
    rest = rest.subspan(count);
  }
  note({.at = world_.now(), .step = Step::kSent, .where = where, .packet = packet});
}

void Trace::translated(const Device& where, const IpPacket& packet, const TransportAddress& source,
                       const TransportAddress& destination) {
  note({.at = world_.now(),
        .step = Step::kTranslated,
        .where = where,
        .packet = packet,
        .source_before = source,
        .destination_before = destination});
}

void Trace::delivered(const Device& where, const IpPacket& packet) {
  note({.at = world_.now(), .step = Step::kDelivered, .where = where, .packet = packet});
}

void Trace::dropped(const Device& where, const IpPacket& packet, Drop reason) {
  note({.at = world_.now(),
        .step = Step::kDropped,
        .reason = reason,
        .where = where,
        .packet = packet});
}

void Trace::mix(std::uint64_t word) {
  // Multiplying by an odd constant and rotating keeps every bit and spreads it.
  digest_ = std::rotl((digest_ ^ word) * 0x9E3779B97F4A7C15U, 29);
}

void Trace::mix(const TransportAddress& address) {
  ByteReader reader(address.ip.bytes());
  if (address.ip.is_v4()) return mix(std::uint64_t{reader.u32()} << 16 | address.port.value);
  mix(reader.u64());
  mix(reader.u64());
  mix(address.port.value);
}

void Trace::note(const PacketEvent& event) {
  const IpPacket& packet = event.packet;
  ++steps_;
  ++counts_[static_cast<std::size_t>(event.step)];
  mix(static_cast<std::uint64_t>(event.at.since_start.count()));
  mix(std::uint64_t{event.where.index().value} << 32 |
      static_cast<std::uint64_t>(event.step) << 24 |
      static_cast<std::uint64_t>(event.reason) << 16 | packet.payload.size());
  mix(packet.source);
  mix(packet.destination);
  if (packet.protocol == Protocol::kTcp) {
    const TcpHeader& tcp = packet.tcp;
    mix(tcp.sequence);
    mix(tcp.acknowledgment << 4 | unsigned{tcp.syn} << 3 | unsigned{tcp.ack} << 2 |
        unsigned{tcp.fin} << 1 | unsigned{tcp.rst});
  }
  for (const Observer& observer : observers_) observer(event);
  if (keeps_lines_) lines_.push_back(line(event));
}

std::string Trace::line(const PacketEvent& event) const {
  const IpPacket& packet = event.packet;
  const std::string who = event.step == Step::kDelivered
                              ? world_.device(packet.origin).name() + " -> " + event.where.name()
                              : event.where.name();
  const auto at = event.at.since_start.count();
  std::string text =
      fmt::format("{:>4}.{:06} {:<10} {:<24} {} {} > {} {} bytes", at / 1'000'000, at % 1'000'000,
                  name_of(event.step), who, packet.protocol == Protocol::kUdp ? "udp" : "tcp",
                  packet.source.to_string(), packet.destination.to_string(), packet.payload.size());
  if (packet.protocol == Protocol::kTcp)
    text += fmt::format(" {}{}{}{} seq {} ack {}", packet.tcp.syn ? "S" : "",
                        packet.tcp.fin ? "F" : "", packet.tcp.rst ? "R" : "",
                        packet.tcp.ack ? "." : "", packet.tcp.sequence, packet.tcp.acknowledgment);
  if (event.step == Step::kTranslated)
    text += fmt::format(" (was {} > {})", event.source_before.to_string(),
                        event.destination_before.to_string());
  if (event.step == Step::kDropped) text += fmt::format(" [{}]", name_of(event.reason));
  if (describe_)
    if (const std::string what = describe_(packet); !what.empty()) text += " " + what;
  return text;
}

}  // namespace beeline::sim
