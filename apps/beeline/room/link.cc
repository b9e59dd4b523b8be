#include "apps/beeline/room/link.h"

#include <algorithm>

namespace beeline::cli {
namespace {

using namespace std::chrono_literals;
using peer::ConnectionState;
using peer::DescriptionType;
using peer::SignalingState;

// The polite side waits a little longer, so that mostly one side restarts and not both.
constexpr Duration kPoliteExtra = 1500ms;
constexpr Duration kDisconnectedWait = 2500ms;
constexpr Duration kFirstFailedWait = 100ms;
constexpr Duration kLongestWait = 30s;
constexpr unsigned kRestartsBeforeReset = 2;

}  // namespace

Link::Link(LinkSettings settings, const Random& random, PacketPool& packets, Log& log)
    : settings_(std::move(settings)),
      polite_(settings_.self < settings_.peer),
      peer_(settings_.transport, random.fork("peer"), packets, log),
      turn_(polite_),
      reset_unanswered_(settings_.reset_unanswered),
      attempts_(settings_.attempts) {}

void Link::start(Instant now) {
  for (const AgreedChannel& agreed : settings_.channels)
    if (const auto made = peer_.create_data_channel({.label = agreed.label}, agreed.number, now))
      channels_.emplace_back(agreed.number, *made);
  await_recovery(kConnectPatience, now);
  if (settings_.offers)
    begin(now);
  else
    timers_.set(Timer::kOffer, now + kOfferPatience);
}

void Link::begin(Instant now) {
  timers_.cancel(Timer::kOffer);
  if (std::exchange(begun_, true) || !std::exchange(wanted_, false)) return;
  make(turn_.want(established_, now), now);
}

std::optional<Instant> Link::next_timeout() const {
  const auto own = timers_.next();
  const auto timer = own ? std::optional(own->at) : std::nullopt;
  return earliest(peer_.next_timeout(), earliest(timer, turn_.next_timeout()));
}

void Link::handle_timeout(Instant now) {
  peer_.handle_timeout(now);
  if (over_) return;
  make(turn_.handle_timeout(now), now);
  while (const auto timer = timers_.pop_due(now)) {
    switch (*timer) {
      case Timer::kOffer:
        begin(now);
        break;
      case Timer::kAnswer:
        repeat_offer(now);
        break;
      case Timer::kBatch:
        flush_batch();
        break;
      case Timer::kServers:
        restart_now(now);
        break;
      case Timer::kRecovery:
        recover(now);
        break;
      case Timer::kCount:
        break;
    }
  }
}

// What an event makes us say or do may bring the next one.
void Link::flush(Instant now) {
  for (bool more = true; more;) {
    more = false;
    peer_.flush(now);
    while (auto event = peer_.poll_event()) {
      take(std::move(*event), now);
      more = true;
    }
  }
}

void Link::take(peer::PeerEvent event, Instant now) {
  if (auto* request = std::get_if<HostRequest>(&event)) {
    events_.push(std::move(*request));
  } else if (auto* found = std::get_if<peer::IceCandidate>(&event)) {
    if (over_) return;
    if (found->candidate.empty())
      batch_.emplace_back(signaling::CandidatesEndItem{});
    else
      batch_.emplace_back(signaling::CandidateItem{
          std::move(found->candidate), std::move(found->mid),
          static_cast<std::int64_t>(found->line_index), std::move(found->ufrag)});
    if (!timers_.at(Timer::kBatch)) timers_.set(Timer::kBatch, now + kBatch);
  } else if (std::holds_alternative<peer::NegotiationNeeded>(event)) {
    if (begun_)
      make(turn_.want(established_, now), now);
    else
      wanted_ = true;
  } else if (auto* changed = std::get_if<peer::ConnectionChanged>(&event)) {
    on(*changed, now);
    events_.push(std::move(*changed));
  } else if (auto* path = std::get_if<ice::PathChanged>(&event)) {
    events_.push(std::move(*path));
  } else if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) {
    events_.push(std::move(*channel));
  }
}

// --- negotiation ---------------------------------------------------------------------------------

void Link::make(OfferTurn::Move move, Instant now) {
  if (move == OfferTurn::Move::kOffer) offer(now);
  if (move == OfferTurn::Move::kSayAsk) say(signaling::AskItem{});
  if (move == OfferTurn::Move::kSayGo) say(signaling::GoItem{});
}

void Link::offer(Instant now) {
  // An offer or answer that is under way is waited for; what is still needed is told again then.
  if (over_ || !quiet()) return;
  if (const auto made = peer_.set_local_description(now)) say_description(made->type, now);
}

// As it is now: with the candidates so far, of which the other side may have passed over some.
void Link::say_description(DescriptionType type, Instant now) {
  flush_batch();
  say(signaling::DescriptionItem{std::string(to_string(type)), peer_.local_description()});
  if (type == DescriptionType::kOffer) timers_.set(Timer::kAnswer, now + kAnswerPatience);
}

void Link::repeat_offer(Instant now) {
  if (peer_.signaling_state() != SignalingState::kHaveLocalOffer) return;
  if (reachable_)
    say_description(DescriptionType::kOffer, now);
  else
    timers_.set(Timer::kAnswer, now + kAnswerPatience);
}

void Link::say(signaling::Item item) {
  std::vector<signaling::Item> items;
  items.push_back(std::move(item));
  events_.push(SayItems{std::move(items)});
}

void Link::flush_batch() {
  timers_.cancel(Timer::kBatch);
  if (!batch_.empty()) events_.push(SayItems{std::exchange(batch_, {})});
}

void Link::receive(const std::vector<signaling::Item>& items, Instant now) {
  for (const signaling::Item& item : items) {
    if (over_) return;
    std::visit([&](const auto& one) { take(one, now); }, item);
  }
}

// The lower member id is the polite side: its own offer is given up when both offer at once.
void Link::take(const signaling::DescriptionItem& item, Instant now) {
  const auto type = peer::parse_description_type(item.type);
  if (!type) return;
  const SignalingState state = peer_.signaling_state();
  const bool is_offer = *type == DescriptionType::kOffer;
  if (is_offer && !quiet() && !polite_) return;
  // An answer to an offer that was given up since, or one that came twice.
  if (!is_offer && state != SignalingState::kHaveLocalOffer &&
      state != SignalingState::kHaveRemotePranswer)
    return;
  if (!peer_.set_remote_description({*type, item.sdp}, now)) return;
  reset_unanswered_ = false;
  timers_.cancel(Timer::kAnswer);
  timers_.cancel(Timer::kOffer);
  begun_ = true;
  wanted_ = false;
  if (is_offer)
    if (const auto made = peer_.set_local_description(now)) say_description(made->type, now);
  established_ = established_ || quiet();
  make(turn_.settled(quiet(), now), now);
}

// Of an offer that was ignored, of another generation, of an unknown kind: losing one candidate
// never ends a connection.
void Link::take(const signaling::CandidateItem& item, Instant now) {
  if (!item.candidate.empty())
    std::ignore = peer_.add_ice_candidate(item.candidate, item.ufrag, now);
}

void Link::take(const signaling::CandidatesEndItem&, Instant now) {
  std::ignore = peer_.add_ice_candidate({}, {}, now);
}

void Link::take(const signaling::ResetItem&, Instant) {
  // Two resets that cross would leave both sides waiting; the impolite side's stands.
  if (!polite_ && reset_unanswered_) return;
  reset_unanswered_ = false;
  over_ = true;
  events_.push(StartAnew{false});
}

void Link::take(const signaling::AskItem&, Instant now) {
  make(turn_.asked(quiet(), now), now);
}

void Link::take(const signaling::GoItem&, Instant now) {
  make(turn_.granted(), now);
}

// --- when a path breaks --------------------------------------------------------------------------

void Link::on(const peer::ConnectionChanged& changed, Instant now) {
  switch (changed.state) {
    case ConnectionState::kConnected:
      attempts_ = 0;
      timers_.cancel(Timer::kRecovery);
      return;
    case ConnectionState::kClosed:
      // The other side's goodbye: mostly the server says next that it has left.
      if (changed.reason == peer::FailureReason::kNone) return timers_.cancel(Timer::kRecovery);
      return await_recovery(kDisconnectedWait, now);
    case ConnectionState::kDisconnected:
      return await_recovery(kDisconnectedWait, now);
    case ConnectionState::kFailed: {
      // The first time at once; then slower and slower, for a side that is simply gone.
      const Duration slower =
          std::min<Duration>(kLongestWait, 2s * (1U << std::min(attempts_, 5U)));
      return await_recovery(attempts_ == 0 ? kFirstFailedWait : slower, now);
    }
    case ConnectionState::kNew:
    case ConnectionState::kConnecting:
      return await_recovery(kConnectPatience, now);
  }
}

void Link::await_recovery(Duration delay, Instant now) {
  timers_.set(Timer::kRecovery, now + delay + (polite_ ? kPoliteExtra : Duration{}));
}

void Link::recover(Instant now) {
  const ConnectionState state = peer_.connection_state();
  // A session of DTLS that has ended cannot be restarted, only replaced.
  const bool dead = state == ConnectionState::kClosed ||
                    peer_.transport().failure() != peer::FailureReason::kNone;
  const bool is_reset = dead || attempts_ % (kRestartsBeforeReset + 1) == kRestartsBeforeReset;
  ++attempts_;
  await_recovery(kConnectPatience, now);
  // Who is not who signaling announced does not become so by trying again.
  if (!reachable_ || peer_.transport().failure() == peer::FailureReason::kFingerprintMismatch)
    return;
  if (is_reset)
    reset();
  else
    restart(now);
}

void Link::restart(Instant now) {
  events_.push(WantServers{});
  timers_.set(Timer::kServers, now + kServersPatience);
}

void Link::restart_now(Instant now) {
  timers_.cancel(Timer::kServers);
  if (!begun_) return begin(now);
  // With an offer still open no new one is made: the open one is repeated instead.
  if (peer_.signaling_state() == SignalingState::kHaveLocalOffer) return repeat_offer(now);
  peer_.restart_ice();
}

void Link::set_servers(std::vector<ice::Server> servers, Instant now) {
  peer_.set_servers(std::move(servers), now);
  if (timers_.at(Timer::kServers)) restart_now(now);
}

void Link::reset() {
  reset_unanswered_ = true;
  over_ = true;
  events_.push(StartAnew{true});
}

void Link::resumed(Instant now) {
  repeat_offer(now);
}

void Link::restored(Instant now) {
  resumed(now);
  const auto path = peer_.transport().agent().path();
  if ((!path || path->relayed) && !polite_) restart(now);
}

void Link::close(Instant now) {
  over_ = true;
  timers_ = {};
  peer_.close(now);
}

// --- channels ------------------------------------------------------------------------------------

sctp::ChannelId Link::channel(sctp::StreamId number) const {
  const auto at =
      std::ranges::find(channels_, number, &std::pair<sctp::StreamId, sctp::ChannelId>::first);
  return at == channels_.end() ? sctp::ChannelId{} : at->second;
}

std::optional<sctp::StreamId> Link::number_of(sctp::ChannelId channel) const {
  const auto at =
      std::ranges::find(channels_, channel, &std::pair<sctp::StreamId, sctp::ChannelId>::second);
  return at == channels_.end() ? std::nullopt : std::optional(at->first);
}

bool Link::send(sctp::StreamId number, bool text, std::vector<std::uint8_t> bytes, Instant now) {
  return peer_.send(channel(number), text, std::move(bytes), now).has_value();
}

}  // namespace beeline::cli
