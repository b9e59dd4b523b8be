// What a NAT does, in the words of RFC 4787, as nat_probe.h finds it out, and what follows from
// that: its classic name and whom one behind it reaches without a relay.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"

namespace beeline::stun {

// What of the remote address decides which mapping is used (EIM, ADM, APDM: RFC 4787 §4.1), or whom
// a mapping lets in (EIF, ADF, APDF: §5).
enum class NatBehavior : std::uint8_t {
  kEndpointIndependent,
  kAddressDependent,
  kAddressAndPortDependent,
};

// Which outside port a new mapping gets (RFC 4787 §4.2.1).
enum class NatPorts : std::uint8_t { kPreserving, kSequential, kRandom };

// Why something could not be found out.
enum class NatDoubt : std::uint8_t {
  kNone,
  kNotAsked,
  kOneAddress,        // the server names no other address and port
  kOtherSilent,       // it does, but nothing comes from there
  kChangeRefused,     // it refuses CHANGE-REQUEST
  kChangeIgnored,     // it answers from where it was asked all the same
  kUnsteady,          // answers contradict each other
  kTooFewAnswers,     // of those that tell ports apart
  kNoNat,             // there is nothing to ask about
  kPortsTellNothing,  // a new mapping looks like the old one, and the server refuses RESPONSE-PORT
};

// What was found out; else why not.
template <typename T>
struct NatFinding {
  std::optional<T> value;
  NatDoubt doubt = NatDoubt::kNotAsked;

  static NatFinding of(T found) { return {found, NatDoubt::kNone}; }
  static NatFinding unknown(NatDoubt why) { return {std::nullopt, why}; }
  bool operator==(const NatFinding&) const = default;
};

// For how long a mapping lives without a packet from inside. Both in whole seconds; no upper bound
// where it outlived the whole test.
struct NatLifetime {
  std::chrono::seconds at_least{0};
  std::optional<std::chrono::seconds> less_than;
  bool operator==(const NatLifetime&) const = default;
};

// One new mapping: the socket's own port and the port that the server saw.
struct PortSample {
  Port inside;
  Port outside;
};

// What became of the whole test.
enum class NatOutcome : std::uint8_t {
  kMeasured,
  kNoSuchName,   // the server's
  kNoInterface,  // no address of the machine that could reach it
  kUdpBlocked,   // nothing over UDP, and TCP to the same server gets through
  kNoAnswer,     // nothing over UDP, and TCP does not get through either
};

struct NatReport {
  NatOutcome outcome = NatOutcome::kNoAnswer;
  TransportAddress server;
  std::optional<TransportAddress> other;  // OTHER-ADDRESS
  // Where it is kMeasured:
  TransportAddress local;
  TransportAddress mapped;
  std::optional<Duration> round_trip;
  NatFinding<NatBehavior> mapping;
  NatFinding<NatBehavior> filtering;
  NatFinding<bool> hairpinning;
  bool hairpin_shows_inside = false;  // the source it came with was the inside address (§6, REQ-9)
  NatFinding<NatPorts> ports;
  int port_step = 0;  // of kSequential
  std::vector<PortSample> samples;
  bool several_addresses = false;  // sockets were seen with different addresses ("arbitrary" §4.1)
  NatFinding<NatLifetime> lifetime;

  // Whether the server saw another address than the machine has.
  bool is_translated() const { return local != mapped; }
};

// The four classic names (RFC 3489 §5), and what is none of them.
enum class NatKind : std::uint8_t {
  kOpen,  // no NAT, and everybody is let in
  kFirewall,
  kFullCone,
  kAddressRestricted,
  kPortRestricted,
  kSymmetric,  // whatever it lets in
  kUdpBlocked,
  kUnknown,
};
// Of a report that is not wholly certain: the kind that it is at least.
NatKind kind_of(const NatReport& report);

// Whether two with such NATs reach each other without a relay and without guessing ports: unless
// both filter, and neither has a port that stays what the other was told.
bool reaches_directly(NatBehavior mapping_a, NatBehavior filtering_a, NatBehavior mapping_b,
                      NatBehavior filtering_b);

// Preserving, sequential or random, of new mappings in the order they were made; sets `step` where
// sequential.
NatFinding<NatPorts> judge_ports(const std::vector<PortSample>& samples, int& step);

// Stable codes for programs: "endpoint_independent", "port_restricted_cone".
std::string_view to_string(NatBehavior behavior);
std::string_view to_string(NatPorts ports);
std::string_view to_string(NatDoubt doubt);
std::string_view to_string(NatOutcome outcome);
std::string_view to_string(NatKind kind);

}  // namespace beeline::stun
