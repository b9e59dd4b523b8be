// ICE candidates (RFC 8445 §5.1, RFC 6544 §4): addresses at which an agent may be reached. As data:
// their text is sdp/'s, where they come from is the gatherer's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/address.h"

namespace beeline::ice {

enum class CandidateType : std::uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelayed };

enum class CandidateTransport : std::uint8_t { kUdp, kTcpActive, kTcpPassive, kTcpSimultaneous };

// How bytes get from an agent to its relay: what a relayed candidate costs.
enum class RelayHop : std::uint8_t { kUdp, kTcp, kTls };

// One address, of ourselves or of the other side. `name` stands instead of the address where the
// other side hides it ("….local"); the agent has it resolved.
struct Candidate {
  CandidateType type = CandidateType::kHost;
  CandidateTransport transport = CandidateTransport::kUdp;
  TransportAddress address;
  std::string name;
  std::uint32_t priority = 0;
  std::string foundation;
  std::uint8_t component = 1;
  // What the address was learned from or through; for people, and left out where it would tell what
  // is to be hidden.
  std::optional<TransportAddress> related;
  // Not 0: nobody has seen this one yet; a NAT that counts is expected to give it to the n-th
  // destination from now on (see PortSequence).
  std::uint32_t predicted = 0;

  bool is_udp() const { return transport == CandidateTransport::kUdp; }
  bool operator==(const Candidate&) const = default;
};

// How much each kind of candidate is liked, 0 to 126 (RFC 8445 §5.1.2.2, RFC 6544 §4.2).
std::uint32_t type_preference(CandidateType type, CandidateTransport transport,
                              RelayHop hop = RelayHop::kUdp);

// RFC 8445 §5.1.2.1. `local_preference` is 0 to 65535, `component` 1 to 256.
std::uint32_t candidate_priority(std::uint32_t type_preference, std::uint32_t local_preference,
                                 std::uint32_t component);

// RFC 8421 §4: the families take turns, IPv6 first, and interfaces keep their order. `rank` counts
// the addresses of the same family, from 0.
std::uint32_t local_preference(IpFamily family, std::uint32_t rank);

//= RFC 6544 §4.5
// What the other end of a connection has to be.
CandidateTransport opposite(CandidateTransport transport);

std::string_view to_string(CandidateType type);            // "host", "srflx", "prflx", "relay"
std::string_view to_string(CandidateTransport transport);  // "udp", "tcp active", …

}  // namespace beeline::ice
