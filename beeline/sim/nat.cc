#include "beeline/sim/nat.h"

#include <algorithm>
#include <array>
#include <utility>

namespace beeline::sim {
namespace {

constexpr std::array<std::uint8_t, 16> kNat64Network{0x00, 0x64, 0xFF, 0x9B};
constexpr unsigned kNat64Bits = 96;
constexpr std::size_t kMostNoise = 4096;
constexpr int kRandomTries = 64;

NatProfile profile(NatBehavior mapping, NatBehavior filtering) {
  return {.mapping = mapping, .filtering = filtering};
}

TransportAddress as_v4(const TransportAddress& remote) {
  return Nat::is_nat64(remote.ip) ? TransportAddress{Nat::from_nat64(remote.ip), remote.port}
                                  : remote;
}

// How `inside` sees `remote`.
TransportAddress as_seen_by(const TransportAddress& inside, const TransportAddress& remote) {
  return inside.ip.is_v6() ? TransportAddress{Nat::to_nat64(remote.ip), remote.port} : remote;
}

}  // namespace

NatProfile NatProfile::full_cone() {
  return profile(NatBehavior::kEndpointIndependent, NatBehavior::kEndpointIndependent);
}
NatProfile NatProfile::address_restricted() {
  return profile(NatBehavior::kEndpointIndependent, NatBehavior::kAddressDependent);
}
NatProfile NatProfile::port_restricted() {
  return profile(NatBehavior::kEndpointIndependent, NatBehavior::kAddressAndPortDependent);
}
NatProfile NatProfile::symmetric() {
  return profile(NatBehavior::kAddressAndPortDependent, NatBehavior::kAddressAndPortDependent);
}

bool Nat::is_nat64(const IpAddress& ip) {
  return ip.in_prefix(IpAddress::v6(kNat64Network), kNat64Bits);
}

//= RFC 6052 §2.2
IpAddress Nat::to_nat64(const IpAddress& v4) {
  std::array<std::uint8_t, 16> octets = kNat64Network;
  std::copy_n(v4.bytes().begin(), 4, octets.begin() + 12);
  return IpAddress::v6(octets);
}

IpAddress Nat::from_nat64(const IpAddress& v6) {
  return *IpAddress::from_bytes(v6.bytes().last(4));
}

Nat::Nat(const NatProfile& profile, const IpAddress& outside, Random random)
    : profile_(profile), outside_(outside), random_(std::move(random)) {
  ensure(outside.is_v4(), "a NAT's outside is IPv4");
  ensure(profile.first_port <= profile.last_port && profile.first_port.value > 0, "ports");
  forget_everything();
}

void Nat::forget_everything() {
  mappings_.clear();
  by_port_.clear();
  by_scope_.clear();
  by_flow_.clear();
  noise_.clear();
  const auto count =
      static_cast<std::uint32_t>(profile_.last_port.value) - profile_.first_port.value + 1;
  last_sequential_ = {static_cast<std::uint16_t>(profile_.first_port.value + random_.below(count))};
}

std::size_t Nat::mappings(Instant now) const {
  return static_cast<std::size_t>(
      std::count_if(mappings_.begin(), mappings_.end(),
                    [&](const auto& entry) { return entry.second.expires > now; }));
}

Nat::OutsidePort Nat::outside_port(Protocol protocol, Port port) {
  return static_cast<OutsidePort>(protocol) << 16 | port.value;
}

//= RFC 4787 §4.1
TransportAddress Nat::scope_of(const TransportAddress& remote) const {
  switch (profile_.mapping) {
    case NatBehavior::kEndpointIndependent:
      return {};
    case NatBehavior::kAddressDependent:
      return {remote.ip, Port{}};
    case NatBehavior::kAddressAndPortDependent:
      return remote;
  }
  return {};
}

// --- packets -------------------------------------------------------------------------------------

Drop Nat::translate_outbound(IpPacket& packet, Instant now) {
  sweep(now);
  const TransportAddress remote = as_v4(packet.destination);
  const bool turns_around = remote.ip == outside_;
  if (turns_around && !profile_.hairpinning) return Drop::kNoHairpin;
  Mapping* const to = turns_around ? of_port(packet.protocol, remote.port, now) : nullptr;
  if (turns_around && to == nullptr) return Drop::kNatUnmapped;
  Mapping* const from = leaving(packet.protocol, packet.source, remote, now);
  if (from == nullptr || !note_call(*from, remote, packet, now)) return Drop::kNatFull;
  const TransportAddress source{outside_, from->port};
  packet.source = source;
  packet.destination = remote;
  if (!turns_around) return Drop::kNone;
  //= RFC 4787 §6
  note_admitted(*to, source, packet, now);
  packet.source = as_seen_by(to->inside, source);
  packet.destination = to->inside;
  return Drop::kNone;
}

Drop Nat::translate_inbound(IpPacket& packet, Instant now) {
  sweep(now);
  Mapping* const mapping = of_port(packet.protocol, packet.destination.port, now);
  if (mapping == nullptr) return unsolicited(packet, Drop::kNatUnmapped, now);
  if (!admits(*mapping, packet.source, now)) return unsolicited(packet, Drop::kNatFiltered, now);
  note_admitted(*mapping, packet.source, packet, now);
  packet.source = as_seen_by(mapping->inside, packet.source);
  packet.destination = mapping->inside;
  return Drop::kNone;
}

//= RFC 4787 §5
bool Nat::admits(const Mapping& mapping, const TransportAddress& remote, Instant now) const {
  if (profile_.filtering == NatBehavior::kEndpointIndependent) return true;
  const bool any_port = profile_.filtering == NatBehavior::kAddressDependent;
  return std::any_of(mapping.contacts.begin(), mapping.contacts.end(), [&](const Contact& contact) {
    return contact.called && contact.expires > now && contact.remote.ip == remote.ip &&
           (any_port || contact.remote.port == remote.port);
  });
}

// --- finding and making mappings -----------------------------------------------------------------

Nat::Mapping* Nat::find(MappingId id, Instant now) {
  const auto it = mappings_.find(id);
  if (it == mappings_.end()) return nullptr;
  if (it->second.expires > now) return &it->second;
  remove(id);
  return nullptr;
}

Nat::Mapping* Nat::of_port(Protocol protocol, Port port, Instant now) {
  const auto it = by_port_.find(outside_port(protocol, port));
  return it == by_port_.end() ? nullptr : find(it->second, now);
}

Nat::Mapping* Nat::of_scope(const Flow& flow, Instant now) {
  const auto it = by_scope_.find(flow);
  return it == by_scope_.end() ? nullptr : find(it->second, now);
}

Nat::Mapping* Nat::of_flow(const Flow& flow, Instant now) {
  const auto it = by_flow_.find(flow);
  if (it == by_flow_.end()) return nullptr;
  Mapping* const mapping = find(it->second, now);
  if (mapping == nullptr) return nullptr;  // find() removed its flows
  if (known(*mapping, flow.remote, now) != nullptr) return mapping;
  by_flow_.erase(it);
  return nullptr;
}

Nat::Mapping* Nat::leaving(Protocol protocol, const TransportAddress& inside,
                           const TransportAddress& remote, Instant now) {
  const Flow flow{protocol, inside, remote};
  if (Mapping* const mapping = of_flow(flow, now)) return mapping;
  const Flow scope{protocol, inside, scope_of(remote)};
  Mapping* mapping = of_scope(scope, now);
  if (mapping == nullptr) {
    mapping = make(protocol, inside, scope.remote, now);
    if (mapping == nullptr) return nullptr;
    by_scope_[scope] = mapping->id;
  }
  if (!is_noise(*mapping, remote, now)) return mapping;
  // The port is spoilt towards this remote: the flow moves to a port of its own.
  Mapping* const own = make(protocol, inside, remote, now);
  if (own == nullptr || meet(*own, remote, now) == nullptr) return nullptr;
  by_flow_[flow] = own->id;
  return own;
}

Nat::Mapping* Nat::make(Protocol protocol, const TransportAddress& inside,
                        const TransportAddress& scope, Instant now) {
  const auto port = free_port(protocol, inside.port);
  if (!port) return nullptr;
  const MappingId id = next_id_++;
  by_port_[outside_port(protocol, *port)] = id;
  return &mappings_
              .emplace(id, Mapping{.id = id,
                                   .protocol = protocol,
                                   .inside = inside,
                                   .scope = scope,
                                   .port = *port,
                                   .expires = now + profile_.udp_lifetime,
                                   .contacts = {}})
              .first->second;
}

bool Nat::is_free(Protocol protocol, Port port) const {
  return !by_port_.contains(outside_port(protocol, port));
}

//= RFC 4787 §4.2
std::optional<Port> Nat::free_port(Protocol protocol, Port inside) {
  const std::uint32_t first = profile_.first_port.value;
  const std::uint32_t count = profile_.last_port.value - first + 1;
  const auto nth = [&](std::uint32_t n) {
    return Port{static_cast<std::uint16_t>(first + n % count)};
  };
  if (profile_.ports == PortAllocation::kPreserving && is_free(protocol, inside)) return inside;
  if (profile_.ports == PortAllocation::kSequential) {
    for (std::uint32_t i = 0; i < count; ++i) {
      last_sequential_ = nth(last_sequential_.value - first + profile_.sequential_step);
      if (is_free(protocol, last_sequential_)) return last_sequential_;
    }
    return std::nullopt;
  }
  for (int i = 0; i < kRandomTries; ++i)
    if (const Port port = nth(random_.below(count)); is_free(protocol, port)) return port;
  for (std::uint32_t i = 0; i < count; ++i)
    if (is_free(protocol, nth(i))) return nth(i);
  return std::nullopt;
}

// --- contacts ------------------------------------------------------------------------------------

Nat::Contact* Nat::known(Mapping& mapping, const TransportAddress& remote, Instant now) {
  for (Contact& contact : mapping.contacts)
    if (contact.remote == remote) return contact.expires > now ? &contact : nullptr;
  return nullptr;
}

Nat::Contact* Nat::meet(Mapping& mapping, const TransportAddress& remote, Instant now) {
  if (Contact* const contact = known(mapping, remote, now)) return contact;
  auto& contacts = mapping.contacts;
  // Whoever has expired goes when the list has doubled, and the remote itself in any case.
  const bool tidy = contacts.size() >= 64 && (contacts.size() & (contacts.size() - 1)) == 0;
  std::erase_if(contacts, [&](const Contact& contact) {
    const bool gone = contact.remote == remote || (tidy && contact.expires <= now);
    if (gone) {
      const auto flow = by_flow_.find({mapping.protocol, mapping.inside, contact.remote});
      if (flow != by_flow_.end() && flow->second == mapping.id) by_flow_.erase(flow);
    }
    return gone;
  });
  if (contacts.size() >= profile_.most_contacts) return nullptr;
  return &contacts.emplace_back(Contact{.remote = remote, .expires = now + profile_.udp_lifetime});
}

bool Nat::note_call(Mapping& mapping, const TransportAddress& remote, const IpPacket& packet,
                    Instant now) {
  Contact* const contact = meet(mapping, remote, now);
  if (contact == nullptr) return false;
  contact->called = true;
  if (packet.protocol == Protocol::kTcp) {
    note_tcp(mapping, *contact, packet.tcp, now);
  } else {
    //= RFC 4787 §4.3
    contact->expires = mapping.expires = now + profile_.udp_lifetime;
  }
  return true;
}

void Nat::note_admitted(Mapping& mapping, const TransportAddress& remote, const IpPacket& packet,
                        Instant now) {
  // The answer leaves by the mapping that the question came through, whatever the mapping behavior
  // says: connection tracking knows the flow already.
  Contact* const contact = meet(mapping, remote, now);
  if (contact == nullptr) return;
  by_flow_[{mapping.protocol, mapping.inside, remote}] = mapping.id;
  if (packet.protocol == Protocol::kTcp) {
    note_tcp(mapping, *contact, packet.tcp, now);
  } else if (!contact->called) {
    contact->expires = now + profile_.udp_lifetime;
  }
}

//= RFC 5382 §5
void Nat::note_tcp(Mapping& mapping, Contact& contact, const TcpHeader& tcp, Instant now) {
  if (tcp.syn && !tcp.ack) contact.established = contact.closing = false;
  if (tcp.ack && !tcp.syn) contact.established = true;
  if (tcp.fin || tcp.rst) contact.closing = true;
  contact.expires =
      now + (contact.established && !contact.closing ? profile_.tcp_lifetime
                                                     : profile_.tcp_transitory_lifetime);
  mapping.expires = contact.expires;
  for (const Contact& other : mapping.contacts)
    mapping.expires = std::max(mapping.expires, other.expires);
}

// --- noise, and what is over ---------------------------------------------------------------------

Drop Nat::unsolicited(const IpPacket& packet, Drop reason, Instant now) {
  const std::pair key(outside_port(packet.protocol, packet.destination.port), packet.source);
  if (profile_.noisy && (noise_.size() < kMostNoise || noise_.contains(key)))
    noise_[key] = now + profile_.noise_lifetime;
  return reason;
}

bool Nat::is_noise(const Mapping& mapping, const TransportAddress& remote, Instant now) const {
  const auto it = noise_.find({outside_port(mapping.protocol, mapping.port), remote});
  return it != noise_.end() && it->second > now;
}

void Nat::sweep(Instant now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + profile_.udp_lifetime;
  std::vector<MappingId> expired;
  for (const auto& [id, mapping] : mappings_)
    if (mapping.expires <= now) expired.push_back(id);
  for (const MappingId id : expired) remove(id);
  std::erase_if(noise_, [&](const auto& entry) { return entry.second <= now; });
}

void Nat::remove(MappingId id) {
  const auto it = mappings_.find(id);
  const Mapping& mapping = it->second;
  by_port_.erase(outside_port(mapping.protocol, mapping.port));
  const auto scope = by_scope_.find({mapping.protocol, mapping.inside, mapping.scope});
  if (scope != by_scope_.end() && scope->second == id) by_scope_.erase(scope);
  for (const Contact& contact : mapping.contacts) {
    const auto flow = by_flow_.find({mapping.protocol, mapping.inside, contact.remote});
    if (flow != by_flow_.end() && flow->second == id) by_flow_.erase(flow);
  }
  mappings_.erase(it);
}

}  // namespace beeline::sim
