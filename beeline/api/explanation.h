// Why the path between two sides is what it is, or why there is none: everything that was found and
// tried, as data, and the same in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/api/stats.h"

namespace beeline {

// The same codes as in Beeline's app, where they apply.
enum class PathReason : std::uint8_t {
  kLooking,            // there is none yet, and none is given up
  kDirectSameNetwork,  // both sides' own addresses, inside of one network
  kDirectPublic,       // both sides' own addresses, in the open
  kDirectPunched,      // through NATs that let it
  kDirectPredicted,    // through a NAT that counts its ports
  kDirectTcp,
  kRelayedByChoice,     // IceTransportPolicy::kRelay
  kRelayedUdpBlocked,   // no STUN server was heard of, and the relay was over TCP
  kRelayedNoAnswer,     // direct pairs were tried and nothing came back
  kRelayedForNow,       // others are still being tried
  kFailedNoRelay,       // nothing direct works and there is no TURN server in the configuration
  kFailedRelayRefused,  // there is, and it refused
  kFailedRelayUnreachable,
  kFailedIdentity,  // fingerprint_mismatch
  kFailed,          // see failure()
  kLeft,            // closed, by either side
};
std::string_view to_string(PathReason reason);  // "direct_punched"

// What became of one ICE server, from one address of this machine.
struct IceServerReport {
  std::string url{};
  std::string from{};    // address of ours; empty where that did not matter yet
  std::string result{};  // of ice/explanation.h: "answered", "allocated", "no_answer", "refused", …
  std::uint16_t error_code = 0;  // of STUN or TURN, where it refused
  std::string mapped{};          // how it sees us; empty: it did not say
};

struct Explanation {
  ConnectionState state = ConnectionState::kNew;
  PathReason reason = PathReason::kLooking;
  Error failure;
  bool relayed = false;
  std::optional<double> round_trip_time;  // seconds, of the path
  // The first is the one in use, where `state` is connected. Addresses are in the two lists.
  std::vector<CandidatePairStats> pairs;
  std::vector<CandidateStats> local_candidates;
  std::vector<CandidateStats> remote_candidates;
  bool remote_candidates_complete = false;  // the other side said that these are all
  std::vector<IceServerReport> ice_servers;

  // One to a few sentences: "Connected directly, 192.0.2.1:4000 (host) to …; 6 pairs: 1 in use, …".
  std::string text;
};

}  // namespace beeline
