// Finds out what the NAT in front of this machine does, by asking a STUN server with two addresses
// (RFC 5780, RFC 4787). A core that speaks the words of base/host_io.h; what is found out is in
// nat_behavior.h.
//
//   server's name, interfaces ─▶ first answer ─▶ more sockets ─▶ mapping, filtering, hairpin ─▶
//   report
//                                      └─ none ─▶ TCP? ─▶ report      └─ lifetime, if asked ─▶┘
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/random.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/nat_behavior.h"
#include "beeline/stun/transaction.h"

namespace beeline::stun {

struct NatProbeSettings {
  std::string server{};  // a name or an address
  Port port{3478};
  std::optional<IpFamily> family{};  // none: IPv4 where the server has it
  bool lifetime = false;             // takes minutes
  std::chrono::seconds longest_lifetime{300};
};

enum class NatStep : std::uint8_t {
  kLookingUp,
  kAsking,     // the first answer
  kComparing,  // more sockets, for ports
  kTesting,    // mapping, filtering, hairpin
  kTryingTcp,  // nothing came over UDP
  kMeasuringLifetime,
};

// Something new is being done, which ends at the latest after so long.
struct NatProgress {
  NatStep step{};
  Duration at_most{};
};

class NatProbe {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = std::variant<HostRequest, NatProgress, NatReport>;

  // `packets` is borrowed.
  NatProbe(NatProbeSettings settings, const Random& random, PacketPool& packets);

  // Once. The NatReport is the last event; all sockets are released then.
  void start(Instant now);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // Datagrams that answered nothing that was asked.
  std::uint64_t strays() const { return strays_; }

 private:
  enum class Stage : std::uint8_t {
    kIdle,
    kStarting,
    kFirst,
    kTcp,
    kBinding,
    kSamples,
    kTests,
    kLifetimeTrial,
    kLifetimes,
    kDone
  };
  enum class Test : std::uint8_t {
    kFirst,         // I of RFC 5780 §4.3
    kSample,        // the same from further sockets
    kOtherAddress,  // II
    kBothOther,     // III
    kChangeBoth,    // II of §4.4
    kChangePort,    // III
    kHairpin,
    kTrial,     // whether the server sends an answer to another port of ours (RESPONSE-PORT)
    kLifetime,  // whether a mapping still lives
  };
  // What a test of filtering met.
  enum class Change : std::uint8_t { kNoAnswer, kObeyed, kRefused, kIgnored };
  // By index: the first socket asks for mappings, the next ones as these say; what follows those
  // are sockets that are silent for a while.
  static constexpr std::size_t kFilterSocket = 1;
  static constexpr std::size_t kHairpinSocket = 2;
  static constexpr std::size_t kOtherHairpinSocket = 3;
  static constexpr std::size_t kSampleSockets = 6;
  static constexpr std::size_t kAskingSocket = kSampleSockets;
  static constexpr std::size_t kTrialSocket = kSampleSockets + 1;
  static constexpr std::size_t kSilentSockets = kSampleSockets + 2;

  struct Socket {
    SocketId id;
    std::optional<TransportAddress> local;  // once bound
    std::optional<TransportAddress> mapped;
  };
  struct Question {
    Test test;
    std::size_t socket;
    TransportAddress to;
    Transaction transaction;
    ChangeRequest change;
    std::optional<Port> response_port;
    std::size_t subject = 0;  // whose mapping it is about
  };
  struct Heard {
    SocketId at;
    TransportAddress source;
    std::uint16_t code = 0;  // 0: success
    std::optional<TransportAddress> mapped;
    std::optional<TransportAddress> other;
  };
  // A mapping that nothing leaves by until `due`.
  struct Silence {
    std::chrono::seconds span{};
    std::size_t socket = 0;
    Instant due{};
    std::optional<bool> alive{};
    bool asked = false;
  };

  void on(const NameResolved& resolved, Instant now);
  void on(const InterfacesChanged& changed, Instant now);
  void on(const UdpBound& bound, Instant now);
  void on(const UdpClosed& closed, Instant now);
  void on(const Datagram& datagram, Instant now);
  void on(const StreamOpened& opened, Instant now);
  void on(const StreamClosed& closed, Instant now);
  template <typename Other>
  void on(const Other&, Instant) {}

  // nat_probe.cc
  void begin_asking(Instant now);
  void add_socket(const IpAddress& local);
  void enter(Stage stage, NatStep step, Duration at_most);
  void ask(Test test, std::size_t socket, const TransportAddress& to, Instant now,
           ChangeRequest change = {}, std::optional<Port> response_port = {},
           std::size_t subject = 0);
  void send(const Question& question);
  void answered(const Question& question, const Heard& heard, Instant now);
  void unanswered(const Question& question, Instant now);
  void settle_on(const Question& question, const Heard& heard, Instant now);
  void go_on(Instant now);
  void try_tcp(Instant now);
  void finish(NatOutcome outcome);
  Transaction::Timing timing(Test test) const;

  // nat_probe_tests.cc
  void ask_samples(Instant now);
  void ask_tests(Instant now);
  void begin_lifetime(Instant now);
  void ask_silent(Instant now);
  void note_lifetime(const Question& question, bool alive);
  void judge();
  NatFinding<NatBehavior> judge_mapping() const;
  NatFinding<NatBehavior> judge_filtering() const;
  void judge_samples();
  void judge_lifetime();
  bool has_other() const;

  NatProbeSettings settings_;
  Random random_;
  PacketPool& packets_;
  Stage stage_ = Stage::kIdle;
  NatReport report_;
  std::optional<std::vector<IpAddress>> server_addresses_;
  std::optional<std::vector<Interface>> interfaces_;
  std::vector<Socket> sockets_;
  std::uint32_t next_socket_ = 1;
  std::vector<Question> questions_;
  std::optional<TransportAddress> from_other_address_;  // as which II was seen, and III
  std::optional<TransportAddress> from_both_other_;
  Change change_both_ = Change::kNoAnswer;
  Change change_port_ = Change::kNoAnswer;
  std::optional<bool> answers_elsewhere_;  // RESPONSE-PORT
  std::vector<Silence> silences_;
  std::optional<Instant> tcp_until_;
  std::uint64_t strays_ = 0;
  Fifo<HostTransmit> transmits_;
  Fifo<Event> events_;
};

}  // namespace beeline::stun
