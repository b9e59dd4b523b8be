#include "beeline/dtls/session.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace beeline::dtls {
namespace {

constexpr std::size_t kMinMtu = 256;       // OpenSSL refuses less
constexpr std::size_t kMostOverhead = 37;  // header, explicit nonce, tag
constexpr Duration kEndInterval = std::chrono::milliseconds(40);

// A flight with protected records is made anew by OpenSSL, which does that a limited number of
// times: at these repetitions. The last is at 45 s of the usual 60.
constexpr std::array<int, Engine::kMaxRetransmissions> kMadeAnew{1, 2,  3,  4,  5, 6,
                                                                 7, 10, 16, 28, 48};

bool is_protected_application(Bytes datagram) {
  ByteReader reader(datagram);
  const auto record = read_record(reader);
  return record && record->type == ContentType::kApplication && record->epoch == 1;
}

}  // namespace

std::string_view to_text(FailureReason reason) {
  switch (reason) {
    case FailureReason::kHandshakeTimeout:
      return "handshake_timeout";
    case FailureReason::kFingerprintMismatch:
      return "fingerprint_mismatch";
    case FailureReason::kNoFingerprint:
      return "no_fingerprint";
    case FailureReason::kNoCertificate:
      return "no_certificate";
    case FailureReason::kRefused:
      return "refused";
    case FailureReason::kProtocol:
      return "protocol";
  }
  return "unknown";
}

Session::Session(Settings settings, PacketPool& packets, Log& log)
    : settings_(std::move(settings)),
      packets_(packets),
      log_(log),
      filter_(settings_.role),
      made_(settings_.mtu),
      last_made_(settings_.mtu),
      flight_(settings_.mtu),
      last_words_(settings_.mtu) {
  ensure(settings_.mtu >= kMinMtu && settings_.mtu <= Packet::kMaxPayload, "MTU");
  ensure(settings_.first_timeout > Duration{}, "a timeout that lasts");
}

void Session::make_engine() {
  EngineOwner& owner = *this;
  engine_.emplace(EngineSettings{.role = settings_.role,
                                 .identity = settings_.identity,
                                 .mtu = settings_.mtu,
                                 .srtp_profiles = settings_.srtp_profiles},
                  owner);
}

void Session::begin(Instant now) {
  make_engine();
  state_ = State::kHandshaking;
  timeout_ = settings_.first_timeout;
  if (settings_.handshake_limit)
    timers_.set(Timer::kHandshakeLimit, now + *settings_.handshake_limit);
}

void Session::start(Instant now) {
  if (state_ != State::kNew) return;
  begin(now);
  if (settings_.role == Role::kClient) go_on({}, now);
}

void Session::handle_input(Packet datagram, Instant now) {
  if (ended()) {
    ++counters_.after_the_end;
    return repeat_last_words(datagram.bytes(), now);
  }
  ++counters_.datagrams_received;
  if (state_ == State::kNew) {
    // A client has asked for nothing, a server for one thing.
    if (settings_.role == Role::kClient || !begins_with_client_hello(datagram.bytes())) {
      ++counters_.before_the_start;
      return;
    }
    begin(now);
  }
  take_in(std::move(datagram), now);
}

void Session::take_in(Packet datagram, Instant now) {
  if (state_ != State::kConnected && hold(datagram)) return;
  datagram.resize(filter_.filter(datagram.mutable_bytes()));
  if (const auto alert = filter_.take_alert()) {
    last_alert_ = alert->description;
    if (alert->fatal) doubt(FailureReason::kRefused, alert->description, now);
  }
  if (filter_.take_stopped_handshake()) repeat_end(now);
  if (datagram.size() == 0) return;
  if (state_ == State::kHandshaking)
    go_on(datagram.bytes(), now);
  else
    read_all(std::move(datagram), now);
}

// What comes right behind the other side's Finished may overtake it, and what comes before the
// fingerprints has to wait for them: either costs the layer above a timer of a second if it is
// lost.
bool Session::hold(Packet& datagram) {
  if (flight_.empty() || !is_protected_application(datagram.bytes())) return false;
  if (held_count_ == kMaxHeld) {
    ++counters_.held_too_many;
    return true;
  }
  ++counters_.held;
  held_[held_count_++] = std::move(datagram);
  return true;
}

// The handshake goes on with a datagram, or with nothing where it has to begin.
void Session::go_on(Bytes datagram, Instant now) {
  const int position = engine_->position();
  engine_->give(datagram);
  const Engine::Progress progress = engine_->handshake();
  if (const auto protection = engine_->protection()) filter_.set_protection(*protection);
  if (progress == Engine::Progress::kFailed) return after_handshake_failure(now);
  if (engine_->position() != position) timers_.cancel(Timer::kPatience);
  send_made(now);
  if (progress == Engine::Progress::kDone) finish(now);
}

// Whether the failure is the end. A server that was sent nothing but a bad ClientHello has lost
// nothing, and anybody can have sent that: the good one may be on its way.
void Session::after_handshake_failure(Instant now) {
  const std::optional<std::uint8_t> sent = engine_->alert_sent();
  const bool untouched = settings_.role == Role::kServer && flight_.empty();
  send_made(now);
  if (untouched) {
    ++counters_.hellos_refused;
    flight_.clear();
    timers_.cancel(Timer::kRetransmission);
    make_engine();
    filter_.restart_handshake();
    return doubt(FailureReason::kProtocol, sent.value_or(0), now);
  }
  if (certificate_refused_) return fail(FailureReason::kFingerprintMismatch, sent);
  if (engine_->certificate_missing()) return fail(FailureReason::kNoCertificate, sent);
  if (const auto received = engine_->alert_received())
    return fail(FailureReason::kRefused, received);
  fail(FailureReason::kProtocol, sent);
}

void Session::finish(Instant now) {
  timers_ = {};
  filter_.handshake_done();
  certificate_ = engine_->certificate();
  state_ = State::kUnverified;
  verify_and_open(now);
  // Alerts behind the Finished in the same datagram.
  if (!ended() && engine_->has_more()) read_all({}, now);
}

//= RFC 8122 §5.1
//= RFC 5763 §5
void Session::verify_and_open(Instant now) {
  if (state_ != State::kUnverified || settings_.remote_fingerprints.empty()) return;
  if (!matches(settings_.remote_fingerprints, certificate_)) {
    engine_->close();
    send_made(now);
    return fail(FailureReason::kFingerprintMismatch, std::nullopt);
  }
  state_ = State::kConnected;
  filter_.open_for_application();
  events_.push(Connected{engine_->srtp_profile(), std::string(engine_->cipher())});
  if (log_.enabled(LogLevel::kDebug))
    log_.debug("dtls_connected", {{"cipher", std::string(engine_->cipher())}});
  const std::size_t held = std::exchange(held_count_, 0);
  for (std::size_t i = 0; i < held && !ended(); ++i) take_in(std::move(held_[i]), now);
}

void Session::set_remote_fingerprints(std::vector<Fingerprint> fingerprints, Instant now) {
  if (ended()) return;
  settings_.remote_fingerprints = std::move(fingerprints);
  const bool known = !certificate_.empty();
  if (settings_.remote_fingerprints.empty() ||
      (known && !matches(settings_.remote_fingerprints, certificate_))) {
    if (engine_ && state_ != State::kHandshaking) engine_->close();
    send_made(now);
    return fail(known && !settings_.remote_fingerprints.empty()
                    ? FailureReason::kFingerprintMismatch
                    : FailureReason::kNoFingerprint,
                std::nullopt);
  }
  verify_and_open(now);
}

//= RFC 8827 §6.5
bool Session::certificate_may_pass(Bytes der) {
  certificate_.assign(der.begin(), der.end());
  certificate_refused_ =
      !settings_.remote_fingerprints.empty() && !matches(settings_.remote_fingerprints, der);
  return !certificate_refused_;
}

// `datagram` may be empty: there is more of an earlier one.
void Session::read_all(Packet datagram, Instant now) {
  engine_->give(datagram.bytes());
  do {
    Packet packet;
    if (datagram) {
      // The engine copies a datagram before it hands anything out, so that the first record, which
      // is smaller, goes to where it came from.
      packet = std::move(datagram);
    } else {
      packet = packets_.make();
      packet.resize(Packet::kMaxPayload);
    }
    std::size_t size = 0;
    const Engine::Read result = engine_->read(packet.mutable_bytes(), size);
    if (result != Engine::Read::kRecord) {
      send_made(now);
      return after_reading(result, now);
    }
    packet.resize(size);
    ++counters_.records_received;
    events_.push(Received{std::move(packet)});
  } while (engine_->has_more());
  send_made(now);
}

void Session::after_reading(Engine::Read result, Instant now) {
  if (result == Engine::Read::kNothing) return;
  if (result == Engine::Read::kClosed) {
    //= RFC 5246 §7.2.1
    engine_->close();
    send_made(now);
    events_.push(Closed{});
    return end(State::kClosed);
  }
  if (const auto alert = engine_->alert_received()) return fail(FailureReason::kRefused, alert);
  fail(FailureReason::kProtocol, engine_->alert_sent());
}

std::expected<void, SendError> Session::send(Packet packet, Instant) {
  if (state_ != State::kConnected) return std::unexpected(SendError::kNotConnected);
  if (packet.size() == 0 || packet.size() + kMostOverhead > Packet::kMaxPayload)
    return std::unexpected(SendError::kSize);
  record_ = &packet;
  const bool done = engine_->write(packet.bytes());
  record_ = nullptr;
  if (!done) return std::unexpected(SendError::kFailed);
  ++counters_.records_sent;
  return {};
}

// The engine has taken the content by now: what comes out goes where it was.
void Session::datagram_made(Bytes datagram) {
  if (record_ == nullptr) return made_.add(datagram);
  if (record_->head_room() + datagram.size() > Packet::kCapacity) {
    const Fragmenting fragmenting = record_->fragmenting();
    *record_ = packets_.make();
    record_->set_fragmenting(fragmenting);
  }
  record_->resize(datagram.size());
  std::ranges::copy(datagram, record_->mutable_bytes().begin());
  ++counters_.datagrams_sent;
  transmits_.push(std::move(*record_));
}

// What the engine has made leaves. A flight of the handshake is remembered, and repeated until it
// is answered.
void Session::send_made(Instant now) {
  if (made_.empty()) return;
  transmit(made_);
  if (state_ == State::kHandshaking) {
    std::swap(flight_, made_);
    repetitions_ = 0;
    timeout_ = settings_.first_timeout;
    timers_.set(Timer::kRetransmission, now + timeout_);
  } else {
    std::swap(last_made_, made_);
  }
  made_.clear();
}

void Session::transmit(const Flight& flight) {
  for (const auto& datagram : flight.datagrams()) {
    Packet packet = packets_.make(datagram);
    numbers_.renumber(packet.mutable_bytes());
    ++counters_.datagrams_sent;
    transmits_.push(std::move(packet));
  }
}

void Session::handle_timeout(Instant now) {
  while (const auto timer = timers_.pop_due(now)) {
    switch (*timer) {
      case Timer::kRetransmission:
        retransmit(now);
        break;
      case Timer::kHandshakeLimit:
        fail(FailureReason::kHandshakeTimeout, last_alert_);
        break;
      case Timer::kPatience:
        fail(doubt_.reason, doubt_.alert);
        break;
      case Timer::kCount:
        break;
    }
  }
}

//= RFC 6347 §4.2.4.1
void Session::retransmit(Instant now) {
  ++repetitions_;
  ++counters_.retransmissions;
  filter_.allow_waiting();
  // Protected records need new numbers, or who has seen them takes them for replays and does not
  // answer. Everything else is repeated from memory, as often as needed.
  if (flight_.has_protected() && std::ranges::find(kMadeAnew, repetitions_) != kMadeAnew.end()) {
    engine_->retransmit();
    if (!made_.empty()) std::swap(flight_, made_);
    made_.clear();
  }
  transmit(flight_);
  timeout_ = std::min(timeout_ * 2, std::max(settings_.longest_timeout, settings_.first_timeout));
  timers_.set(Timer::kRetransmission, now + timeout_);
}

//= RFC 6347 §4.2.4
// A client that repeats its last flight has missed the server's. That can be repeated as it is: who
// has it does not ask. It is not up to OpenSSL, which ends an association when it was asked too
// often. Anybody can make what looks like such a question, so it is not answered at any rate.
void Session::repeat_end(Instant now) {
  if (settings_.role != Role::kServer) return;
  if (end_repeated_at_ && now - *end_repeated_at_ < kEndInterval) return;
  end_repeated_at_ = now;
  transmit(flight_);
}

// An alert is said once and may be lost, and then the other side would try for as long as ICE
// lives.
void Session::repeat_last_words(Bytes datagram, Instant now) {
  ByteReader reader(datagram);
  const auto record = read_record(reader);
  if (!record || record->type == ContentType::kAlert || last_words_left_ == 0) return;
  if (end_repeated_at_ && now - *end_repeated_at_ < kEndInterval) return;
  end_repeated_at_ = now;
  --last_words_left_;
  transmit(last_words_);
}

void Session::doubt(FailureReason reason, std::uint8_t alert, Instant now) {
  if (state_ != State::kHandshaking) return;
  doubt_ = {reason, alert};
  if (!timers_.at(Timer::kPatience)) timers_.set(Timer::kPatience, now + settings_.patience);
}

void Session::fail(FailureReason reason, std::optional<std::uint8_t> alert) {
  if (log_.enabled(LogLevel::kInfo))
    log_.info("dtls_failed", {{"reason", std::string(to_text(reason))},
                              {"alert", alert ? std::to_string(*alert) : "none"}});
  events_.push(Failed{reason, alert});
  end(State::kFailed);
}

void Session::end(State state) {
  if (state == State::kFailed && engine_ && engine_->alert_sent())
    std::swap(last_words_, state_ == State::kHandshaking ? flight_ : last_made_);
  state_ = state;
  timers_ = {};
  for (Packet& packet : held_) packet = {};
  held_count_ = 0;
  flight_.clear();
  engine_.reset();
}

void Session::close(Instant now) {
  if (ended()) return;
  if (state_ == State::kConnected || state_ == State::kUnverified) {
    engine_->close();
    send_made(now);
  }
  end(State::kClosed);
}

std::optional<Instant> Session::next_timeout() const {
  const auto next = timers_.next();
  return next ? std::optional(next->at) : std::nullopt;
}

std::expected<std::vector<std::uint8_t>, ExportError> Session::export_keying_material(
    std::string_view label, std::size_t size) const {
  if (state_ != State::kConnected) return std::unexpected(ExportError::kNotConnected);
  std::vector<std::uint8_t> out(size);
  if (!engine_->export_keying_material(label, out)) return std::unexpected(ExportError::kFailed);
  return out;
}

Counters Session::counters() const {
  Counters counters = counters_;
  counters.dropped = filter_.dropped();
  counters.not_authentic = filter_.passed_application() - counters_.records_received;
  return counters;
}

Explanation Session::explain() const {
  return {.state = state_,
          .cipher = engine_ ? std::string(engine_->cipher()) : std::string(),
          .counters = counters(),
          .last_plaintext_alert = last_alert_};
}

}  // namespace beeline::dtls
