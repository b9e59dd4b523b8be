#include "tests/scenarios/peer_call.h"

#include <algorithm>
#include <array>

#include "beeline/crypto/seeded_generator.h"
#include "beeline/dtls/session.h"
#include "beeline/sim/pcap.h"
#include "tests/scenarios/attacker.h"
#include "tests/scenarios/bursts.h"
#include "tests/scenarios/data_caller.h"
#include "tests/scenarios/describe.h"
#include "tests/scenarios/ledger.h"
#include "tests/scenarios/trouble.h"

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kOften = milliseconds(100);
// Once nothing is lost any more.
constexpr Duration kPatience = seconds(60);
constexpr int kLastWords = 6;
constexpr std::size_t kLastWord = 100;             // bytes
constexpr std::size_t kSocketBuffer = 208 * 1024;  // bytes, net.core.rmem_default of Linux

// The offerer's and the answerer's; the same in every run, on every thread.
const std::array<crypto::Identity, 2>& identities() {
  thread_local const std::array<crypto::Identity, 2> kMade = [] {
    dtls::prepare();
    const crypto::SeededGenerator generator(Random::from_number(0));
    const auto make = [] {
      return crypto::make_identity(WallTime{seconds(1'790'000'000)}, std::chrono::days(30));
    };
    return std::array{make(), make()};
  }();
  return kMade;
}

std::string tell(const std::vector<peer::ConnectionChanged>& states) {
  std::string text;
  for (const peer::ConnectionChanged& one : states)
    text += "  then " + std::string(to_string(one.state)) +
            (one.reason == peer::FailureReason::kNone
                 ? ""
                 : ": " + std::string(to_string(one.reason)) + ", " + one.detail) +
            "\n";
  return text;
}

std::string tell(const sctp::Association& association, Instant now) {
  std::string text = "  sctp: " + std::to_string(association.unsent()) + " bytes unsent, " +
                     std::to_string(association.unacknowledged()) + " unacknowledged";
  if (const sctp::Sender* sender = association.sender())
    text += ", " + std::to_string(sender->in_flight()) + " under way of " +
            std::to_string(sender->congestion().window()) + ", " +
            std::to_string(sender->silences()) + " silences, " +
            std::to_string(sender->counters().retransmissions) + " sent again";
  if (const auto next = association.next_timeout())
    text += ", next in " + std::to_string((*next - now).count() / 1000) + " ms";
  return text + "\n";
}

// One call in progress.
class PeerCall {
 public:
  PeerCall(const PeerCallPlan& plan, const RunOptions& options)
      : plan_(plan),
        explain_(options.explain),
        known_(identities()),
        generator_(Random::from_number(plan.call.seed).fork("openssl")),
        internet_(plan.call.seed),
        trouble_(internet_, plan.call.elsewhere),
        bursts_(internet_.world),
        ledger_([this](std::string rule, std::string what) {
          violated(std::move(rule), std::move(what));
        }) {
    if (options.trace)
      internet_.world.trace().keep_lines(
          [](const sim::IpPacket& packet) { return describe(packet); });
    if (!options.pcap.empty()) sim::capture(internet_.world.trace(), options.pcap);
    Place& home = internet_.place("offerer's", plan.call.offerer);
    Place& other = plan.call.same_place ? home : internet_.place("answerer's", plan.call.answerer);
    make(offerer_, "offerer", home, plan.offerers, known_[0]);
    make(answerer_, "answerer", other, plan.answerers, known_[1]);
    offerer_.caller->meet(*answerer_.caller, false, plan.call.signaling);
    answerer_.caller->meet(*offerer_.caller, true, plan.call.signaling);
    answerer_.caller->tamper = [this](peer::Description& told) { tamper(told, plan_.impostor); };
    offerer_.caller->tamper = [this](peer::Description& told) { tamper(told, false); };
    trouble_.restarts_ice = [this] {
      offerer_.caller->tell([](peer::PeerConnection& peer, Instant) { peer.restart_ice(); });
    };
    for (std::size_t i = 0; i < plan.channels.size(); ++i) {
      states_.push_back({.plan = &plan.channels[i], .number = i});
      if (!plan.channels[i].options.ordered) continue;
      ledger_.expect_order({i, false});
      ledger_.expect_order({i, true});
    }
  }

  CallResult run() {
    sim::World& world = internet_.world;
    std::optional<Attacker> attacker;
    if (plan_.call.hostile) attacker.emplace(internet_);
    began_ = world.now();
    Duration talk = plan_.call.length;
    for (const Fault& fault : plan_.call.faults) {
      world.at(began_ + fault.at, [this, &fault] {
        trouble_.befall(fault.at_answerer ? answerer_ : offerer_, fault);
      });
      talk = std::max(talk, fault.at + fault.lasts);
    }
    work();
    world.run_until(began_ + talk + seconds(1));
    for (Side* side : {&offerer_, &answerer_}) trouble_.heal(*side);
    // Bad paths are slow, and that is no fault as long as something moves.
    std::uint64_t before = 0;
    for (Instant end = world.now() + kPatience;
         !is_done() && world.now() < end && !world.is_stuck();) {
      world.run_for(kOften);
      if (std::exchange(before, arrived()) != arrived()) end = world.now() + kPatience;
    }
    took_ = world.now() - began_;
    judge();
    finish();
    return result();
  }

 private:
  struct Side : Whereabouts {
    std::unique_ptr<ChannelCaller> caller;
    bool opens(const ChannelPlan& plan) const { return plan.by_answerer == is_answerer; }
    bool is_answerer = false;
  };
  // One channel, at both sides.
  struct ChannelState {
    const ChannelPlan* plan = nullptr;
    std::size_t number = 0;
    bool opened = false;  // the command was given
    std::array<std::optional<sctp::ChannelId>, 2> id{};
    std::array<bool, 2> ready{};  // may be sent on
    std::array<bool, 2> gone{};
    std::size_t said = 0;  // of the plan's messages
    bool closing = false;
    std::array<std::size_t, 2> before_last{};  // messages before the last words
    int last_words = 0;
  };
  static std::size_t index(bool answerer) { return answerer ? 1 : 0; }
  Side& side(bool answerer) { return answerer ? answerer_ : offerer_; }
  ChannelCaller& caller(bool answerer) { return *side(answerer).caller; }

  void make(Side& side, const std::string& name, Place& place, const sctp::Settings& sctp,
            const crypto::Identity& identity) {
    sim::Node& node = internet_.world.node(name);
    internet_.attach(node, place);
    ice::Settings ice;
    ice.servers = internet_.servers(name);
    ice.tcp = plan_.call.tcp;
    if (plan_.call.relay_only) ice.policy = ice::Policy::kRelayOnly;
    side.node = &node;
    side.place = &place;
    side.is_answerer = &side == &answerer_;
    side.caller = std::make_unique<ChannelCaller>(
        node, peer::TransportSettings{.ice = ice, .sctp = sctp, .identity = identity});
    const bool answerer = side.is_answerer;
    side.caller->on_received = [this, answerer](const ChannelCaller::Received& received) {
      hear(answerer, received);
    };
    side.caller->on_closed = [this, answerer](sctp::ChannelId id) {
      if (ChannelState* state = find(answerer, id)) state->gone[index(answerer)] = true;
    };
  }

  // Signaling that leaves SNAP out, or lies about whose certificate it will be.
  void tamper(peer::Description& told, bool lie) {
    if (!plan_.snap) take_snap_away(told);
    if (!lie) return;
    constexpr std::string_view kLine = "\na=fingerprint:";
    std::string& sdp = told.sdp;
    for (std::size_t at = sdp.find(kLine); at != std::string::npos; at = sdp.find(kLine, at + 1)) {
      const std::size_t value = sdp.find(' ', at);
      char& digit = sdp[sdp.find(':', value) - 1];
      digit = digit == 'A' ? 'B' : 'A';
    }
  }

  // What both applications do, ten times a second.
  void work() {
    const Duration now = internet_.world.now() - began_;
    for (ChannelState& state : states_) {
      if (!state.opened && now >= state.plan->opened) open(state);
      learn(state);
      say(state, now);
      close_if_time(state, now);
    }
    internet_.world.after(kOften, [this] {
      if (!finished_) work();
    });
  }

  void open(ChannelState& state) {
    const bool by_answerer = state.plan->by_answerer;
    if (side(by_answerer).node->suspended()) return;
    if (state.plan->agreed && side(!by_answerer).node->suspended()) return;
    state.opened = true;
    const auto create = [&](bool answerer) {
      caller(answerer).tell([&](peer::PeerConnection& peer, Instant now) {
        const auto made = peer.create_data_channel(state.plan->options, state.plan->agreed, now);
        if (made) state.id[index(answerer)] = *made;
        if (!made && !plan_.impostor)
          violated("opens", state.plan->options.label + " not even begun");
      });
    };
    create(by_answerer);
    if (state.plan->agreed) create(!by_answerer);
  }

  // What the sides have been told of it.
  void learn(ChannelState& state) {
    for (const bool answerer : {false, true}) {
      const std::size_t i = index(answerer);
      const ChannelCaller& one = caller(answerer);
      if (!state.id[i]) {
        for (const auto& [id, options] : one.accepted)
          if (options.label == state.plan->options.label) state.id[i] = id, state.ready[i] = true;
      } else if (!state.ready[i]) {
        state.ready[i] = std::ranges::find(one.opened, *state.id[i]) != one.opened.end();
      }
    }
  }

  ChannelState* find(bool answerer, sctp::ChannelId id) {
    for (ChannelState& state : states_) {
      learn(state);
      if (state.id[index(answerer)] == id) return &state;
    }
    return nullptr;
  }

  bool can_send(const ChannelState& state, bool answerer) {
    const std::size_t i = index(answerer);
    return state.ready[i] && !state.gone[i] && !side(answerer).node->suspended();
  }

  void say(ChannelState& state, Duration now) {
    const auto& messages = state.plan->messages;
    for (; state.said < messages.size() && messages[state.said].at <= now; ++state.said) {
      const MessagePlan& message = messages[state.said];
      if (state.closing || state.gone[0] || state.gone[1]) continue;  // too late
      if (!can_send(state, message.by_answerer)) return;
      send(state, message.by_answerer, message.bytes, message.text);
    }
  }

  void send(ChannelState& state, bool by_answerer, std::size_t bytes, bool text) {
    const Stream stream{state.number, by_answerer};
    caller(by_answerer).tell([&](peer::PeerConnection& peer, Instant now) {
      const bool sent =
          peer.send(*state.id[index(by_answerer)], text, ledger_.next(stream, bytes), now)
              .has_value();
      if (!sent) return violated("can_be_sent", std::to_string(bytes) + " bytes");
      // Where nothing is lost, nothing is sent twice more; once, where a faster path overtakes.
      const bool kept =
          plan_.is_clean() && state.plan->options.reliability.retransmissions.value_or(0) > 1;
      ledger_.said(stream, bytes, text, state.plan->is_reliable() || kept);
    });
  }

  // What the one who closes has said arrives still; the other may come too late.
  void close_if_time(ChannelState& state, Duration now) {
    if (!state.plan->closed || now < *state.plan->closed || state.closing) return;
    const bool by_answerer = state.plan->closed_by_answerer;
    if (!can_send(state, by_answerer)) return;
    state.closing = true;
    ledger_.excuse({state.number, !by_answerer});
    caller(by_answerer).tell([&](peer::PeerConnection& peer, Instant) {
      peer.channels().close(*state.id[index(by_answerer)]);
    });
  }

  void hear(bool answerer, const ChannelCaller::Received& received) {
    if (ChannelState* state = find(answerer, received.channel))
      return ledger_.heard({state->number, !answerer}, received.text, received.bytes);
    violated("only_known_channels", "a message on a channel that nobody opened");
  }

  bool stays_open(const ChannelState& state) const { return !state.plan->closed; }

  // Whether all has happened that has to happen; says the last words on the way.
  bool is_done() {
    if (plan_.impostor) return is_refused();
    if (is_broken_off()) return true;
    bool done = ledger_.missing() == 0;
    for (ChannelState& state : states_) {
      if (state.said < state.plan->messages.size()) done = false;
      if (!stays_open(state)) {
        done &= state.gone[0] && state.gone[1];
      } else if (done && (state.last_words > 0 || is_empty()) && !heard_last_words(state)) {
        say_last_words(state);
        done = false;
      } else {
        done &= heard_last_words(state);
      }
    }
    return done && is_empty() && is_connected(offerer_) && is_connected(answerer_);
  }
  static bool is_connected(const Side& side) {
    return side.caller->peer().connection_state() == peer::ConnectionState::kConnected;
  }

  // Nothing protects the first messages of DTLS: where a bit of them was flipped, the call need not
  // come about.
  bool is_broken_off() const {
    const auto fails = [](const Side* side) {
      const auto reason = side->caller->peer().transport().failure();
      return reason == peer::FailureReason::kDtls ||
             reason == peer::FailureReason::kFingerprintMismatch;
    };
    const auto never = [](const Side* side) { return !side->caller->connected_at; };
    const std::array sides{&offerer_, &answerer_};
    const bool damaged = plan_.call.offerer.link.damage.per_million != 0 ||
                         plan_.call.answerer.link.damage.per_million != 0;
    return damaged && std::ranges::all_of(sides, never) && std::ranges::any_of(sides, fails);
  }

  // Whatever was given up before: nothing stands in the way of what comes.
  // What is worth nothing after a second may die waiting for its turn.
  bool heard_last_words(const ChannelState& state) const {
    const auto& lifetime = state.plan->options.reliability.lifetime;
    if (lifetime && *lifetime < seconds(1)) return true;
    return state.last_words > 0 &&
           ledger_.heard_since({state.number, false}, state.before_last[0]) > 0 &&
           ledger_.heard_since({state.number, true}, state.before_last[1]) > 0;
  }
  void say_last_words(ChannelState& state) {
    if (internet_.world.now() < next_last_word_ || state.last_words >= kLastWords) return;
    if (!can_send(state, false) || !can_send(state, true)) return;
    if (state.last_words++ == 0)
      state.before_last = {ledger_.said_on({state.number, false}),
                           ledger_.said_on({state.number, true})};
    next_last_word_ = internet_.world.now() + milliseconds(700);
    for (const bool answerer : {false, true}) send(state, answerer, kLastWord, false);
  }

  // Grows with every chunk that arrives in its place.
  std::uint64_t arrived() const {
    std::uint64_t chunks = 0;
    for (const Side* side : {&offerer_, &answerer_})
      if (const auto* receiver =
              side->caller->peer().transport().channels().association().receiver())
        chunks += receiver->cumulative().value;
    return chunks;
  }
  // Bytes that have not been acknowledged.
  std::size_t waiting() const {
    std::size_t bytes = 0;
    for (const Side* side : {&offerer_, &answerer_})
      bytes += side->caller->peer().transport().channels().association().unacknowledged();
    return bytes;
  }
  bool is_empty() const { return waiting() == 0; }

  bool is_refused() const {
    return offerer_.caller->peer().transport().failure() != peer::FailureReason::kNone;
  }

  void judge() {
    if (internet_.world.is_stuck())
      return violated("time_goes_on", "somebody asks for a deadline that has passed");
    for (const Side* side : {&offerer_, &answerer_})
      for (const std::string& what : side->caller->refused) violated("negotiates", what);
    if (plan_.impostor) return judge_impostor();
    if (is_broken_off()) return;
    for (const Side* side : {&offerer_, &answerer_})
      if (!is_connected(*side))
        violated("connected", side->node->name() + " is " +
                                  std::string(to_string(side->caller->peer().connection_state())));
    ledger_.expect_all();
    for (const ChannelState& state : states_) judge(state);
    if (!is_empty()) violated("all_is_acknowledged", "something waits still");
  }

  void judge(const ChannelState& state) {
    const std::string& label = state.plan->options.label;
    if (!state.ready[0] || !state.ready[1]) return violated("opens", label);
    for (const bool answerer : {false, true}) {
      const auto& accepted = caller(answerer).accepted;
      const auto found = accepted.find(*state.id[index(answerer)]);
      if (found != accepted.end() && !(found->second == state.plan->options))
        violated("is_what_was_opened", label);
    }
    if (!stays_open(state)) {
      if (!state.gone[0] || !state.gone[1]) violated("closes", label);
      return;
    }
    if (state.gone[0] || state.gone[1]) return violated("stays_open", label);
    if (!heard_last_words(state)) violated("nothing_stands_in_the_way", label);
  }

  // Who announced one certificate and has another is not talked to.
  void judge_impostor() {
    const ChannelCaller& deceived = *offerer_.caller;
    if (!deceived.received.empty() || !deceived.accepted.empty() || !deceived.opened.empty())
      violated("strangers_are_refused", "the offerer heard an impostor");
    if (!answerer_.caller->received.empty())
      violated("strangers_are_refused", "the offerer spoke to an impostor");
    const auto wrong = std::ranges::find(deceived.states, peer::FailureReason::kFingerprintMismatch,
                                         &peer::ConnectionChanged::reason);
    if (wrong == deceived.states.end() && !is_broken_off())
      violated("impostors_are_named", "the offerer does not say what is wrong");
  }

  void finish() {
    for (const Side* side : {&offerer_, &answerer_})
      if (const std::size_t bytes = bursts_.largest_of(*side->node); bytes > kSocketBuffer)
        violated("bursts_fit_a_socket_buffer", std::to_string(bytes) + " bytes at once");
    for (const Side* side : {&offerer_, &answerer_}) {
      const std::string password =
          side->caller->peer().transport().agent().local_parameters().password;
      for (const std::string& line : side->caller->log().lines())
        if (line.find(password) != std::string::npos) violated("no_secret_in_logs", line);
    }
    if (explain_)
      for (const Side* side : {&offerer_, &answerer_})
        explanation_ +=
            side->node->name() + ": " + describe(side->caller->peer().explain()) +
            tell(side->caller->states) +
            tell(side->caller->peer().transport().channels().association(), internet_.world.now());
    finished_ = true;
    offerer_.caller->tell([](peer::PeerConnection& peer, Instant now) { peer.close(now); });
    // The goodbye gets through, or nobody answers any more.
    internet_.world.run_for(plan_.is_clean() ? seconds(2) : seconds(60));
    expect_end(plan_.is_clean());
    answerer_.caller->tell([](peer::PeerConnection& peer, Instant now) { peer.close(now); });
    internet_.world.run_for(seconds(11 * 60));
    if (internet_.server->allocations() != 0) violated("no_allocation_outlives_its_time", "");
  }

  void expect_end(bool closed) {
    const auto state = answerer_.caller->peer().connection_state();
    const bool fine = closed ? state == peer::ConnectionState::kClosed
                             : state != peer::ConnectionState::kConnected;
    if (!plan_.impostor && !is_broken_off() && violations_.empty() && !fine)
      violated("is_told_of_the_end", std::string(to_string(state)));
  }

  void violated(std::string rule, std::string what) {
    violations_.push_back({internet_.world.now(), std::move(rule), std::move(what)});
  }

  CallResult result() {
    const sim::Trace& trace = internet_.world.trace();
    CallResult told;
    told.digest = trace.digest();
    told.violations = violations_;
    told.trace = trace.text();
    told.explanation = explanation_;
    told.totals = {.calls = 1,
                   .violations = violations_.size(),
                   .packets = trace.count(sim::Step::kSent),
                   .faults = plan_.call.faults.size(),
                   .nats = static_cast<std::uint64_t>(plan_.call.nats()),
                   .virtual_time = took_};
    const auto path = offerer_.caller->peer().transport().agent().path();
    ++(!path ? told.totals.unconnected : path->relayed ? told.totals.relayed : told.totals.direct);
    return told;
  }

  const PeerCallPlan& plan_;
  bool explain_;
  const std::array<crypto::Identity, 2>& known_;
  const crypto::SeededGenerator generator_;
  Internet internet_;
  Trouble trouble_;
  Bursts bursts_;
  Ledger ledger_;
  Instant began_{};
  Instant next_last_word_{};
  Duration took_{};
  bool finished_ = false;
  Side offerer_;
  Side answerer_;
  std::vector<ChannelState> states_;
  std::vector<Violation> violations_;
  std::string explanation_;
};

}  // namespace

CallResult run_peer_call(const PeerCallPlan& plan, const RunOptions& options) {
  return PeerCall(plan, options).run();
}

}  // namespace beeline::scenarios
