#include "beeline/ice/explanation.h"

namespace beeline::ice {

std::string_view to_string(State state) {
  switch (state) {
    case State::kNew:
      return "new";
    case State::kChecking:
      return "checking";
    case State::kConnected:
      return "connected";
    case State::kDisconnected:
      return "disconnected";
    case State::kFailed:
      return "failed";
    case State::kClosed:
      break;
  }
  return "closed";
}

std::string_view to_string(PairState state) {
  switch (state) {
    case PairState::kFrozen:
      return "frozen";
    case PairState::kWaiting:
      return "waiting";
    case PairState::kInProgress:
      return "in-progress";
    case PairState::kSucceeded:
      return "succeeded";
    case PairState::kFailed:
      break;
  }
  return "failed";
}

std::string_view to_string(PairReason reason) {
  switch (reason) {
    case PairReason::kNotTriedYet:
      return "not_tried_yet";
    case PairReason::kBetterPathFound:
      return "better_path_found";
    case PairReason::kChecking:
      return "checking";
    case PairReason::kOutOfStep:
      return "out_of_step";
    case PairReason::kNoAnswer:
      return "no_answer";
    case PairReason::kOtherAnswered:
      return "other_answered";
    case PairReason::kRefused:
      return "refused";
    case PairReason::kRelayRefused:
      return "relay_refused";
    case PairReason::kBudgetSpent:
      return "budget_spent";
    case PairReason::kConnectionFailed:
      return "connection_failed";
    case PairReason::kConsentLost:
      return "consent_lost";
    case PairReason::kWorks:
      return "works";
    case PairReason::kInUse:
      break;
  }
  return "in_use";
}

std::string_view to_string(ServerResult result) {
  switch (result) {
    case ServerResult::kAsking:
      return "asking";
    case ServerResult::kAnswered:
      return "answered";
    case ServerResult::kAllocated:
      return "allocated";
    case ServerResult::kNoSuchName:
      return "no_such_name";
    case ServerResult::kNoAnswer:
      return "no_answer";
    case ServerResult::kRefused:
      return "refused";
    case ServerResult::kLost:
      return "lost";
    case ServerResult::kUnreachable:
      return "unreachable";
    case ServerResult::kNotNeeded:
      break;
  }
  return "not_needed";
}

}  // namespace beeline::ice
