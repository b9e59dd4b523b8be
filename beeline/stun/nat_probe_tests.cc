// NatProbe's tests and what follows from their answers (RFC 5780 §4.3, §4.4, §4.6, §3.4).
#include <algorithm>
#include <array>

#include "beeline/stun/nat_probe.h"

namespace beeline::stun {
namespace {

using std::chrono::seconds;

// Where RFC 4787 §4.3 and what routers do in practice have their limits.
constexpr std::array kSilences{seconds(10),  seconds(20),  seconds(30),  seconds(45),  seconds(60),
                               seconds(75),  seconds(90),  seconds(105), seconds(120), seconds(150),
                               seconds(180), seconds(240), seconds(300)};

}  // namespace

// One after the other, so that a NAT that counts its ports shows it.
void NatProbe::ask_samples(Instant now) {
  stage_ = Stage::kSamples;
  const std::size_t first = silences_.empty() ? 1 : kTrialSocket;
  for (std::size_t i = first; i < sockets_.size(); ++i) ask(Test::kSample, i, report_.server, now);
}

//= RFC 5780 §4.5
// All at once, from sockets of their own: what one test opens in the NAT is none of the others'.
void NatProbe::ask_tests(Instant now) {
  const Duration span = 18 * timing(Test::kChangeBoth).rto;
  enter(Stage::kTests, NatStep::kTesting, span);
  if (has_other()) {
    //= RFC 5780 §4.3
    ask(Test::kOtherAddress, 0, {report_.other->ip, report_.server.port}, now);
    ask(Test::kBothOther, 0, *report_.other, now);
    //= RFC 5780 §4.4
    if (sockets_[kFilterSocket].mapped) {
      ask(Test::kChangeBoth, kFilterSocket, report_.server, now, {true, true});
      ask(Test::kChangePort, kFilterSocket, report_.server, now, {false, true});
    }
  }
  //= RFC 5780 §3.4
  // Towards each other, so that a NAT that filters what turns around has seen both ways.
  const Socket& one = sockets_[kHairpinSocket];
  const Socket& other = sockets_[kOtherHairpinSocket];
  if (report_.is_translated() && one.mapped && other.mapped) {
    ask(Test::kHairpin, kHairpinSocket, *other.mapped, now);
    ask(Test::kHairpin, kOtherHairpinSocket, *one.mapped, now);
  }
  go_on(now);
}

bool NatProbe::has_other() const {
  return report_.other && report_.other->ip != report_.server.ip &&
         report_.other->ip.family() == report_.server.ip.family() &&
         report_.other->port != report_.server.port;
}

// --- what follows --------------------------------------------------------------------------------

void NatProbe::judge() {
  report_.mapping = judge_mapping();
  report_.filtering = judge_filtering();
  judge_samples();
  if (report_.hairpinning.value) return;
  const bool asked = sockets_[kHairpinSocket].mapped.has_value() &&
                     sockets_[kOtherHairpinSocket].mapped.has_value();
  report_.hairpinning = !report_.is_translated() ? NatFinding<bool>::unknown(NatDoubt::kNoNat)
                        : asked                  ? NatFinding<bool>::of(false)
                                : NatFinding<bool>::unknown(NatDoubt::kTooFewAnswers);
}

//= RFC 5780 §4.3
NatFinding<NatBehavior> NatProbe::judge_mapping() const {
  using Finding = NatFinding<NatBehavior>;
  if (!report_.is_translated()) return Finding::unknown(NatDoubt::kNoNat);
  if (!has_other()) return Finding::unknown(NatDoubt::kOneAddress);
  if (!from_other_address_) return Finding::unknown(NatDoubt::kOtherSilent);
  const bool third_is_first = from_both_other_ == report_.mapped;
  if (*from_other_address_ == report_.mapped)
    return from_both_other_ && !third_is_first ? Finding::unknown(NatDoubt::kUnsteady)
                                               : Finding::of(NatBehavior::kEndpointIndependent);
  if (!from_both_other_) return Finding::unknown(NatDoubt::kOtherSilent);
  if (third_is_first) return Finding::unknown(NatDoubt::kUnsteady);
  return Finding::of(*from_both_other_ == *from_other_address_
                         ? NatBehavior::kAddressDependent
                         : NatBehavior::kAddressAndPortDependent);
}

//= RFC 5780 §4.4
NatFinding<NatBehavior> NatProbe::judge_filtering() const {
  using Finding = NatFinding<NatBehavior>;
  if (!has_other()) return Finding::unknown(NatDoubt::kOneAddress);
  if (change_both_ == Change::kObeyed) return Finding::of(NatBehavior::kEndpointIndependent);
  for (const Change change : {change_both_, change_port_}) {
    if (change == Change::kRefused) return Finding::unknown(NatDoubt::kChangeRefused);
    if (change == Change::kIgnored) return Finding::unknown(NatDoubt::kChangeIgnored);
  }
  if (!sockets_[kFilterSocket].mapped) return Finding::unknown(NatDoubt::kTooFewAnswers);
  // Silence means a filter only where the other address is known to speak.
  if (!from_other_address_ && !from_both_other_) return Finding::unknown(NatDoubt::kOtherSilent);
  return Finding::of(change_port_ == Change::kObeyed ? NatBehavior::kAddressDependent
                                                     : NatBehavior::kAddressAndPortDependent);
}

void NatProbe::judge_samples() {
  for (const auto& seen : {from_other_address_, from_both_other_})
    if (seen && seen->ip != report_.mapped.ip) report_.several_addresses = true;
  for (const Socket& socket : sockets_) {
    if (!socket.mapped) continue;
    report_.samples.push_back({socket.local->port, socket.mapped->port});
    if (socket.mapped->ip != report_.mapped.ip) report_.several_addresses = true;
  }
  report_.ports = report_.is_translated() ? judge_ports(report_.samples, report_.port_step)
                                          : NatFinding<NatPorts>::unknown(NatDoubt::kNoNat);
}

// --- how long a mapping lives --------------------------------------------------------------------

//= RFC 5780 §4.6
// A mapping for each silence, all at the same time: nothing leaves by it meanwhile. Then the server
// is asked from another socket to answer to it; or, where it does not do that, it is used again,
// and a NAT that had forgotten it gives it another port.
void NatProbe::begin_lifetime(Instant now) {
  if (silences_.empty()) {
    for (const seconds span : kSilences)
      if (span <= settings_.longest_lifetime)
        silences_.push_back({span, kSilentSockets + silences_.size()});
    if (silences_.empty()) return finish(NatOutcome::kMeasured);
    enter(Stage::kBinding, NatStep::kMeasuringLifetime, silences_.back().span);
    while (sockets_.size() < kSilentSockets + silences_.size()) add_socket(report_.local.ip);
    return;
  }
  if (stage_ == Stage::kSamples) {
    for (Silence& silence : silences_) silence.due = now + silence.span;
    stage_ = Stage::kLifetimeTrial;
    if (const auto& mapped = sockets_[kTrialSocket].mapped)
      return ask(Test::kTrial, kAskingSocket, report_.server, now, {}, mapped->port, kTrialSocket);
    answers_elsewhere_ = false;
  }
  const bool ports_tell = report_.is_translated() && report_.ports.value &&
                          *report_.ports.value != NatPorts::kPreserving;
  if (!*answers_elsewhere_ && !ports_tell) {
    report_.lifetime = NatFinding<NatLifetime>::unknown(NatDoubt::kPortsTellNothing);
    return finish(NatOutcome::kMeasured);
  }
  stage_ = Stage::kLifetimes;
}

void NatProbe::ask_silent(Instant now) {
  for (Silence& silence : silences_) {
    if (silence.asked || silence.due > now) continue;
    silence.asked = true;
    const auto& mapped = sockets_[silence.socket].mapped;
    if (!mapped) continue;
    if (*answers_elsewhere_)
      ask(Test::kLifetime, kAskingSocket, report_.server, now, {}, mapped->port, silence.socket);
    else
      ask(Test::kLifetime, silence.socket, report_.server, now, {}, {}, silence.socket);
  }
  const auto is_dead = [](const Silence& silence) { return silence.alive == false; };
  const bool enough =
      std::ranges::all_of(silences_, &Silence::asked) || std::ranges::any_of(silences_, is_dead);
  if (!enough || !questions_.empty()) return;
  judge_lifetime();
  finish(NatOutcome::kMeasured);
}

void NatProbe::note_lifetime(const Question& question, bool alive) {
  const auto silence = std::ranges::find(silences_, question.subject, &Silence::socket);
  if (silence != silences_.end()) silence->alive = alive;
}

void NatProbe::judge_lifetime() {
  using Finding = NatFinding<NatLifetime>;
  NatLifetime lifetime;
  bool steady = true;
  bool known = false;
  for (const Silence& silence : silences_) {
    if (!silence.alive) continue;
    known = true;
    if (!*silence.alive && !lifetime.less_than) lifetime.less_than = silence.span;
    if (*silence.alive && lifetime.less_than) steady = false;
    if (*silence.alive) lifetime.at_least = silence.span;
  }
  report_.lifetime = !known    ? Finding::unknown(NatDoubt::kTooFewAnswers)
                     : !steady ? Finding::unknown(NatDoubt::kUnsteady)
                               : Finding::of(lifetime);
}

}  // namespace beeline::stun
