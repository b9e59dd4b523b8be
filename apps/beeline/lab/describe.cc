#include "apps/beeline/lab/describe.h"

#include <boost/json/array.hpp>

#include "apps/beeline/lab/candidate_line.h"

namespace beeline::cli {
namespace {

template <typename Message>
void add_round_trip(Message& message, const std::optional<Duration>& round_trip) {
  if (round_trip) message["round_trip_ms"] = static_cast<double>(round_trip->count()) / 1000;
}

boost::json::array lines(const std::vector<ice::Candidate>& candidates) {
  boost::json::array all;
  for (const ice::Candidate& candidate : candidates) all.emplace_back(candidate_line(candidate));
  return all;
}

boost::json::object describe(const ice::PairReport& pair) {
  boost::json::object one{
      {"local", candidate_line(pair.local)},  {"remote", candidate_line(pair.remote)},
      {"state", ice::to_string(pair.state)},  {"reason", ice::to_string(pair.reason)},
      {"checks_sent", pair.checks_sent},      {"answers", pair.answers},
      {"requests_heard", pair.requests_heard}};
  if (pair.mapped) one["mapped"] = pair.mapped->to_string();
  if (pair.error_code != 0) one["error_code"] = pair.error_code;
  add_round_trip(one, pair.round_trip);
  return one;
}

boost::json::object describe(const ice::ServerReport& server) {
  boost::json::object one{{"server", server.server}, {"result", ice::to_string(server.result)}};
  if (server.from) one["from"] = server.from->to_string();
  if (server.mapped) one["mapped"] = server.mapped->to_string();
  if (server.code != 0) one["error_code"] = server.code;
  return one;
}

}  // namespace

boost::json::object describe(const ice::Path& path) {
  boost::json::object one{{"local", candidate_line(path.local)},
                          {"remote", candidate_line(path.remote)},
                          {"relayed", path.relayed}};
  add_round_trip(one, path.round_trip);
  return one;
}

boost::json::object describe(const ice::Explanation& explanation) {
  boost::json::array pairs;
  for (const ice::PairReport& pair : explanation.pairs) pairs.emplace_back(describe(pair));
  boost::json::array servers;
  for (const ice::ServerReport& server : explanation.servers)
    servers.emplace_back(describe(server));
  boost::json::object all{
      {"state", ice::to_string(explanation.state)},
      {"role", explanation.role == ice::Role::kControlling ? "controlling" : "controlled"},
      {"local", lines(explanation.local)},
      {"remote", lines(explanation.remote)},
      {"pairs", std::move(pairs)},
      {"servers", std::move(servers)},
      {"checks_sent", explanation.checks_sent},
      {"forged", explanation.forged},
      {"data_from_strangers", explanation.data_from_strangers}};
  if (explanation.path) all["path"] = describe(*explanation.path);
  return all;
}

}  // namespace beeline::cli
