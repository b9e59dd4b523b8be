// Checks in and out (RFC 8445 §7): who may be asked, what an answer changes, what a request makes
// us do.
#include <algorithm>
#include <utility>

#include "beeline/ice/agent.h"
#include "beeline/stun/integrity.h"

namespace beeline::ice {

using stun::AttributeType;

// --- in ------------------------------------------------------------------------------------------

void Agent::from_peer(BaseId base, const TransportAddress& source, Packet packet, Instant now) {
  if (!base_of(base)) return;
  if (!stun::looks_like_stun(packet.bytes())) return on_data(base, source, std::move(packet), now);
  const auto message = stun::Message::parse(packet.bytes());
  if (!message || message->method() != stun::Method::kBinding) {
    ++counters_.malformed;
    return;
  }
  switch (message->message_class()) {
    case stun::Class::kRequest:
      return on_request(base, source, *message, now);
    case stun::Class::kSuccess:
    case stun::Class::kError:
      return on_answer(base, source, *message, now);
    case stun::Class::kIndication:
      return;  // keeps a NAT open, says nothing
  }
}

//= RFC 8445 §7.3
void Agent::on_request(BaseId base, const TransportAddress& source, const stun::Message& message,
                       Instant now) {
  const auto check = read_check(message);
  if (!check) {
    ++counters_.malformed;
    return refuse(base, source, message, 400, false, now);
  }
  const bool ours = check->username_ours == local_.ufrag &&
                    (!remote_ || check->username_theirs == remote_->ufrag);
  if (!ours && answer_on_former_path(base, source, message, now)) return;
  if (!rules::admits_request(ours, stun::check_integrity(message, as_bytes(local_.password)))) {
    ++counters_.forged;
    return refuse(base, source, message, 401, false, now);
  }
  if (has_unknown_required(message)) return refuse(base, source, message, 420, true, now);
  if (!settle_roles(base, source, message, *check, now)) return;
  Packet answer = packets_.make();
  write_check_success(answer, message.transaction_id(), as_sent(source), local_.password);
  reply(base, source, std::move(answer), now);
  heard_check(base, source, *check, now);
}

// An address that our NAT64 made of an IPv4 address means nothing to whoever has that one.
TransportAddress Agent::as_sent(const TransportAddress& source) const {
  const auto v4 = nat64_ ? nat64_->extract(source.ip) : std::nullopt;
  return v4 ? TransportAddress{*v4, source.port} : source;
}

void Agent::refuse(BaseId base, const TransportAddress& source, const stun::Message& message,
                   std::uint16_t code, bool with_integrity, Instant now) {
  Packet answer = packets_.make();
  write_check_error(answer, message.transaction_id(), code,
                    with_integrity ? std::string_view(local_.password) : std::string_view());
  reply(base, source, std::move(answer), now);
}

// During a restart the other side may still ask for consent on the path that is in use, with the
// former credentials; anywhere else those are worth nothing.
bool Agent::answer_on_former_path(BaseId base, const TransportAddress& source,
                                  const stun::Message& message, Instant now) {
  if (!former_ || former_->base != base || former_->remote != source) return false;
  if (!stun::check_integrity(message, as_bytes(former_->local.password))) return false;
  Packet answer = packets_.make();
  write_check_success(answer, message.transaction_id(), source, former_->local.password);
  reply(base, source, std::move(answer), now);
  return true;
}

//= RFC 7675 §5.1
void Agent::ask_on_former_path(Instant now) {
  if (!former_ || !former_->theirs || now < std::max(former_->due, pace_at_)) return;
  if (rules::is_lost(rules::consent_expired(former_->answered, now), former_->since_answer))
    return former_.reset();
  FormerPath& path = *former_;
  path.due = now + rules::consent_interval(consent_random_);
  path.asked = {.id = {}, .at = now, .as = path.role, .nomination = 0};
  consent_random_.fill(path.asked.id);
  ++path.since_answer;
  ++counters_.checks_sent;
  Packet packet = packets_.make();
  write_check(packet, {.transaction = path.asked.id,
                       .username = path.theirs->ufrag + ":" + path.local.ufrag,
                       .password = path.theirs->password,
                       .role = path.role,
                       .tie_breaker = path.tie_breaker,
                       .priority = base_of(path.base)->reflexive_priority});
  reply(path.base, path.remote, std::move(packet), now);
  pace_at_ = now + rules::check_spacing(look_checks_++);
}

// An error says nothing here: whoever has a new path has forgotten the former one.
bool Agent::former_path_answered(BaseId base, const TransportAddress& source,
                                 const stun::Message& message) {
  if (!former_ || former_->asked.at == Instant{} || former_->asked.id != message.transaction_id())
    return false;
  if (message.message_class() == stun::Class::kError) return true;
  if (!stun::check_integrity(message, as_bytes(former_->theirs->password))) {
    ++counters_.forged;
  } else if (rules::is_symmetric(former_->remote, source, base == former_->base)) {
    former_->answered = former_->asked.at;
    former_->since_answer = 0;
  }
  return true;
}

// False where the request was refused with 487.
bool Agent::settle_roles(BaseId base, const TransportAddress& source, const stun::Message& message,
                         const ReceivedCheck& check, Instant now) {
  if (!check.role) return true;
  switch (rules::role_conflict(role_, tie_breaker_, *check.role, check.tie_breaker)) {
    case rules::Conflict::kNone:
      return true;
    case rules::Conflict::kSwitchRole:
      set_role(*check.role == Role::kControlling ? Role::kControlled : Role::kControlling);
      return true;
    case rules::Conflict::kRefuse:
      break;
  }
  refuse(base, source, message, 487, true, now);
  return false;
}

//= RFC 8445 §7.3.1.3, §7.3.1.4, §7.3.1.5
void Agent::heard_check(BaseId base_id, const TransportAddress& source, const ReceivedCheck& check,
                        Instant now) {
  const Base& base = *base_of(base_id);
  const CandidateTransport transport = opposite(base.candidate.transport);
  Remote* remote = remote_at(source, transport);
  if (!remote) {
    if (remotes_.size() >= settings_.limits.remote_candidates) return;
    Candidate candidate{.type = CandidateType::kPeerReflexive,
                        .transport = transport,
                        .address = source,
                        .name = {},
                        .priority = check.priority,
                        .foundation = "heard " + source.to_string(),
                        .component = 1,
                        .related = {}};
    remotes_.push_back({.id = RemoteId{next_remote_++}, .candidate = std::move(candidate)});
    remote = &remotes_.back();
  }
  Pair* pair = checks_.add_heard(base, *remote, role_, now);
  if (!pair) return;
  if (base.is_tcp()) tcp_.prove(base_id, source);
  ++pair->requests_heard;
  pair->heard = now;
  if (pair->succeeded()) pair->unanswered = 0;
  pair->authentic = true;
  // What reached us through a relay was let through by it.
  pair->permitted = true;
  if (settings_.lite) {
    //= RFC 8445 §7.3.2
    // A lite side asks nothing: being asked is the consent it has (RFC 7675 wants one of all).
    pair->answered = now;
    if (!pair->succeeded()) checks_.succeeded(*pair, now);
  }
  // An older count is a question that came late; 0 is a side that does not count.
  if (check.use_candidate && role_ == Role::kControlled &&
      (check.nomination == 0 || check.nomination >= pair->nomination)) {
    pair->nomination = check.nomination;
    pair->nominated_at = now;
  }
  if (!settings_.lite) {
    look_.hear(check.looks);
    look_if_due(now);
  }
  const bool usable = pair->answered && rules::may_send_on(pair->succeeded(), *pair->answered, now);
  if (settings_.lite || !rules::triggers_check(usable)) return;
  // A word from the other side is a reason to look again; the budget of this look still counts.
  if (!rules::may_send_check(pair->sends, 0, true)) look_again(now);
  CheckList::trigger(*pair, now);
}

void Agent::on_answer(BaseId base, const TransportAddress& source, const stun::Message& message,
                      Instant now) {
  for (Pair& pair : checks_.pairs()) {
    const SentCheck* check = pair.find(message.transaction_id());
    if (!check) continue;
    if (!rules::admits_response(stun::check_integrity(message, as_bytes(remote_->password)))) {
      // A 400 or 401 cannot be signed; nobody is believed who only says that (RFC 8489 §9.1.4).
      ++counters_.forged;
      return;
    }
    const TransportAddress& asked = remote_of(pair.remote)->candidate.address;
    if (!rules::is_symmetric(asked, source, base == pair.base)) {
      // The RFC gives the pair up here. A NAT that is about to learn which of its ports we mean
      // answers from the right one a moment later, so the other checks of this look still go out.
      pair.other_answered = true;
      return;
    }
    const SentCheck copy = *check;
    return message.message_class() == stun::Class::kSuccess ? on_success(pair, copy, message, now)
                                                            : on_error(pair, copy, message, now);
  }
  if (!former_path_answered(base, source, message)) ++counters_.unexpected;
}

//= RFC 8445 §7.2.5.3
void Agent::on_success(Pair& pair, const SentCheck& check, const stun::Message& message,
                       Instant now) {
  const auto attribute = message.find(AttributeType::kXorMappedAddress);
  const auto mapped =
      attribute ? stun::read_xor_address(attribute->value, message.transaction_id()) : std::nullopt;
  if (!mapped) {
    ++counters_.malformed;
    return;
  }
  remote_of(pair.remote)->answered = true;
  learn_mapped(pair, *mapped, now);
  // Consent counts from the question: an answer may have waited for us while we slept.
  pair.answered = check.at;
  pair.heard = now;
  pair.round_trip = now - check.at;
  pair.sends = pair.unanswered = pair.since_answer = 0;
  ++pair.answers;
  if (!pair.succeeded()) {
    if (!first_success_) first_success_ = now;
    checks_.succeeded(pair, now);
    pair.reason = PairReason::kWorks;
  }
  pair.nomination = std::max(pair.nomination, check.nomination);
  if (check.nomination == pair.nominate_as) pair.nominate_as = 0;
  plan_next(pair, now);
}

//= RFC 8445 §7.2.5.3.1
// Where the other side sees us. An address that none of our servers told of may be a NAT's second
// thoughts about the first: they are asked again, and what they say is a new candidate.
void Agent::learn_mapped(Pair& pair, const TransportAddress& mapped, Instant now) {
  const Base& base = *base_of(pair.base);
  // Seen through a NAT64 that the other side knows nothing of.
  if (mapped.ip.is_v6() && base.address.ip.is_v4()) return;
  const auto before =
      std::exchange(pair.mapped, mapped == base.address ? std::nullopt : std::optional(mapped));
  if (!pair.mapped || pair.mapped == before || base.is_relayed() || gatherer_.knows(mapped) ||
      (mapped_asked_ && !rules::may_look_again(*mapped_asked_, now)))
    return;
  mapped_asked_ = now;
  gatherer_.ask_stun_again(now);
}

void Agent::on_error(Pair& pair, const SentCheck& check, const stun::Message& message,
                     Instant now) {
  const auto attribute = message.find(AttributeType::kErrorCode);
  const auto error = attribute ? stun::read_error_code(attribute->value) : std::nullopt;
  remote_of(pair.remote)->answered = true;
  if (error && error->code == 487) {
    //= RFC 8445 §7.2.5.1
    set_role(rules::role_after_487(check.as));
    return CheckList::trigger(pair, now);
  }
  if (pair.succeeded()) return;
  pair.error_code = error ? error->code : 0;
  checks_.failed(pair, PairReason::kRefused, now);
}

void Agent::on_data(BaseId base, const TransportAddress& source, Packet packet, Instant now) {
  Pair* pair = pair_at(base, source);
  if (pair && rules::may_receive_from(pair->succeeded(), pair->authentic)) {
    pair->heard = now;
    if (pair->succeeded()) pair->unanswered = 0;
  } else if (!former_ || former_->base != base || former_->remote != source) {
    ++counters_.strangers;
    return;
  }
  outbox_.events.push(Received{std::move(packet)});
}

// --- out -----------------------------------------------------------------------------------------

void Agent::run_checks(Instant now) {
  if (!remote_ || settings_.lite) return;
  while (pace_at_ <= now) {
    Pair* pair = checks_.next_due(now);
    if (!pair) return;
    check(*pair, now);
  }
}

// Sends the check that is due, or finds that it must not be sent.
void Agent::check(Pair& pair, Instant now) {
  // What is kept back for those who are heard from is spent where nothing works at all.
  const bool urgent = std::exchange(pair.triggered, false) || !active();
  const Remote& remote = *remote_of(pair.remote);
  if (pair.succeeded() &&
      rules::is_lost(rules::consent_expired(*pair.answered, now), pair.since_answer)) {
    if (active_ == pair.id) look_again(now);
    pair.sends = 0;  // it did answer once
    return checks_.failed(pair, PairReason::kConsentLost, now);
  }
  if (!pair.succeeded()) {
    const int at_address = remote.answered ? 0 : unanswered_[remote.candidate.address.ip];
    if (!rules::may_send_check(pair.sends, at_address, urgent))
      return checks_.failed(pair, why_silent(pair, urgent), now);
    if (!gatherer_.meets(pair.base, remote.candidate))
      return checks_.failed(pair, PairReason::kOutOfStep, now);
  }
  if (!ready_to_send(pair, now)) return;
  send_check(pair, now);
  plan_next(pair, now);
  pace_at_ = now + rules::check_spacing(look_checks_++);
}

PairReason Agent::why_silent(const Pair& pair, bool urgent) {
  if (rules::may_send_check(pair.sends, 0, urgent)) return PairReason::kBudgetSpent;
  return pair.other_answered ? PairReason::kOtherAnswered : PairReason::kNoAnswer;
}

// TCP: opens the connection first; the check follows when it stands.
bool Agent::ready_to_send(Pair& pair, Instant now) {
  const Base& base = *base_of(pair.base);
  if (!base.is_tcp()) return true;
  const auto readiness = tcp_.connect(base, remote_of(pair.remote)->candidate.address);
  if (readiness == TcpPaths::Readiness::kReady) return true;
  if (readiness == TcpPaths::Readiness::kFailed)
    checks_.failed(pair, PairReason::kConnectionFailed, now);
  else
    pair.due.reset();  // until ConnectionChanged
  return false;
}

void Agent::send_check(Pair& pair, Instant now) {
  const Remote& remote = *remote_of(pair.remote);
  SentCheck& sent = pair.sent[pair.next_sent++ % pair.sent.size()];
  sent = {.id = {}, .at = now, .as = role_, .nomination = 0};
  random_.fill(sent.id);
  // The nomination is said again with every check of that pair, so that no loss undoes it.
  if (role_ == Role::kControlling) {
    if (pair.nominate_as != 0)
      sent.nomination = pair.nominate_as;
    else if (nominated_ == pair.id)
      sent.nomination = pair.nomination;
  }
  Packet packet = packets_.make();
  write_check(packet, {.transaction = sent.id,
                       .username = username_,
                       .password = remote_->password,
                       .role = role_,
                       .tie_breaker = tie_breaker_,
                       .priority = base_of(pair.base)->reflexive_priority,
                       .nomination = sent.nomination,
                       .counts_nominations = remote_->renomination,
                       .looks = look_.own()});
  ++pair.checks_sent;
  ++pair.sends;
  ++pair.unanswered;
  ++pair.since_answer;
  ++counters_.checks_sent;
  if (!remote.answered) ++unanswered_[remote.candidate.address.ip];
  if (!pair.succeeded()) {
    pair.state = PairState::kInProgress;
    pair.reason = PairReason::kChecking;
  }
  send_on(pair, std::move(packet), now);
}

// When the next check of a pair is due, after a check was sent or an answer came.
void Agent::plan_next(Pair& pair, Instant now) {
  if (!pair.succeeded()) {
    const bool last = !rules::may_send_check(pair.sends, 0, !active());
    pair.due = now + (last ? rules::last_wait() : rules::repeat_after(pair.sends, pair.round_trip));
    return;
  }
  if (pair.nominate_as != 0 || pair.unanswered > 0) {
    // Four in a row make a doubt, fast; from then on once a second.
    const Duration wait = pair.doubted() ? Duration(std::chrono::seconds(1))
                                         : rules::repeat_after(1, pair.round_trip);
    pair.due = now + wait;
    return;
  }
  if (active_ == pair.id || !active()) {
    pair.due = now + rules::consent_interval(consent_random_);
  } else if (backup_ == pair.id) {
    pair.due = now + rules::backup_interval();
  } else {
    pair.due.reset();
  }
}

void Agent::send_on(const Pair& pair, Packet packet, Instant now) {
  reply(pair.base, remote_of(pair.remote)->candidate.address, std::move(packet), now);
}

void Agent::reply(BaseId base, const TransportAddress& destination, Packet packet, Instant now) {
  const Base* from = base_of(base);
  if (!from) return;
  if (from->is_tcp()) return tcp_.send(base, destination, std::move(packet));
  gatherer_.send(base, destination, std::move(packet), now);
}

void Agent::set_role(Role role) {
  if (role_ == role) return;
  role_ = role;
  checks_.reprioritize(bases_, remotes_, role);
  nominated_.reset();
  for (Pair& pair : checks_.pairs()) pair.nominated_at.reset();
}

Pair* Agent::pair_at(BaseId base, const TransportAddress& source) {
  // Nearly all packets are data on the path in use.
  if (Pair* pair = active();
      pair && pair->base == base && remote_of(pair->remote)->candidate.address == source)
    return pair;
  for (Pair& pair : checks_.pairs())
    if (pair.base == base && remote_of(pair.remote)->candidate.address == source) return &pair;
  return nullptr;
}

}  // namespace beeline::ice
