#include "beeline/api/path_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace beeline {

std::string_view to_string(PathReason reason) {
  switch (reason) {
    case PathReason::kLooking:
      return "looking";
    case PathReason::kDirectSameNetwork:
      return "direct_same_network";
    case PathReason::kDirectPublic:
      return "direct_public";
    case PathReason::kDirectPunched:
      return "direct_punched";
    case PathReason::kDirectPredicted:
      return "direct_predicted";
    case PathReason::kDirectTcp:
      return "direct_tcp";
    case PathReason::kRelayedByChoice:
      return "relayed_by_choice";
    case PathReason::kRelayedUdpBlocked:
      return "relayed_udp_blocked";
    case PathReason::kRelayedNoAnswer:
      return "relayed_no_answer";
    case PathReason::kRelayedForNow:
      return "relayed_for_now";
    case PathReason::kFailedNoRelay:
      return "failed_no_relay";
    case PathReason::kFailedRelayRefused:
      return "failed_relay_refused";
    case PathReason::kFailedRelayUnreachable:
      return "failed_relay_unreachable";
    case PathReason::kFailedIdentity:
      return "failed_identity";
    case PathReason::kFailed:
      return "failed";
    case PathReason::kLeft:
      break;
  }
  return "left";
}

namespace api {
namespace {

bool has_relay(const Configuration& configuration) {
  return std::ranges::any_of(configuration.ice_servers, [](const IceServer& server) {
    return std::ranges::any_of(server.urls,
                               [](const auto& url) { return url.starts_with("turn"); });
  });
}

bool any(const ice::Explanation& ice, ice::ServerResult result) {
  return std::ranges::find(ice.servers, result, &ice::ServerReport::result) != ice.servers.end();
}

PathReason direct_reason(const ice::Path& path) {
  using ice::CandidateType;
  if (!path.local.is_udp()) return PathReason::kDirectTcp;
  if (path.local.predicted != 0 || path.remote.predicted != 0) return PathReason::kDirectPredicted;
  if (path.local.type != CandidateType::kHost || path.remote.type != CandidateType::kHost)
    return PathReason::kDirectPunched;
  const IpAddress& ip = path.remote.address.ip;
  return ip.is_private() || ip.is_loopback() || ip.is_link_local() ? PathReason::kDirectSameNetwork
                                                                   : PathReason::kDirectPublic;
}

PathReason relayed_reason(const ice::Explanation& ice, const Configuration& configuration) {
  if (configuration.ice_transport_policy == IceTransportPolicy::kRelay)
    return PathReason::kRelayedByChoice;
  const bool checking = std::ranges::any_of(ice.pairs, [](const ice::PairReport& pair) {
    return pair.state == ice::PairState::kInProgress || pair.state == ice::PairState::kWaiting;
  });
  if (checking) return PathReason::kRelayedForNow;
  const bool stun_heard = any(ice, ice::ServerResult::kAnswered);
  const bool stun_silent = any(ice, ice::ServerResult::kNoAnswer);
  return stun_silent && !stun_heard ? PathReason::kRelayedUdpBlocked : PathReason::kRelayedNoAnswer;
}

PathReason failed_reason(const ice::Explanation& ice, Reason failure,
                         const Configuration& configuration) {
  if (failure == Reason::kFingerprintMismatch) return PathReason::kFailedIdentity;
  if (failure != Reason::kNoPath) return PathReason::kFailed;
  if (!has_relay(configuration)) return PathReason::kFailedNoRelay;
  if (any(ice, ice::ServerResult::kRefused)) return PathReason::kFailedRelayRefused;
  return any(ice, ice::ServerResult::kAllocated) ? PathReason::kFailed
                                                 : PathReason::kFailedRelayUnreachable;
}

std::string place(const ice::Candidate& candidate) {
  const std::string where = candidate.name.empty() ? candidate.address.to_string() : candidate.name;
  return fmt::format("{} ({}, {})", where, ice::to_string(candidate.type),
                     ice::to_string(candidate.transport));
}

std::string_view words(ice::PairReason reason) {
  switch (reason) {
    case ice::PairReason::kNotTriedYet:
      return "not tried yet";
    case ice::PairReason::kBetterPathFound:
      return "not needed";
    case ice::PairReason::kChecking:
      return "being tried";
    case ice::PairReason::kOutOfStep:
      return "predicted wrongly";
    case ice::PairReason::kNoAnswer:
      return "got no answer";
    case ice::PairReason::kOtherAnswered:
      return "answered from elsewhere";
    case ice::PairReason::kRefused:
      return "refused by the other side";
    case ice::PairReason::kRelayRefused:
      return "refused by the TURN server";
    case ice::PairReason::kBudgetSpent:
      return "given up to spare the network";
    case ice::PairReason::kConnectionFailed:
      return "could not open a TCP connection";
    case ice::PairReason::kConsentLost:
      return "worked once and went silent";
    case ice::PairReason::kWorks:
      return "working in reserve";
    case ice::PairReason::kInUse:
      break;
  }
  return "in use";
}

// "6 pairs tried: 4 got no answer, 2 refused by the TURN server (403)".
std::string pairs_text(const ice::Explanation& ice) {
  if (ice.pairs.empty())
    return ice.local.empty()    ? "no address of this machine could be used"
           : ice.remote.empty() ? "nothing to try: the other side has sent no candidate"
                                : "no pair of addresses fits together";
  std::map<std::pair<ice::PairReason, std::uint16_t>, int> counts;
  for (const ice::PairReport& pair : ice.pairs) ++counts[{pair.reason, pair.error_code}];
  std::string text =
      fmt::format("{} {}: ", ice.pairs.size(),
                  ice.pairs.size() == 1 ? "pair of addresses" : "pairs of addresses");
  std::string_view separator;
  for (const auto& [what, count] : counts) {
    text += fmt::format("{}{} {}", separator, count, words(what.first));
    if (what.second != 0) text += fmt::format(" ({})", what.second);
    separator = ", ";
  }
  return text;
}

std::string servers_text(const Explanation& told) {
  std::string text;
  for (const IceServerReport& server : told.ice_servers) {
    if (server.result != "no_answer" && server.result != "refused" && server.result != "lost" &&
        server.result != "unreachable" && server.result != "no_such_name")
      continue;
    text += fmt::format(" {}: {}", server.url, server.result);
    if (server.error_code != 0) text += fmt::format(" ({})", server.error_code);
    text += '.';
  }
  return text;
}

}  // namespace

PathReason path_reason(const ice::Explanation& ice, ConnectionState state, Reason failure,
                       const Configuration& configuration) {
  if (state == ConnectionState::kClosed) return PathReason::kLeft;
  if (state == ConnectionState::kFailed) return failed_reason(ice, failure, configuration);
  if (!ice.path) return PathReason::kLooking;
  return ice.path->relayed ? relayed_reason(ice, configuration) : direct_reason(*ice.path);
}

std::string path_text(const ice::Explanation& ice, const Explanation& told) {
  if (told.state == ConnectionState::kClosed)
    return "Closed. " + std::string(advice(told.failure ? told.failure.reason : Reason::kClosed));
  std::string text;
  if (told.state == ConnectionState::kFailed) {
    text = fmt::format("Failed, {}", told.failure.message());
  } else if (ice.path) {
    const bool connected = told.state == ConnectionState::kConnected;
    text = fmt::format("{} {}, {} to {}", connected ? "Connected" : "A path was found",
                       told.relayed ? "through a relay" : "directly", place(ice.path->local),
                       place(ice.path->remote));
    if (told.round_trip_time)
      text += fmt::format(", round trip {:.1f} ms", *told.round_trip_time * 1000);
  } else {
    text = fmt::format("Not connected ({})", to_string(told.state));
  }
  return fmt::format("{}. {}.{}", text, pairs_text(ice), servers_text(told));
}

}  // namespace api
}  // namespace beeline
