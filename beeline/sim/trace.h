// What is seen of a world's packets: observers get every step, a digest of all steps is always
// kept, and text lines where somebody wants to read them. pcap.h is one such observer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/sim/ip_packet.h"

namespace beeline::sim {

class Device;
class World;

enum class Step : std::uint8_t { kSent, kTranslated, kDelivered, kDropped };

// Why a packet went no further.
enum class Drop : std::uint8_t {
  kNone,
  kLoss,  // a link's, by chance
  kLinkDown,
  kTooBig,     // larger than a link's MTU
  kQueueFull,  // a link's rate was exceeded for too long
  kPartition,
  kNoRoute,  // nobody owns the address and no router leads to it
  kHopLimit,
  kFirewall,
  kNatFiltered,  // the mapping does not admit this sender
  kNatUnmapped,  // no mapping has this port
  kNatFull,
  kNoHairpin,
  kNoSocket,   // the host is there, nobody listens
  kSuspended,  // the buffers of a suspended node are full
};

std::string_view name_of(Step step);
std::string_view name_of(Drop reason);

// One step of one packet; everything is borrowed for the call.
struct PacketEvent {
  Instant at{};
  Step step = Step::kSent;
  Drop reason = Drop::kNone;
  const Device& where;
  const IpPacket& packet;
  // kTranslated: what the addresses were before.
  TransportAddress source_before{};
  TransportAddress destination_before{};
};

using Observer = std::function<void(const PacketEvent&)>;
// Says in a few words what a payload is ("Binding request").
using Describer = std::function<std::string(const IpPacket&)>;

class Trace {
 public:
  explicit Trace(World& world) : world_(world) {}

  // Changes with every step of every packet: equal digests, equal runs.
  std::uint64_t digest() const { return digest_; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t count(Step step) const { return counts_[static_cast<std::size_t>(step)]; }

  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

  // From now on one line per step, for people.
  void keep_lines(Describer describe = {});
  const std::vector<std::string>& lines() const { return lines_; }
  std::string text() const;

  void sent(const Device& where, const IpPacket& packet);
  void translated(const Device& where, const IpPacket& packet, const TransportAddress& source,
                  const TransportAddress& destination);
  void delivered(const Device& where, const IpPacket& packet);
  void dropped(const Device& where, const IpPacket& packet, Drop reason);

 private:
  void note(const PacketEvent& event);
  void mix(std::uint64_t word);
  void mix(const TransportAddress& address);
  std::string line(const PacketEvent& event) const;

  World& world_;
  std::uint64_t digest_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t counts_[4]{};
  std::vector<Observer> observers_;
  bool keeps_lines_ = false;
  Describer describe_;
  std::vector<std::string> lines_;
};

}  // namespace beeline::sim
