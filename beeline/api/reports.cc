#include "beeline/api/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "beeline/api/path_words.h"
#include "beeline/api/session.h"
#include "beeline/peer/candidate_text.h"

namespace beeline::api {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
std::optional<double> seconds(const std::optional<Duration>& duration) {
  if (!duration) return std::nullopt;
  return seconds(*duration);
}

std::string id_of(std::string_view side, const ice::Candidate& candidate) {
  const std::string place =
      candidate.name.empty() ? candidate.address.to_string()
                             : fmt::format("{}:{}", candidate.name, candidate.address.port.value);
  return fmt::format("{}-{}-{}-{}", side, ice::to_string(candidate.type),
                     candidate.is_udp() ? "udp" : peer::tcp_type(candidate.transport), place);
}

CandidateStats describe(std::string_view side, const ice::Candidate& candidate) {
  CandidateStats stats{.id = id_of(side, candidate),
                       .address = candidate.name.empty() ? candidate.address.ip.to_string() : "",
                       .port = candidate.address.port.value,
                       .protocol = candidate.is_udp() ? "udp" : "tcp",
                       .candidate_type = std::string(ice::to_string(candidate.type)),
                       .priority = candidate.priority,
                       .foundation = candidate.foundation,
                       .related_address = {},
                       .related_port = 0,
                       .tcp_type = std::string(peer::tcp_type(candidate.transport))};
  if (candidate.related) {
    stats.related_address = candidate.related->ip.to_string();
    stats.related_port = candidate.related->port.value;
  }
  return stats;
}

CandidatePairStats describe(const ice::PairReport& pair) {
  const std::string local = id_of("local", pair.local);
  const std::string remote = id_of("remote", pair.remote);
  return {.id = local + "/" + remote,
          .local_candidate_id = local,
          .remote_candidate_id = remote,
          .state = std::string(ice::to_string(pair.state)),
          .nominated = pair.reason == ice::PairReason::kInUse,
          .requests_sent = pair.checks_sent,
          .responses_received = pair.answers,
          .requests_received = pair.requests_heard,
          .current_round_trip_time = seconds(pair.round_trip),
          .reason = std::string(ice::to_string(pair.reason))};
}

std::string_view dtls_state(const peer::Transport& transport) {
  if (transport.dtls() == nullptr) return "new";
  switch (transport.dtls()->state()) {
    case dtls::State::kConnected:
      return "connected";
    case dtls::State::kClosed:
      return "closed";
    case dtls::State::kFailed:
      return "failed";
    default:
      return "connecting";
  }
}

TransportStats transport_stats(const peer::PeerConnection& core, const ice::Explanation& ice) {
  const peer::Transport& transport = core.transport();
  const auto& counters = transport.counters();
  TransportStats stats;
  stats.packets_sent = counters.packets_sent;
  stats.packets_received = counters.packets_received;
  stats.bytes_sent = counters.bytes_sent;
  stats.bytes_received = counters.bytes_received;
  stats.ice_role = ice.role == ice::Role::kControlling ? "controlling" : "controlled";
  stats.ice_state = ice::to_string(ice.state);
  stats.ice_local_username_fragment = transport.agent().local_parameters().ufrag;
  stats.dtls_state = dtls_state(transport);
  const auto role = core.dtls_role();
  stats.dtls_role = !role ? "unknown" : *role == dtls::Role::kClient ? "client" : "server";
  if (transport.dtls() != nullptr) stats.dtls_cipher = transport.dtls()->explain().cipher;
  for (const ice::PairReport& pair : ice.pairs)
    if (pair.reason == ice::PairReason::kInUse)
      stats.selected_candidate_pair_id = describe(pair).id;
  if (const auto* sender = transport.channels().association().sender()) {
    stats.sctp_retransmissions = sender->counters().retransmissions;
    stats.sctp_round_trip_time = seconds(sender->round_trip().smoothed());
  }
  return stats;
}

// The one in use first, the others as they are.
std::vector<CandidatePairStats> describe(const std::vector<ice::PairReport>& pairs) {
  std::vector<CandidatePairStats> all;
  for (const ice::PairReport& pair : pairs) all.push_back(describe(pair));
  const auto in_use = std::ranges::find_if(all, &CandidatePairStats::nominated);
  if (in_use != all.end()) std::rotate(all.begin(), in_use, in_use + 1);
  return all;
}

std::vector<CandidateStats> describe(std::string_view side,
                                     const std::vector<ice::Candidate>& candidates) {
  std::vector<CandidateStats> all;
  for (const ice::Candidate& candidate : candidates) all.push_back(describe(side, candidate));
  return all;
}

std::vector<IceServerReport> describe(const std::vector<ice::ServerReport>& reports,
                                      const Configuration& configuration) {
  std::vector<std::string> urls;
  for (const IceServer& server : configuration.ice_servers)
    urls.insert(urls.end(), server.urls.begin(), server.urls.end());
  std::vector<IceServerReport> all;
  for (const ice::ServerReport& report : reports)
    all.push_back({.url = report.server < urls.size() ? urls[report.server] : std::string(),
                   .from = report.from ? report.from->to_string() : std::string(),
                   .result = std::string(ice::to_string(report.result)),
                   .error_code = report.code,
                   .mapped = report.mapped ? report.mapped->to_string() : std::string()});
  return all;
}

}  // namespace

Explanation explain(const Session& session) {
  Explanation told;
  told.state = session.state;
  told.failure = session.failure;
  ice::Explanation ice;
  if (!session.is_closed()) ice = session.core().explain();
  if (ice.path) {
    told.relayed = ice.path->relayed;
    told.round_trip_time = seconds(ice.path->round_trip);
  }
  told.pairs = describe(ice.pairs);
  told.local_candidates = describe("local", ice.local);
  told.remote_candidates = describe("remote", ice.remote);
  told.remote_candidates_complete = ice.remote_complete;
  told.ice_servers = describe(ice.servers, session.configuration);
  told.reason = path_reason(ice, session.state, session.failure.reason, session.configuration);
  told.text = path_text(ice, told);
  return told;
}

StatsReport stats(const Session& session) {
  StatsReport report;
  report.timestamp =
      std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  report.peer_connection = {session.channels_opened, session.channels_closed};
  if (session.is_closed()) return report;
  const ice::Explanation ice = session.core().explain();
  report.transport = transport_stats(session.core(), ice);
  report.candidate_pairs = describe(ice.pairs);
  report.local_candidates = describe("local", ice.local);
  report.remote_candidates = describe("remote", ice.remote);
  for (const auto& [id, channel] : session.channels())
    report.data_channels.push_back(channel->stats());
  return report;
}

}  // namespace beeline::api
