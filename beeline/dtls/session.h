// A DTLS 1.2 association between two peers (RFC 6347 as RFC 5763, 5764, 8122 and 8827 use it): a
// core. Deciding which datagrams are DTLS (RFC 7983), and that they come from an address ICE has
// validated, is the caller's; so is what limits answers to anybody else.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/instant.h"
#include "beeline/base/log.h"
#include "beeline/base/packet.h"
#include "beeline/base/timer_table.h"
#include "beeline/crypto/identity.h"
#include "beeline/dtls/certificate_check.h"
#include "beeline/dtls/engine.h"
#include "beeline/dtls/flight.h"
#include "beeline/dtls/record_filter.h"
#include "beeline/dtls/srtp_profile.h"

namespace beeline::dtls {

struct Settings {
  Role role = Role::kClient;
  crypto::Identity identity;
  // What the other side's certificate has to match one of; none: they come later.
  std::vector<Fingerprint> remote_fingerprints{};
  std::size_t mtu = 1200;  // bytes of a handshake datagram, 256 to Packet::kMaxPayload
  // Until the first retransmission: twice ICE's round trip, at least 50 ms. Doubles up to the
  // longest.
  Duration first_timeout = std::chrono::milliseconds(100);
  Duration longest_timeout = std::chrono::seconds(1);
  // The whole handshake; none: until the caller is tired of it.
  std::optional<Duration> handshake_limit = std::chrono::seconds(60);
  // How long what anybody can have sent (an alert in the clear, a ClientHello that is none) may go
  // without being contradicted by progress before it is believed.
  Duration patience = std::chrono::seconds(2);
  std::vector<SrtpProfile> srtp_profiles{};  // in order of preference; none: no use_srtp
};

enum class FailureReason : std::uint8_t {
  kHandshakeTimeout,     // the limit passed
  kFingerprintMismatch,  // the certificate is not the one that was announced
  kNoFingerprint,        // none was announced that proves anything
  kNoCertificate,        // the other side showed none
  kRefused,              // by the other side, with the alert
  kProtocol,             // nothing in common, or the other side broke the protocol
};
std::string_view to_text(FailureReason reason);

// The other side is who it has to be; application data may flow.
struct Connected {
  std::optional<SrtpProfile> srtp_profile;
  std::string cipher;
};
// The content of one record, at least one byte.
struct Received {
  Packet packet;
};
// The other side is done (close_notify); nothing comes or goes after it.
struct Closed {};
// The end; nothing comes or goes after it.
struct Failed {
  FailureReason reason = FailureReason::kProtocol;
  std::optional<std::uint8_t> alert;  // RFC 5246 §7.2, sent or received
};

enum class SendError : std::uint8_t {
  kNotConnected,  // not yet, or not any more
  kSize,          // no bytes, or more than fit a Packet with what DTLS adds
  kFailed,        // by OpenSSL
};

enum class ExportError : std::uint8_t { kNotConnected, kFailed };

struct Counters {
  DroppedRecords dropped;
  std::uint64_t datagrams_received = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t records_received = 0;  // that were handed up
  std::uint64_t records_sent = 0;
  std::uint64_t not_authentic = 0;    // application records that were forged or replayed
  std::uint64_t retransmissions = 0;  // flights
  std::uint64_t held = 0;             // datagrams that waited for the handshake or the fingerprints
  std::uint64_t held_too_many = 0;    // and those that could not
  std::uint64_t hellos_refused = 0;   // after which a server waited for a better one
  std::uint64_t before_the_start = 0;  // datagrams, also those to a server that are no ClientHello
  std::uint64_t after_the_end = 0;     // datagrams
};

enum class State : std::uint8_t {
  kNew,  // client: start() has not been called; server: nothing has come
  kHandshaking,
  kUnverified,  // the handshake is over, the fingerprints are not here
  kConnected,
  kClosed,
  kFailed,
};

struct Explanation {
  State state = State::kNew;
  std::string cipher;
  Counters counters;
  std::optional<std::uint8_t> last_plaintext_alert;  // a hint
};

// Makes what all sessions of a process share, which the first one does otherwise. That draws from
// OpenSSL's generator: who seeds it calls this before, or its first run is not like the others.
inline void prepare() {
  Engine::prepare();
}

//   kNew ─▶ kHandshaking ─▶ kConnected ─▶ kClosed      Invariant: nothing of the application goes
//   up
//               │  └──▶ kUnverified ──┘       ▲        or out before the other side's certificate
//               has └────────▶ kFailed ◀──────────┘        matched one of the fingerprints.
//
// Keys, nonces and hellos come from OpenSSL's own generator, not from an injected Random: in tests
// and simulations crypto/seeded_generator.h decides what that gives. No clock is read: OpenSSL's
// timer is kept from running, see datagram_bio.h.
//
// RFC 7983 leaves open whether a stranger's datagram gets here. A server answers a ClientHello with
// two to five times its size, so the caller lets in what comes from validated addresses and
// nothing else.
class Session final : private EngineOwner {
 public:
  using Input = Packet;     // one datagram
  using Transmit = Packet;  // one datagram
  using Event = std::variant<Connected, Received, Closed, Failed>;

  // `packets` and `log` are borrowed. A server may be given input at once.
  Session(Settings settings, PacketPool& packets, Log& log);

  void handle_input(Packet datagram, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant) {}
  std::optional<Packet> poll_transmit() { return transmits_.pop(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const;

  // A client sends its ClientHello; for a server the limit of the handshake begins.
  void start(Instant now);
  // What signaling announced. May come before, during and after the handshake, and again later: the
  // certificate has to match each time (a new certificate needs a new association, RFC 8842 §3.1).
  // An empty list is a failure.
  void set_remote_fingerprints(std::vector<Fingerprint> fingerprints, Instant now);
  // Sends the content of `packet` as one record in one datagram.
  [[nodiscard]] std::expected<void, SendError> send(Packet packet, Instant now);
  // Says goodbye where there is somebody to say it to; silent afterwards.
  void close(Instant now);

  // `size` bytes that both sides know and nobody else does (RFC 5705, no context); for SRTP the
  // label is "EXTRACTOR-dtls_srtp" (RFC 5764 §4.2). Never to be logged.
  [[nodiscard]] std::expected<std::vector<std::uint8_t>, ExportError> export_keying_material(
      std::string_view label, std::size_t size) const;

  State state() const { return state_; }
  Counters counters() const;
  Explanation explain() const;

 private:
  static constexpr int kMostLastWords = 8;

  enum class Timer : std::uint8_t { kRetransmission, kHandshakeLimit, kPatience, kCount };
  static constexpr std::size_t kMaxHeld = 8;

  void datagram_made(Bytes datagram) override;
  bool certificate_may_pass(Bytes der) override;

  bool ended() const { return state_ == State::kClosed || state_ == State::kFailed; }
  void make_engine();
  void begin(Instant now);
  void take_in(Packet datagram, Instant now);
  bool hold(Packet& datagram);
  void go_on(Bytes datagram, Instant now);
  void read_all(Packet datagram, Instant now);
  void after_reading(Engine::Read result, Instant now);
  void after_handshake_failure(Instant now);
  void finish(Instant now);
  void verify_and_open(Instant now);
  void doubt(FailureReason reason, std::uint8_t alert, Instant now);
  void fail(FailureReason reason, std::optional<std::uint8_t> alert);
  void end(State state);
  void retransmit(Instant now);
  void repeat_last_words(Bytes datagram, Instant now);
  void repeat_end(Instant now);
  void send_made(Instant now);
  void transmit(const Flight& flight);

  Settings settings_;
  PacketPool& packets_;
  Log& log_;
  State state_ = State::kNew;
  std::optional<Engine> engine_;
  RecordFilter filter_;
  std::vector<std::uint8_t> certificate_;  // of the other side, DER
  bool certificate_refused_ = false;
  std::array<Packet, kMaxHeld> held_;
  std::size_t held_count_ = 0;

  Flight made_;  // by the engine, in this call
  Flight last_made_;
  Flight flight_;  // the last one of the handshake
  PlaintextNumbers numbers_;
  Packet* record_ = nullptr;  // where the datagram of send() goes
  TimerTable<Timer> timers_;
  Duration timeout_{};
  int repetitions_ = 0;  // of this flight
  std::optional<Instant> end_repeated_at_;
  // The alert that ended it; who goes on has not heard it.
  Flight last_words_;
  int last_words_left_ = kMostLastWords;
  Failed doubt_;
  std::optional<std::uint8_t> last_alert_;

  Fifo<Packet> transmits_;
  Fifo<Event> events_;
  Counters counters_;
};

}  // namespace beeline::dtls
