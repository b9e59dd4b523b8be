// A network address translator in the words of RFC 4787 (UDP) and RFC 5382 (TCP), as tables over
// packet headers: no world, no links. Where it stands is router.h's business.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/sim/ip_packet.h"
#include "beeline/sim/trace.h"

namespace beeline::sim {

// What of the remote address decides: which mapping is used, or whom a mapping lets in.
enum class NatBehavior : std::uint8_t {
  kEndpointIndependent,      // EIM, EIF
  kAddressDependent,         // ADM, ADF
  kAddressAndPortDependent,  // APDM, APDF
};

enum class PortAllocation : std::uint8_t {
  kPreserving,  // the inside port where it is free, else a random one
  kRandom,
  kSequential,  // the last one plus `sequential_step`
};

struct NatProfile {
  NatBehavior mapping = NatBehavior::kEndpointIndependent;
  NatBehavior filtering = NatBehavior::kEndpointIndependent;
  // Inside hosts reach each other by outside addresses, unfiltered, seen with outside addresses.
  bool hairpinning = true;
  PortAllocation ports = PortAllocation::kRandom;
  std::uint16_t sequential_step = 1;
  Port first_port{1024};
  Port last_port{65535};
  // Since the last packet from inside (RFC 4787 REQ-5 and REQ-6).
  Duration udp_lifetime{std::chrono::minutes(2)};
  // Since the last packet of either side (RFC 5382 REQ-5).
  Duration tcp_lifetime{std::chrono::minutes(124)};
  Duration tcp_transitory_lifetime{std::chrono::minutes(4)};  // opening, closing
  // Remembers what came unsolicited: a later flow from inside to that sender gets another port, so
  // that the NAT looks symmetric to it. Answers an unsolicited SYN with RST.
  bool noisy = false;
  Duration noise_lifetime{std::chrono::seconds(30)};
  std::size_t most_contacts = 1024;  // of one mapping; more are not let out

  // The classic names.
  static NatProfile full_cone();
  static NatProfile address_restricted();
  static NatProfile port_restricted();
  static NatProfile symmetric();
};

class Nat {
 public:
  // RFC 6052 §2.1: IPv4 addresses as IPv6-only hosts behind a NAT64 see them.
  static bool is_nat64(const IpAddress& ip);
  static IpAddress to_nat64(const IpAddress& v4);
  static IpAddress from_nat64(const IpAddress& v6);

  // `outside` is IPv4. Inside hosts may be IPv4, or IPv6 (NAT64) and then reach IPv4 by
  // 64:ff9b::/96.
  Nat(const NatProfile& profile, const IpAddress& outside, Random random);

  // Rewrite the packet, or say why not (and leave it as it is). A packet from inside may turn
  // around (hairpin): then its destination is inside again.
  Drop translate_outbound(IpPacket& packet, Instant now);
  Drop translate_inbound(IpPacket& packet, Instant now);

  // Loses all mappings, as a reboot does.
  void forget_everything();
  std::size_t mappings(Instant now) const;
  const NatProfile& profile() const { return profile_; }
  const IpAddress& outside() const { return outside_; }

 private:
  using MappingId = std::uint32_t;
  using OutsidePort = std::uint32_t;  // protocol and port

  // A remote that a mapping has heard of or spoken to.
  struct Contact {
    TransportAddress remote{};
    Instant expires{};
    bool called = false;       // from inside: only these open the filter
    bool established = false;  // TCP
    bool closing = false;      // TCP
  };
  struct Mapping {
    MappingId id = 0;
    Protocol protocol = Protocol::kUdp;
    TransportAddress inside{};
    TransportAddress scope{};  // the part of the remote that the mapping depends on
    Port port{};               // outside
    Instant expires{};
    std::vector<Contact> contacts{};
  };
  struct Flow {
    Protocol protocol = Protocol::kUdp;
    TransportAddress inside{};
    TransportAddress remote{};  // or its scope
    auto operator<=>(const Flow&) const = default;
  };
  static OutsidePort outside_port(Protocol protocol, Port port);
  TransportAddress scope_of(const TransportAddress& remote) const;

  // Null where there is none (any more).
  Mapping* find(MappingId id, Instant now);
  Mapping* of_port(Protocol protocol, Port port, Instant now);
  Mapping* of_flow(const Flow& flow, Instant now);
  Mapping* of_scope(const Flow& flow, Instant now);
  // The mapping that a packet from inside leaves by, new if need be; null where the NAT is full.
  Mapping* leaving(Protocol protocol, const TransportAddress& inside,
                   const TransportAddress& remote, Instant now);
  Mapping* make(Protocol protocol, const TransportAddress& inside, const TransportAddress& scope,
                Instant now);
  std::optional<Port> free_port(Protocol protocol, Port inside);
  bool is_free(Protocol protocol, Port port) const;

  static Contact* known(Mapping& mapping, const TransportAddress& remote, Instant now);
  Contact* meet(Mapping& mapping, const TransportAddress& remote, Instant now);
  bool admits(const Mapping& mapping, const TransportAddress& remote, Instant now) const;
  // Both refresh what is to be refreshed; false where the mapping has too many contacts.
  bool note_call(Mapping& mapping, const TransportAddress& remote, const IpPacket& packet,
                 Instant now);
  void note_admitted(Mapping& mapping, const TransportAddress& remote, const IpPacket& packet,
                     Instant now);
  void note_tcp(Mapping& mapping, Contact& contact, const TcpHeader& tcp, Instant now);

  bool is_noise(const Mapping& mapping, const TransportAddress& remote, Instant now) const;
  Drop unsolicited(const IpPacket& packet, Drop reason, Instant now);
  void sweep(Instant now);
  void remove(MappingId id);

  NatProfile profile_;
  IpAddress outside_;
  Random random_;
  Port last_sequential_;
  MappingId next_id_ = 0;
  std::map<MappingId, Mapping> mappings_;
  std::unordered_map<OutsidePort, MappingId> by_port_;
  // By inside and scope; and by inside and remote, where a remote came in or was moved away.
  std::map<Flow, MappingId> by_scope_;
  std::map<Flow, MappingId> by_flow_;
  std::map<std::pair<OutsidePort, TransportAddress>, Instant> noise_;  // until when
  Instant next_sweep_{};
};

}  // namespace beeline::sim
