#include "beeline/ice/check_list.h"

#include <algorithm>
#include <tuple>

#include "beeline/base/ensure.h"

namespace beeline::ice {
namespace {

std::uint64_t priority_of(const Base& base, const Remote& remote, Role role) {
  const std::uint32_t own = base.candidate.priority;
  const std::uint32_t theirs = remote.candidate.priority;
  return role == Role::kControlling ? rules::pair_priority(own, theirs)
                                    : rules::pair_priority(theirs, own);
}

bool can_pair(const Base& base, const Remote& remote) {
  //= RFC 6544 §6.2
  // Of two ends of a connection one opens it; pairs of a passive base come with the connection.
  const CandidateTransport own = base.candidate.transport;
  if (own == CandidateTransport::kTcpPassive) {
    if (remote.candidate.transport != CandidateTransport::kTcpActive) return false;
  } else if (remote.candidate.transport != opposite(own)) {
    return false;
  }
  // No relay on the internet reaches somebody's private network.
  if (base.relay && remote.candidate.address.ip.is_private() && !base.relay->is_private())
    return false;
  // Our network's NAT64 is not the relay's.
  if (base.is_relayed() && remote.translated) return false;
  return rules::may_check(base.address.ip, remote.candidate.address);
}

}  // namespace

Pair* CheckList::add(const Base& base, const Remote& remote, Role role, Instant now) {
  if (Pair* existing = find(base.id, remote.id)) return existing;
  return can_pair(base, remote) ? insert(base, remote, role, now) : nullptr;
}

Pair* CheckList::add_heard(const Base& base, const Remote& remote, Role role, Instant now) {
  if (Pair* existing = find(base.id, remote.id)) return existing;
  if (!rules::may_be_a_host(base.address.ip, remote.candidate.address)) return nullptr;
  return insert(base, remote, role, now);
}

Pair* CheckList::insert(const Base& base, const Remote& remote, Role role, Instant now) {
  const std::uint64_t priority = priority_of(base, remote, role);
  if (!make_room(priority)) return nullptr;
  Pair& pair = pairs_.emplace_back();
  pair.id = PairId{next_id_++};
  pair.base = base.id;
  pair.remote = remote.id;
  pair.priority = priority;
  pair.foundation = foundation_of(base, remote);
  if (const auto spent = spent_.find({base.id, remote.id}); spent != spent_.end())
    pair.sends = spent->second;
  //= RFC 8445 §6.1.2.6
  const bool taken = std::ranges::any_of(pairs_, [&](const Pair& other) {
    return other.id != pair.id && other.foundation == pair.foundation &&
           (other.state == PairState::kWaiting || other.state == PairState::kInProgress);
  });
  if (!taken) {
    pair.state = PairState::kWaiting;
    pair.due = now;
  }
  return &pair;
}

std::uint32_t CheckList::foundation_of(const Base& base, const Remote& remote) {
  const Foundation key{base.candidate.foundation, remote.candidate.foundation};
  return foundations_.try_emplace(key, static_cast<std::uint32_t>(foundations_.size()))
      .first->second;
}

//= RFC 8445 §6.1.2.5
// The worst that has not succeeded gives way. Should it come back, what was sent on it counts
// still.
bool CheckList::make_room(std::uint64_t priority) {
  if (pairs_.size() < max_pairs_) return true;
  auto worst = pairs_.end();
  for (auto it = pairs_.begin(); it != pairs_.end(); ++it) {
    if (it->succeeded()) continue;
    const auto rank = [](const Pair& pair) {
      return std::pair(pair.state != PairState::kFailed, pair.priority);
    };
    if (worst == pairs_.end() || rank(*it) < rank(*worst)) worst = it;
  }
  if (worst == pairs_.end()) return false;
  if (worst->state != PairState::kFailed && worst->priority >= priority) return false;
  if (worst->sends > 0) spent_[{worst->base, worst->remote}] = worst->sends;
  pairs_.erase(worst);
  return true;
}

Pair* CheckList::find(BaseId base, RemoteId remote) {
  const auto it = std::ranges::find_if(
      pairs_, [&](const Pair& pair) { return pair.base == base && pair.remote == remote; });
  return it == pairs_.end() ? nullptr : &*it;
}

Pair* CheckList::find(PairId id) {
  const auto it = std::ranges::find(pairs_, id, &Pair::id);
  return it == pairs_.end() ? nullptr : &*it;
}

void CheckList::reprioritize(const std::vector<Base>& bases, const std::vector<Remote>& remotes,
                             Role role) {
  for (Pair& pair : pairs_) {
    const auto base = std::ranges::find(bases, pair.base, &Base::id);
    const auto remote = std::ranges::find(remotes, pair.remote, &Remote::id);
    ensure(base != bases.end() && remote != remotes.end(), "a pair's ends exist");
    pair.priority = priority_of(*base, *remote, role);
  }
}

void CheckList::succeeded(Pair& pair, Instant now) {
  pair.state = PairState::kSucceeded;
  //= RFC 8445 §7.2.5.3.3
  for (Pair& other : pairs_) {
    if (other.state != PairState::kFrozen || other.foundation != pair.foundation) continue;
    other.state = PairState::kWaiting;
    other.due = now;
  }
}

void CheckList::failed(Pair& pair, PairReason reason, Instant now) {
  pair.state = PairState::kFailed;
  pair.reason = reason;
  pair.due.reset();
  pair.triggered = false;
  wake_one(pair.foundation, now);
}

//= RFC 8445 §6.1.4.2
void CheckList::wake_one(std::uint32_t foundation, Instant now) {
  Pair* best = nullptr;
  for (Pair& other : pairs_) {
    if (other.foundation != foundation) continue;
    if (other.state == PairState::kWaiting || other.state == PairState::kInProgress) return;
    if (other.state == PairState::kFrozen && (!best || other.priority > best->priority))
      best = &other;
  }
  if (!best) return;
  best->state = PairState::kWaiting;
  best->due = now;
}

void CheckList::trigger(Pair& pair, Instant now) {
  if (pair.state == PairState::kFrozen || pair.state == PairState::kFailed)
    pair.state = PairState::kWaiting;
  pair.triggered = true;
  pair.due = now;
}

void CheckList::start_over(Instant now) {
  spent_.clear();
  for (Pair& pair : pairs_) {
    if (pair.succeeded() || pair.state == PairState::kFrozen) continue;
    pair.state = PairState::kWaiting;
    pair.reason = PairReason::kNotTriedYet;
    pair.sends = 0;
    pair.unanswered = 0;
    pair.other_answered = false;
    pair.due = now;
  }
}

Pair* CheckList::next_due(Instant now) {
  Pair* best = nullptr;
  for (Pair& pair : pairs_) {
    if (!pair.permitted || !pair.due || *pair.due > now) continue;
    // Many that never answer must not keep us from asking whether a path still works.
    const auto rank = [](const Pair& p) {
      return std::tuple(p.triggered, p.succeeded(), p.priority);
    };
    if (!best || rank(pair) > rank(*best)) best = &pair;
  }
  return best;
}

std::optional<Instant> CheckList::next_due_at() const {
  std::optional<Instant> next;
  for (const Pair& pair : pairs_)
    if (pair.permitted) next = earliest(next, pair.due);
  return next;
}

bool CheckList::exhausted() const {
  return std::ranges::all_of(pairs_,
                             [](const Pair& pair) { return pair.state == PairState::kFailed; });
}

void CheckList::remove_base(BaseId base) {
  std::erase_if(pairs_, [&](const Pair& pair) { return pair.base == base; });
}

void CheckList::clear() {
  pairs_.clear();
  foundations_.clear();
  spent_.clear();
}

}  // namespace beeline::ice
