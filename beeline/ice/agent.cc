#include "beeline/ice/agent.h"

#include <algorithm>

#include "beeline/base/protocol_core.h"

namespace beeline::ice {
namespace {

constexpr std::string_view kIceCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

//= RFC 8445 §5.3
// At least 24 and 128 bits; six bits a character.
Parameters draw_parameters(Random& random, bool lite) {
  return {.ufrag = random.text(8, kIceCharacters),
          .password = random.text(24, kIceCharacters),
          .lite = lite,
          .renomination = true};
}

// A timer that comes this late: the machine slept.
constexpr Duration kSlept = std::chrono::seconds(3);

}  // namespace

Agent::Agent(Settings settings, Role role, const Random& random, PacketPool& packets, Log& log)
    : settings_(std::move(settings)),
      packets_(packets),
      log_(log),
      random_(random.fork("ice agent")),
      consent_random_(random.fork("ice consent")),
      gatherer_(settings_, random, packets, outbox_),
      tcp_(settings_, packets, outbox_),
      role_(settings_.lite ? Role::kControlled : role),
      tie_breaker_(random_.u64()),
      local_(draw_parameters(random_, settings_.lite)),
      checks_(settings_.limits.pairs) {}

std::optional<Agent::Transmit> Agent::poll_transmit() {
  return outbox_.transmits.pop();
}

std::optional<Agent::Event> Agent::poll_event() {
  return outbox_.events.pop();
}

std::optional<Instant> Agent::next_timeout() const {
  if (state_ == State::kClosed) return std::nullopt;
  std::optional<Instant> next = earliest(gatherer_.next_timeout(), tcp_.next_timeout());
  if (remote_ && !settings_.lite) {
    if (const auto due = checks_.next_due_at()) next = earliest(next, std::max(*due, pace_at_));
    next = earliest(next, look_.next());
    next = earliest(next, ask_servers_at_);
  }
  if (const Pair* pair = active(); pair && pair->answered)
    next = earliest(next, *pair->answered + rules::kConsentLifetime);
  if (former_ && former_->theirs) next = earliest(next, std::max(former_->due, pace_at_));
  if (state_ == State::kChecking && remote_ && checks_.exhausted())
    next = earliest(next, began_ + rules::patience());
  return next;
}

void Agent::handle_input(Input input, Instant now) {
  if (state_ == State::kClosed) return;
  notice_time_gone(now);
  dispatch(input, now);
  take_notices(now);
}

void Agent::dispatch(HostInput& input, Instant now) {
  if (const auto* resolved = std::get_if<NameResolved>(&input);
      resolved && resolving_.contains(resolved->query))
    return on_resolved(*resolved, now);
  if (tcp_.handle_input(input, now)) return;
  gatherer_.handle_input(input, now);
}

void Agent::handle_timeout(Instant now) {
  if (state_ == State::kClosed) return;
  notice_time_gone(now);
  gatherer_.handle_timeout(now);
  tcp_.handle_timeout(now);
  look_if_due(now);
  if (ask_servers_at_ && *ask_servers_at_ <= now) {
    ask_servers_after_ = rules::next_wait_for_servers(ask_servers_after_);
    ask_servers_at_ = now + ask_servers_after_;
    gatherer_.ask_again(now);
  }
  take_notices(now);
}

void Agent::flush(Instant now) {
  if (state_ == State::kClosed) return;
  do {
    take_notices(now);
    run_checks(now);
    ask_on_former_path(now);
    settle(now);
    // Choosing a path may have something said at once (a nomination).
    run_checks(now);
    gatherer_.flush(now);
  } while (gatherer_.has_notices());
  expected_wake_ = next_timeout();
}

// A NAT that was started anew, or a server, has forgotten an allocation that we still believe in;
// only the server can tell.
void Agent::expect_servers_to_know_us(Instant now) {
  ask_servers_after_ = rules::first_wait_for_servers();
  ask_servers_at_ = now + ask_servers_after_;
}

// After a sleep nothing that was known of NATs and interfaces may be true.
void Agent::notice_time_gone(Instant now) {
  if (!expected_wake_ || now - *expected_wake_ < kSlept) return;
  expected_wake_.reset();
  for (Pair& pair : checks_.pairs())
    if (pair.succeeded()) CheckList::trigger(pair, now);
  look_again(now);
}

// --- commands ------------------------------------------------------------------------------------

void Agent::gather(Instant now) {
  if (state_ != State::kNew) return;
  began_ = now;
  look_.move_start(now);
  set_state(State::kChecking);
  gatherer_.start(now);
  take_notices(now);
}

void Agent::set_remote(Parameters remote, Instant now) {
  if (remote_ == remote || state_ == State::kClosed) return;
  //= RFC 8839 §5.4
  if (remote.ufrag.empty() || remote.ufrag.size() > 256 || remote.password.empty() ||
      remote.password.size() > 256)
    return log_.warning("ice_parameters_refused");
  if (remote_) begin_generation(now);
  remote_ = std::move(remote);
  username_ = remote_->ufrag + ":" + local_.ufrag;
  began_ = now;
  look_.move_start(now);
  expect_servers_to_know_us(now);
  //= RFC 8445 §6.1.1
  if (remote_->lite && !settings_.lite) set_role(Role::kControlling);
}

void Agent::add_remote(Candidate candidate, Instant now) {
  if (state_ == State::kClosed || candidate.component != 1) return;
  if (candidate.name.empty()) return add_remote_address(std::move(candidate), false, now);
  if (resolving_.size() >= settings_.limits.remote_candidates) return;
  const NameQueryId query{outbox_.next_query++};
  outbox_.request(ResolveName{query, candidate.name});
  resolving_.emplace(query, std::move(candidate));
}

void Agent::end_of_remote_candidates(Instant) {
  remote_complete_ = true;
}

void Agent::restart(Instant now) {
  if (state_ == State::kClosed) return;
  begin_generation(now);
  local_ = draw_parameters(random_, settings_.lite);
  tie_breaker_ = random_.u64();
  gatherer_.tell_everything_again();
  for (const Candidate& candidate : tcp_.found()) outbox_.events.push(CandidateGathered{candidate});
  gatherer_.ask_again(now);
}

// Nothing of what the other side said so far counts any more, but the path in use goes on.
void Agent::begin_generation(Instant now) {
  if (const Pair* pair = active(); pair && pair->answered)
    former_ = FormerPath{.base = pair->base,
                         .remote = remote_of(pair->remote)->candidate.address,
                         .local = local_,
                         .theirs = settings_.lite ? std::nullopt : remote_,
                         .role = role_,
                         .tie_breaker = tie_breaker_,
                         .answered = *pair->answered,
                         .due = pair->due.value_or(now),
                         .asked = {},
                         .since_answer = pair->since_answer};
  remote_.reset();
  remotes_.clear();
  resolving_.clear();
  checks_.clear();
  unanswered_.clear();
  active_.reset();
  backup_.reset();
  nominated_.reset();
  first_success_.reset();
  remote_complete_ = was_connected_ = false;
  look_.start(now);
  look_checks_ = 0;
  began_ = now;
  if (state_ == State::kFailed || state_ == State::kDisconnected) set_state(State::kChecking);
}

void Agent::set_servers(std::vector<Server> servers, Instant now) {
  settings_.servers = std::move(servers);
  gatherer_.set_servers(now);
}

std::expected<void, SendError> Agent::send(Packet packet, Instant now) {
  if (packet.size() > Packet::kMaxPayload) return std::unexpected(SendError::kTooLarge);
  Pair* pair = active();
  if (!pair) {
    if (!former_) return std::unexpected(SendError::kNotConnected);
    if (rules::consent_expired(former_->answered, now))
      return std::unexpected(SendError::kNoConsent);
    reply(former_->base, former_->remote, std::move(packet), now);
    return {};
  }
  if (!rules::may_send_on(pair->succeeded(), *pair->answered, now))
    return std::unexpected(SendError::kNoConsent);
  // Who speaks and hears nothing asks whether anybody is there, long before consent is due.
  const Instant heard = pair->heard.value_or(*pair->answered);
  if (!settings_.lite && pair->unanswered == 0 && now - heard >= rules::silence_to_ask())
    CheckList::trigger(*pair, now);
  send_on(*pair, std::move(packet), now);
  return {};
}

void Agent::close(Instant now) {
  if (state_ == State::kClosed) return;
  tcp_.close();
  gatherer_.close(now);
  gatherer_.flush(now);
  set_state(State::kClosed);
}

// --- what the gatherer found ---------------------------------------------------------------------

void Agent::take_notices(Instant now) {
  for (bool more = true; more;) {
    more = false;
    const auto take = [&](auto& one) { on(one, now); };
    while (auto notice = gatherer_.poll_notice()) std::visit(take, *notice), more = true;
    while (auto notice = tcp_.poll_notice()) std::visit(take, *notice), more = true;
  }
}

void Agent::on(FoundCandidate& found, Instant) {
  outbox_.events.push(CandidateGathered{std::move(found.candidate)});
}

void Agent::on(FromPeer& heard, Instant now) {
  from_peer(heard.base, heard.source, std::move(heard.packet), now);
}

void Agent::on(const GatheredAll&, Instant) {
  outbox_.events.push(GatheringDone{});
}

void Agent::on(const Nat64Changed& changed, Instant now) {
  nat64_ = changed.prefix;
  const std::vector<Remote> known = remotes_;
  for (const Remote& remote : known)
    if (remote.signalled) add_translated(remote.candidate, now);
}

void Agent::on(const ConnectionChanged& changed, Instant now) {
  Pair* pair = pair_at(changed.base, changed.remote);
  const Base* base = base_of(changed.base);
  if (!pair || !base) return;
  if (tcp_.connect(*base, changed.remote) == TcpPaths::Readiness::kReady)
    return CheckList::trigger(*pair, now);
  const bool in_use = active_ == pair->id;
  checks_.failed(*pair, PairReason::kConnectionFailed, now);
  if (in_use) look_again(now);
}

void Agent::on(const BaseUp& up, Instant now) {
  const Base& base = up.base;
  bases_.push_back(base);
  for (const Remote& remote : remotes_)
    if (remote.signalled) pair_up(base, remote, now);
  // A new address while a connection stands is a change of network.
  if (was_connected_) look_twice(now);
}

void Agent::on(const BaseDown& down, Instant now) {
  const BaseId base = down.base;
  const bool in_use = active() && active()->base == base;
  checks_.remove_base(base);
  std::erase_if(bases_, [&](const Base& other) { return other.id == base; });
  if (former_ && former_->base == base) former_.reset();
  if (in_use) look_again(now);
}

void Agent::on(const Permission& permission, Instant now) {
  for (Pair& pair : checks_.pairs()) {
    if (pair.base != permission.base ||
        remote_of(pair.remote)->candidate.address.ip != permission.peer)
      continue;
    pair.permitted = permission.granted;
    if (permission.granted || pair.state == PairState::kFailed) continue;
    pair.error_code = permission.code;
    checks_.failed(pair, PairReason::kRelayRefused, now);
  }
}

void Agent::on_resolved(const NameResolved& resolved, Instant now) {
  Candidate candidate = std::move(resolving_.at(resolved.query));
  resolving_.erase(resolved.query);
  // A name that hides an address stands for one address.
  for (const IpAddress& ip : resolved.addresses) {
    candidate.address.ip = ip;
    add_remote_address(candidate, false, now);
  }
}

void Agent::add_remote_address(Candidate candidate, bool translated, Instant now) {
  Remote* remote = remote_at(candidate.address, candidate.transport);
  if (!remote) {
    if (remotes_.size() >= settings_.limits.remote_candidates) return;
    remotes_.push_back({.id = RemoteId{next_remote_++}, .candidate = std::move(candidate)});
    remote = &remotes_.back();
  } else if (!remote->signalled) {
    //= RFC 8445 §7.3.1.3
    // Known from a check so far: the priority that it had there stays.
    const std::uint32_t priority = remote->candidate.priority;
    remote->candidate = std::move(candidate);
    remote->candidate.priority = priority;
  } else {
    return;
  }
  remote->signalled = true;
  remote->translated = translated;
  const Remote copy = *remote;
  for (const Base& base : bases_) pair_up(base, copy, now);
  // An address the other side did not have before: its network changed, so may ours look again.
  if (was_connected_ || state_ == State::kFailed) look_again(now);
  add_translated(copy.candidate, now);
}

//= RFC 6052 §3.1
// The same once more, as it is reached from a network without IPv4; private addresses are not.
void Agent::add_translated(Candidate candidate, Instant now) {
  if (!nat64_ || !candidate.is_udp() || !candidate.address.ip.is_v4() ||
      candidate.address.ip.is_private())
    return;
  candidate.address.ip = nat64_->embed(candidate.address.ip);
  add_remote_address(std::move(candidate), true, now);
}

void Agent::pair_up(const Base& base, const Remote& remote, Instant now) {
  // Pairs of a passive place come with the connection that the other side opens.
  if (base.candidate.transport == CandidateTransport::kTcpPassive) return;
  // A full list takes a new pair in for an old one: its size says nothing.
  if (checks_.find(base.id, remote.id)) return;
  Pair* pair = checks_.add(base, remote, role_, now);
  if (!pair || !base.is_relayed()) return;
  pair->permitted = false;
  gatherer_.permit(base.id, remote.candidate.address.ip, now);
}

// Everything that failed gets another chance, with the same small budget.
void Agent::look_again(Instant now) {
  look_.want(1);
  look_if_due(now);
}

// The first look may fall into the trouble that is its reason.
void Agent::look_twice(Instant now) {
  look_.want(2);
  look_if_due(now);
}

void Agent::look_if_due(Instant now) {
  const std::uint32_t own = look_.own();
  if (!remote_ || !look_.begin(now)) return;
  look_checks_ = 0;
  unanswered_.clear();
  tcp_.forget_failures();
  checks_.start_over(now);
  // A relay that refused may have been asked by what was damaged on its way.
  for (const Pair& pair : checks_.pairs())
    if (!pair.permitted)
      gatherer_.permit(pair.base, remote_of(pair.remote)->candidate.address.ip, now);
  gatherer_.ask_again(now);
  // The other side hears of it at once, over what works.
  if (Pair* pair = active(); pair && look_.own() != own) CheckList::trigger(*pair, now);
}

// --- small lookups -------------------------------------------------------------------------------

const Base* Agent::base_of(BaseId id) const {
  const auto it = std::ranges::find(bases_, id, &Base::id);
  return it == bases_.end() ? nullptr : &*it;
}

const Remote* Agent::remote_of(RemoteId id) const {
  const auto it = std::ranges::find(remotes_, id, &Remote::id);
  return it == remotes_.end() ? nullptr : &*it;
}

Base* Agent::base_of(BaseId id) {
  return const_cast<Base*>(std::as_const(*this).base_of(id));
}

Remote* Agent::remote_of(RemoteId id) {
  return const_cast<Remote*>(std::as_const(*this).remote_of(id));
}

Remote* Agent::remote_at(const TransportAddress& address, CandidateTransport transport) {
  const auto it = std::ranges::find_if(remotes_, [&](const Remote& remote) {
    return remote.candidate.address == address && remote.candidate.transport == transport;
  });
  return it == remotes_.end() ? nullptr : &*it;
}

}  // namespace beeline::ice
