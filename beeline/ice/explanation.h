// Why a path is what it is, as data: everything an agent found, tried and met. The words are the
// application's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "beeline/ice/agent_event.h"
#include "beeline/ice/pair.h"
#include "beeline/ice/server_query.h"

namespace beeline::ice {

struct PairReport {
  Candidate local;  // of the base; `mapped` is what the other side saw
  Candidate remote;
  std::optional<TransportAddress> mapped;
  PairState state = PairState::kFrozen;
  PairReason reason = PairReason::kNotTriedYet;
  std::uint16_t error_code = 0;
  std::uint64_t checks_sent = 0;
  std::uint64_t answers = 0;
  std::uint64_t requests_heard = 0;
  std::uint32_t nomination = 0;  // the last one, of whichever side controls; 0 where not counted
  bool doubted = false;          // it works, but has not answered lately
  std::optional<Duration> round_trip;
};

struct Explanation {
  State state = State::kNew;
  Role role = Role::kControlling;
  std::optional<Path> path;
  std::vector<Candidate> local;
  std::vector<Candidate> remote;
  bool remote_complete = false;   // the other side said that these are all
  std::vector<PairReport> pairs;  // best first
  std::vector<ServerReport> servers;
  std::uint64_t checks_sent = 0;
  std::uint64_t forged = 0;
  std::uint64_t data_from_strangers = 0;
};

std::string_view to_string(State state);        // "connected"
std::string_view to_string(PairState state);    // "in-progress"
std::string_view to_string(PairReason reason);  // "no_answer": stable codes
std::string_view to_string(ServerResult result);

}  // namespace beeline::ice
