#include "beeline/sim/firewall.h"

namespace beeline::sim {

bool Firewall::allows(Protocol protocol, Port remote) const {
  switch (profile_.outbound) {
    case FirewallProfile::Outbound::kAll:
      return true;
    case FirewallProfile::Outbound::kNoUdp:
      return protocol != Protocol::kUdp;
    case FirewallProfile::Outbound::kOnlyTcp443:
      return protocol == Protocol::kTcp && remote == Port{443};
    case FirewallProfile::Outbound::kNothing:
      return false;
  }
  return false;
}

Duration Firewall::lifetime(Protocol protocol) const {
  return protocol == Protocol::kUdp ? profile_.udp_lifetime : profile_.tcp_lifetime;
}

bool Firewall::lets_out(const IpPacket& packet, Instant now) {
  sweep(now);
  if (!allows(packet.protocol, packet.destination.port)) return false;
  if (profile_.inbound == FirewallProfile::Inbound::kAnswers)
    flows_[{packet.protocol, packet.source, packet.destination}] = now + lifetime(packet.protocol);
  return true;
}

bool Firewall::lets_in(const IpPacket& packet, Instant now) {
  sweep(now);
  if (!allows(packet.protocol, packet.source.port)) return false;
  if (profile_.inbound == FirewallProfile::Inbound::kAll) return true;
  const auto flow = flows_.find({packet.protocol, packet.destination, packet.source});
  if (flow == flows_.end() || flow->second <= now) return false;
  flow->second = now + lifetime(packet.protocol);
  return true;
}

void Firewall::sweep(Instant now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + profile_.udp_lifetime;
  std::erase_if(flows_, [&](const auto& flow) { return flow.second <= now; });
}

}  // namespace beeline::sim
