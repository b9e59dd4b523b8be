// Which of the paths that work is used, who says so, and what state that makes (RFC 8445 §8, §12).
#include <algorithm>
#include <string>

#include "beeline/ice/agent.h"

namespace beeline::ice {

const Pair* Agent::active() const {
  if (!active_) return nullptr;
  const auto it = std::ranges::find(checks_.pairs(), *active_, &Pair::id);
  return it == checks_.pairs().end() ? nullptr : &*it;
}

Pair* Agent::active() {
  return active_ ? checks_.find(*active_) : nullptr;
}

bool Agent::is_relayed(const Pair& pair) const {
  return base_of(pair.base)->is_relayed() ||
         remote_of(pair.remote)->candidate.type == CandidateType::kRelayed;
}

// Brings everything in line with what is known at `now`.
void Agent::settle(Instant now) {
  notice_doubt(now);
  Pair* chosen = choose(now);
  use(chosen, now);
  if (chosen && role_ == Role::kControlling && !settings_.lite) nominate_if_time(*chosen, now);
  if (chosen && !settings_.lite) {
    nudge_for_better(*chosen, now);
    Pair* backup = choose_backup(*chosen, now);
    backup_ = backup ? std::optional(backup->id) : std::nullopt;
    if (backup && !backup->due) backup->due = now + rules::backup_interval();
    if (chosen->doubted()) look_again(now);
  }
  if (!settings_.lite) park_worse(chosen, now);
  settle_state(chosen, now);
}

// What closed the path in use may have closed others: all that worked are asked at once. Tried one
// after the other, each until it is doubted itself, they would take half a minute.
void Agent::notice_doubt(Instant now) {
  const Pair* doubted = active();
  if (!doubted || !doubted->doubted() || *doubted->heard <= silent_since_) return;
  silent_since_ = *doubted->heard;
  for (Pair& pair : checks_.pairs())
    if (pair.succeeded() && standing_of(pair) == rules::Standing::kUnproven)
      CheckList::trigger(pair, now);
}

rules::Standing Agent::standing_of(const Pair& pair) const {
  return rules::standing(pair.doubted(), *pair.heard, silent_since_);
}

// The controlling side takes the best that answers; the controlled one what it was told to, as long
// as that answers.
Pair* Agent::choose(Instant now) {
  Pair* best = nullptr;
  Pair* told = nullptr;
  for (Pair& pair : checks_.pairs()) {
    if (!pair.answered || !rules::may_send_on(pair.succeeded(), *pair.answered, now)) continue;
    if (pair.nominated_at && !pair.doubted() && (!told || was_told_later(pair, *told)))
      told = &pair;
    if (!best ||
        rules::prefers(pair.priority, standing_of(pair), best->priority, standing_of(*best)))
      best = &pair;
  }
  const bool follows =
      role_ == Role::kControlled && told && standing_of(*told) >= standing_of(*best);
  return follows ? told : best;
}

// Both were nominated by the other side: whether `pair` is what it means now. The same count on two
// pairs is one path of theirs that came to be seen from another address.
bool Agent::was_told_later(const Pair& pair, const Pair& than) {
  if (pair.nomination == than.nomination && pair.nomination != 0)
    return *pair.nominated_at > *than.nominated_at;
  return rules::follows_nomination(pair.nomination, pair.priority, than.nomination, than.priority);
}

// A relayed pair that is kept warm beside a direct one: it works at once when that stops.
Pair* Agent::choose_backup(const Pair& active, Instant now) {
  if (is_relayed(active) && !active.doubted()) return nullptr;
  Pair* best = nullptr;
  for (Pair& pair : checks_.pairs()) {
    if (pair.id == active.id || !pair.answered || !is_relayed(pair)) continue;
    if (!rules::may_send_on(pair.succeeded(), *pair.answered, now)) continue;
    if (!best || pair.priority > best->priority) best = &pair;
  }
  return best;
}

void Agent::use(Pair* chosen, Instant now) {
  if (!chosen) {
    active_.reset();
    return;
  }
  former_.reset();
  if (active_ == chosen->id) return;
  Pair* before = active();
  active_ = chosen->id;
  // A relay may be what was left because the way was closed for a moment.
  if (!before && is_relayed(*chosen)) look_again(now);
  if (before) {
    before->reason = PairReason::kWorks;
    if (before->doubted())
      look_twice(now);
    else if (before->unanswered == 0 && !settings_.lite)
      plan_next(*before, now);
  }
  chosen->reason = PairReason::kInUse;
  if (!settings_.lite) {
    const Instant consent = now + rules::consent_interval(consent_random_);
    if (!chosen->due || *chosen->due > consent) chosen->due = consent;
  }
  if (base_of(chosen->base)->is_relayed())
    gatherer_.bind_channel(chosen->base, remote_of(chosen->remote)->candidate.address, now);
  const Path path = path_of(*chosen);
  log_.info("ice_path", {{"local", path.local.address.to_string()},
                         {"remote", path.remote.address.to_string()},
                         {"relayed", path.relayed ? "yes" : "no"}});
  outbox_.events.push(PathChanged{path});
}

//= RFC 8445 §8.1.1
// One nomination at a time. A side that follows new ones is told at once and told again when there
// is something better; others are told when nothing better is to be expected soon.
void Agent::nominate_if_time(Pair& chosen, Instant now) {
  if (nominated_ == chosen.id || !remote_) return;
  if (!remote_->renomination && !nominated_) {
    const bool better_coming = std::ranges::any_of(checks_.pairs(), [&](const Pair& pair) {
      return pair.priority > chosen.priority && !pair.succeeded() &&
             pair.state != PairState::kFailed;
    });
    const Instant latest = *first_success_ + rules::wait_before_nomination();
    if (better_coming && now < latest) {
      chosen.due = std::min(chosen.due.value_or(latest), latest);
      return;
    }
  }
  nominated_ = chosen.id;
  chosen.nomination = 0;
  chosen.nominate_as = ++nominations_;
  CheckList::trigger(chosen, now);
}

// What would be better than the path that the other side chose: it may not know, and a question
// makes it ask.
void Agent::nudge_for_better(const Pair& chosen, Instant now) {
  if (role_ != Role::kControlled) return;
  for (Pair& pair : checks_.pairs())
    if (pair.succeeded() && !pair.due && pair.priority > chosen.priority)
      pair.due = now + rules::nudge_after(pair.answers);
}

// What is worse than the path in use waits, except for one relayed pair; it goes on as soon as that
// path is in doubt, or another.
void Agent::park_worse(const Pair* active, Instant now) {
  const Pair* reserve = backup_ ? checks_.find(*backup_) : nullptr;
  if (active && !reserve && !is_relayed(*active))
    for (const Pair& pair : checks_.pairs())
      if (!pair.succeeded() && pair.state != PairState::kFailed && is_relayed(pair) &&
          (!reserve || pair.priority > reserve->priority))
        reserve = &pair;
  for (Pair& pair : checks_.pairs()) {
    if (pair.succeeded() || pair.state == PairState::kFailed) continue;
    const bool wanted = !active || active->doubted() || pair.priority > active->priority ||
                        (reserve && reserve->id == pair.id);
    if (!wanted && pair.due && !pair.triggered) {
      pair.due.reset();
      pair.reason = PairReason::kBetterPathFound;
    } else if (wanted && pair.reason == PairReason::kBetterPathFound) {
      pair.due = now;
      pair.reason = PairReason::kNotTriedYet;
    }
  }
}

void Agent::settle_state(const Pair* active, Instant now) {
  if (active) {
    was_connected_ = true;
    if (!active->doubted()) {
      ask_servers_at_.reset();
      // What was closed while nothing got through may be open now.
      if (state_ == State::kDisconnected || state_ == State::kFailed) look_again(now);
      return set_state(State::kConnected);
    }
    if (!ask_servers_at_) expect_servers_to_know_us(now);
    if (state_ == State::kConnected) set_state(State::kDisconnected);
    return;
  }
  if (was_connected_ && !ask_servers_at_) expect_servers_to_know_us(now);
  if (state_ == State::kConnected || state_ == State::kDisconnected) {
    if (former_) return;
    // RFC 7675: consent is gone, and a restart is the hope for another path.
    return set_state(was_connected_ ? State::kFailed : State::kChecking);
  }
  if (state_ != State::kChecking || !remote_) return;
  if (rules::has_failed(checks_.exhausted(), began_, now)) set_state(State::kFailed);
}

void Agent::set_state(State state) {
  if (state_ == state) return;
  state_ = state;
  log_.info("ice_state", {{"state", std::string(to_string(state))}});
  outbox_.events.push(StateChanged{state});
}

Path Agent::path_of(const Pair& pair) const {
  Path path{.local = base_of(pair.base)->candidate,
            .remote = remote_of(pair.remote)->candidate,
            .relayed = is_relayed(pair),
            .round_trip = pair.round_trip};
  if (pair.mapped) {
    path.local.related = path.local.address;
    path.local.address = *pair.mapped;
    path.local.type = CandidateType::kPeerReflexive;
    for (const Candidate& candidate : gatherer_.found()) {
      if (candidate.address != *pair.mapped) continue;
      path.local.type = candidate.type;
      path.local.predicted = candidate.predicted;
    }
  }
  return path;
}

std::optional<Path> Agent::path() const {
  const Pair* pair = active();
  return pair ? std::optional(path_of(*pair)) : std::nullopt;
}

Explanation Agent::explain() const {
  Explanation told{.state = state_,
                   .role = role_,
                   .path = path(),
                   .local = gatherer_.found(),
                   .remote = {},
                   .remote_complete = remote_complete_,
                   .pairs = {},
                   .servers = gatherer_.reports(),
                   .checks_sent = counters_.checks_sent,
                   .forged = counters_.forged,
                   .data_from_strangers = counters_.strangers};
  for (const Remote& remote : remotes_) told.remote.push_back(remote.candidate);
  std::vector<const Pair*> order;
  for (const Pair& pair : checks_.pairs()) order.push_back(&pair);
  std::ranges::sort(order, [](const Pair* one, const Pair* other) {
    return std::pair(other->priority, one->id) < std::pair(one->priority, other->id);
  });
  for (const Pair* pair : order)
    told.pairs.push_back({.local = base_of(pair->base)->candidate,
                          .remote = remote_of(pair->remote)->candidate,
                          .mapped = pair->mapped,
                          .state = pair->state,
                          .reason = pair->reason,
                          .error_code = pair->error_code,
                          .checks_sent = pair->checks_sent,
                          .answers = pair->answers,
                          .requests_heard = pair->requests_heard,
                          .nomination = pair->nomination,
                          .doubted = pair->doubted(),
                          .round_trip = pair->round_trip});
  return told;
}

}  // namespace beeline::ice
