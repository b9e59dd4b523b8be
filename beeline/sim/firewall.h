// A packet filter: what it lets out, what it lets in, and the flows it remembers for that. Silent
// about what it refuses.
#pragma once

#include <cstdint>
#include <map>

#include "beeline/base/instant.h"
#include "beeline/sim/ip_packet.h"

namespace beeline::sim {

struct FirewallProfile {
  enum class Outbound : std::uint8_t { kAll, kNoUdp, kOnlyTcp443, kNothing };
  enum class Inbound : std::uint8_t {
    kAll,
    kAnswers,  // only to what was sent from inside, to the same address and port
  };
  Outbound outbound = Outbound::kAll;
  Inbound inbound = Inbound::kAll;
  // Since the last packet of either side.
  Duration udp_lifetime{std::chrono::minutes(2)};
  Duration tcp_lifetime{std::chrono::minutes(124)};
};

class Firewall {
 public:
  explicit Firewall(const FirewallProfile& profile) : profile_(profile) {}

  // New rules; what was let out under the old ones is no excuse.
  void set_profile(const FirewallProfile& profile) { profile_ = profile; }

  // What is to be known of a packet without a memory, in either direction.
  bool allows(Protocol protocol, Port remote) const;
  // Both remember the flow where they let the packet pass.
  bool lets_out(const IpPacket& packet, Instant now);
  bool lets_in(const IpPacket& packet, Instant now);
  void forget_everything() { flows_.clear(); }

 private:
  struct Flow {
    Protocol protocol = Protocol::kUdp;
    TransportAddress inside{};
    TransportAddress remote{};
    auto operator<=>(const Flow&) const = default;
  };
  Duration lifetime(Protocol protocol) const;
  void sweep(Instant now);

  FirewallProfile profile_;
  std::map<Flow, Instant> flows_;  // until when
  Instant next_sweep_{};
};

}  // namespace beeline::sim
