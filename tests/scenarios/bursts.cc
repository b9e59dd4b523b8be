#include "tests/scenarios/bursts.h"

#include <algorithm>
#include <bit>

namespace beeline::scenarios {
namespace {

// What Linux counts against a socket's buffer for a datagram: its memory, in powers of two, with
// room for headers and for what it keeps of a packet.
std::size_t counted(std::size_t datagram) {
  constexpr std::size_t kBeside = 384;
  constexpr std::size_t kOfPacket = 256;
  return std::bit_ceil(datagram + kBeside) + kOfPacket;
}

}  // namespace

Bursts::Bursts(sim::World& world) {
  world.trace().observe([this](const sim::PacketEvent& event) {
    if (event.step == sim::Step::kSent && event.packet.protocol == sim::Protocol::kUdp)
      on_sent(event);
  });
}

void Bursts::on_sent(const sim::PacketEvent& event) {
  const Flow flow{event.where.index(), event.packet.source, event.packet.destination};
  Burst& burst = last_[flow];
  if (burst.at != event.at) burst = {.at = event.at};
  burst.bytes += counted(event.packet.payload.bytes().size());
  std::size_t& largest = largest_[flow.device];
  largest = std::max(largest, burst.bytes);
}

std::size_t Bursts::largest_of(const sim::Node& node) const {
  const auto found = largest_.find(node.index());
  return found == largest_.end() ? 0 : found->second;
}

}  // namespace beeline::scenarios
