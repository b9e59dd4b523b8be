// Joins an inside segment to an outside one: plain, as a firewall, as a NAT, as a NAT64, or several
// of these. A home NAT behind a carrier's NAT is two routers in a row.
#pragma once

#include <optional>
#include <string>

#include "beeline/sim/device.h"
#include "beeline/sim/firewall.h"
#include "beeline/sim/link.h"
#include "beeline/sim/nat.h"

namespace beeline::sim {

struct RouterProfile {
  // Translates IPv4 from inside; none: IPv4 is routed. IPv6 is always routed, save by a NAT64.
  std::optional<NatProfile> nat{};
  // IPv6 from inside to 64:ff9b::/96 becomes IPv4 outside (RFC 6146), by `nat`'s rules; names of
  // IPv4 alone get addresses there for the nodes inside (DNS64, RFC 6147).
  bool nat64 = false;
  // Applies to all; its inbound side only to what is not translated, where the NAT filters.
  FirewallProfile firewall{};
};

class Router final : public Device {
 public:
  Router(World& world, std::string name, DeviceIndex index, const RouterProfile& profile,
         Segment& inside, Segment& outside);

  Link& inside() { return inside_; }
  Link& outside() const { return outside_; }
  bool does_nat64() const { return profile_.nat64; }
  // Null without a NAT or before its outside link has an IPv4 address.
  const Nat* nat() const { return nat_ ? &*nat_ : nullptr; }

  // Forgets mappings and flows, as after a loss of power (links stay up).
  void reboot();
  void set_firewall(const FirewallProfile& profile) { firewall_.set_profile(profile); }

  // Whether packets for `ip` that come from outside are routed in, without a translation.
  bool leads_inside(const IpAddress& ip) const;

  void receive(Link* link, IpPacket packet) override;
  void addresses_changed(Link& link) override;

 private:
  void outbound(IpPacket packet);
  void inbound(IpPacket packet);
  void translate_outbound(IpPacket packet);
  void refuse(const IpPacket& packet);

  RouterProfile profile_;
  Link& inside_;
  Link& outside_;
  std::optional<Nat> nat_;
  Firewall firewall_;
  int nats_made_ = 0;
};

}  // namespace beeline::sim
