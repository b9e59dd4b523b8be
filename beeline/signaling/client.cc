#include "beeline/signaling/client.h"

#include <algorithm>

#include "beeline/base/ensure.h"
#include "beeline/base/protocol_core.h"

namespace beeline::signaling {
namespace {

constexpr Duration kFirstWait = std::chrono::milliseconds(500);
constexpr Duration kLongestWait = std::chrono::seconds(15);

// Doubling, each time anywhere between half and all of it so that a crowd spreads out.
Duration wait_before(unsigned attempt, Random& random) {
  const Duration ceiling = std::min(kLongestWait, kFirstWait * (1U << std::min(attempt, 5U)));
  const auto half = static_cast<std::uint32_t>(ceiling.count() / 2);
  return Duration(half + random.below(half + 1));
}

}  // namespace

Client::Client(ClientSettings settings, const Random& random)
    : settings_(std::move(settings)), random_(random.fork("signaling client")) {}

std::optional<Client::Transmit> Client::poll_transmit() {
  return transmits_.pop();
}
std::optional<Client::Event> Client::poll_event() {
  return events_.pop();
}
std::optional<Instant> Client::next_timeout() const {
  const auto next = timers_.next();
  return next ? std::optional(next->at) : std::nullopt;
}

const Roommate* Client::member(std::string_view id) const {
  const auto at = std::ranges::find(members_, id, &Roommate::id);
  return at == members_.end() ? nullptr : &*at;
}
Roommate* Client::find(std::string_view id) {
  const auto at = std::ranges::find(members_, id, &Roommate::id);
  return at == members_.end() ? nullptr : &*at;
}

// --- connections ---------------------------------------------------------------------------------

void Client::open(Instant now) {
  timers_.set(Timer::kOpening, now + kOpenPatience);
  events_.push(OpenLink{});
}

void Client::handle_input(Input input, Instant now) {
  if (phase_ == Phase::kClosed) return;
  std::visit([&](const auto& one) { on(one, now); }, input);
}

void Client::on(const LinkUp&, Instant now) {
  timers_.cancel(Timer::kOpening);
  Hello hello{.version_known = true,
              .room = settings_.room,
              .name = settings_.name,
              .presence_json = settings_.presence_json,
              .resume = std::nullopt,
              .host_key = settings_.host_key,
              .password_proof = settings_.password_proof};
  if (!token_.empty()) hello.resume = Resume{token_, last_event_};
  transmits_.push(write_hello(hello));
  watch_silence(now);
}

void Client::on(const LinkDown& down, Instant now) {
  lost(down.why, down.hopeless, now);
}

void Client::lost(std::string why, bool hopeless, Instant now) {
  for (const Timer timer : {Timer::kOpening, Timer::kPing, Timer::kSilence}) timers_.cancel(timer);
  transmits_.clear();
  if (!ever_open_ && (hopeless || attempt_ + 1 >= kFirstTries))
    return finish("server_unreachable", std::move(why));
  set_phase(ever_open_ ? Phase::kReconnecting : Phase::kConnecting, std::move(why));
  timers_.set(Timer::kRetry, now + wait_before(attempt_++, random_));
}

void Client::drop_link(std::string why, Instant now) {
  events_.push(CloseLink{false});
  lost(std::move(why), false, now);
}

void Client::finish(std::string code, std::string detail) {
  if (phase_ == Phase::kClosed) return;
  timers_ = {};
  waiting_.clear();
  set_phase(Phase::kClosed);
  events_.push(CloseLink{true});
  events_.push(MembershipEnded{std::move(code), std::move(detail)});
}

void Client::leave() {
  if (phase_ == Phase::kOpen) transmits_.push(write_bare("leave"));
  finish("left", {});
}

void Client::set_phase(Phase phase, std::string why) {
  if (phase_ == phase) return;
  phase_ = phase;
  events_.push(PhaseChanged{phase, std::move(why)});
}

void Client::watch_silence(Instant now) {
  timers_.cancel(Timer::kSilence);
  timers_.set(Timer::kPing, now + kPingEvery);
}

void Client::handle_timeout(Instant now) {
  while (const auto timer = timers_.pop_due(now)) {
    switch (*timer) {
      case Timer::kOpening:
        drop_link("no answer", now);
        break;
      case Timer::kRetry:
        open(now);
        break;
      case Timer::kPing:
        // TCP alone may take minutes to notice that nobody is there any more.
        say_now(write_ping(last_event_));
        timers_.set(Timer::kSilence, now + kSilence);
        break;
      case Timer::kSilence:
        drop_link("no answer", now);
        break;
      case Timer::kAbsent:
        for (const std::string& id : std::exchange(absent_, {})) drop_member(id, "lost_peer");
        break;
      case Timer::kCount:
        break;
    }
  }
}

// --- what is said --------------------------------------------------------------------------------

void Client::say_now(std::string text) {
  if (phase_ == Phase::kOpen) transmits_.push(std::move(text));
}

void Client::say_surely(std::string text) {
  if (phase_ == Phase::kOpen)
    transmits_.push(std::move(text));
  else if (phase_ == Phase::kReconnecting && waiting_.size() < kMaxWaiting)
    waiting_.push_back(std::move(text));
}

void Client::relay(std::string_view to, std::vector<Item> items) {
  for (std::size_t from = 0; from < items.size(); from += kMaxItems) {
    const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kMaxItems, items.size() - from);
    say_surely(write_relay(to,
                           {std::make_move_iterator(begin),
                            std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count))},
                           last_event_));
  }
}

void Client::rename(std::string name) {
  say_surely(write_rename(name));
  settings_.name = std::move(name);
}

void Client::say(std::string_view text) {
  say_now(write_room_message(text));
}

// --- what the server says ------------------------------------------------------------------------

void Client::on(const LinkText& text, Instant now) {
  watch_silence(now);
  auto message = parse_server_message(text.text);
  if (!message) return;
  if (auto* welcome = std::get_if<ServerWelcome>(&*message)) take(*welcome, now);
  if (auto* event = std::get_if<ServerEvent>(&*message)) take(*event, now);
  if (const auto* error = std::get_if<ServerError>(&*message)) take(*error, now);
  if (const auto* bye = std::get_if<ServerBye>(&*message)) take(*bye, now);
}

void Client::take(const ServerError& error, Instant) {
  if (error.code == "host_key_wrong") settings_.host_key.clear();
  // A hello that came too late, after a sleep for example, was too late for this connection alone.
  if (error.fatal && error.code != "hello_expected") finish(error.code, error.message);
}

void Client::take(const ServerBye& bye, Instant) {
  // A server that shuts down is usually a server that restarts.
  if (bye.reason != "shutdown") finish(bye.reason, {});
}

void Client::take(ServerWelcome& welcome, Instant now) {
  token_ = std::move(welcome.token);
  if (!welcome.resumed) last_event_ = welcome.last_event;
  attempt_ = 0;
  ever_open_ = true;
  const bool same = !you_.empty() && welcome.you == you_;
  you_ = std::move(welcome.you);
  ice_ = std::move(welcome.ice);
  set_phase(Phase::kOpen);
  auto waiting = std::exchange(waiting_, {});
  if (welcome.resumed && same) {
    events_.push(Entered{Entered::How::kResumed});
    for (std::string& text : waiting) transmits_.push(std::move(text));
  } else if (welcome.restored && same) {
    enter_restored(std::move(welcome.members), welcome.grace, now);
  } else {
    enter_anew(std::move(welcome.members));
  }
  events_.push(IceServersChanged{});
}

void Client::enter_anew(std::vector<Roommate> members) {
  events_.push(Entered{Entered::How::kAnew});
  timers_.cancel(Timer::kAbsent);
  absent_.clear();
  const std::vector<Roommate> before = std::exchange(members_, std::move(members));
  for (const Roommate& old : before)
    if (member(old.id) == nullptr) events_.push(MemberLeft{old, "lost_peer"});
  for (const Roommate& one : members_) {
    const bool known = std::ranges::find(before, one.id, &Roommate::id) != before.end();
    events_.push(MemberCame{one.id, true, known});
  }
}

// Calls go on; who is not back within the grace has gone.
void Client::enter_restored(std::vector<Roommate> members, std::chrono::seconds grace,
                            Instant now) {
  events_.push(Entered{Entered::How::kRestored});
  absent_.clear();
  for (Roommate& old : members_) {
    if (std::ranges::find(members, old.id, &Roommate::id) != members.end()) continue;
    absent_.push_back(old.id);
    old.away = true;
    events_.push(MemberChanged{old.id});
  }
  for (Roommate& one : members) {
    Roommate* known = find(one.id);
    events_.push(MemberCame{one.id, known == nullptr, known != nullptr});
    if (known != nullptr)
      *known = std::move(one);
    else
      members_.push_back(std::move(one));
  }
  if (!absent_.empty()) timers_.set(Timer::kAbsent, now + grace);
}

void Client::take(ServerEvent& event, Instant) {
  if (event.number <= last_event_) return;
  last_event_ = event.number;
  std::visit([this](auto& one) { apply(one); }, event.what);
}

void Client::apply(SaidJoined& joined) {
  std::erase(absent_, joined.member.id);
  Roommate* known = find(joined.member.id);
  events_.push(MemberCame{joined.member.id, false, known != nullptr});
  if (known != nullptr)
    *known = std::move(joined.member);
  else
    members_.push_back(std::move(joined.member));
}

void Client::apply(SaidAway& away) {
  Roommate* member = find(away.member);
  if (member == nullptr) return;
  member->away = away.away;
  events_.push(MemberChanged{member->id});
}

void Client::apply(SaidGone& gone) {
  drop_member(gone.member, std::move(gone.reason));
}

void Client::drop_member(std::string_view id, std::string reason) {
  const auto at = std::ranges::find(members_, id, &Roommate::id);
  if (at == members_.end()) return;
  std::erase(absent_, id);
  Roommate gone = std::move(*at);
  members_.erase(at);
  events_.push(MemberLeft{std::move(gone), std::move(reason)});
}

void Client::apply(SaidPresence& presence) {
  Roommate* member = find(presence.member);
  if (member == nullptr) return;
  member->presence_json = std::move(presence.presence_json);
  events_.push(MemberChanged{member->id});
}

void Client::apply(SaidRenamed& renamed) {
  Roommate* member = find(renamed.member);
  if (member == nullptr) return;
  member->name = std::move(renamed.name);
  events_.push(MemberChanged{member->id});
}

void Client::apply(SaidRelay& relay) {
  events_.push(Heard{std::move(relay.from), std::move(relay.items)});
}

void Client::apply(SaidMessage& message) {
  events_.push(Heard{std::move(message.from), std::move(message.text)});
}

void Client::apply(SaidIce& ice) {
  ice_ = std::move(ice.ice);
  events_.push(IceServersChanged{});
}

}  // namespace beeline::signaling
