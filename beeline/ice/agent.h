// The ICE agent (RFC 8445, 8838, 8863, 7675): finds every path between two sides, starts on the
// first that works, moves to the best, and keeps looking when the network changes. A core: its host
// gives it sockets, streams, names and time; its application passes candidates to the other side.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/host_io.h"
#include "beeline/base/log.h"
#include "beeline/base/random.h"
#include "beeline/ice/agent_event.h"
#include "beeline/ice/check_list.h"
#include "beeline/ice/check_message.h"
#include "beeline/ice/explanation.h"
#include "beeline/ice/gatherer.h"
#include "beeline/ice/look_around.h"
#include "beeline/ice/settings.h"
#include "beeline/ice/tcp_paths.h"

namespace beeline::ice {

enum class SendError : std::uint8_t {
  kNotConnected,  // no path has worked yet
  kNoConsent,     // the other side has not answered for 30 s (RFC 7675)
  kTooLarge,
};

// One component of one session.
//
//   new ──gather()──▶ checking ──a pair works──▶ connected ◀──▶ disconnected ──30 s──▶ failed
//                        └────────nothing worked for 39.5 s──────────────────────────────▲
//   failed ──a candidate, an interface or a word from the other side, and a pair works──▶ connected
class Agent {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = AgentEvent;

  // `packets` and `log` are borrowed. `role`: controlling is whose offer it was (RFC 8445 §6.1.1).
  Agent(Settings settings, Role role, const Random& random, PacketPool& packets, Log& log);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // What the other side has to be told.
  const Parameters& local_parameters() const { return local_; }
  const std::optional<Parameters>& remote_parameters() const { return remote_; }
  // Whose offer it was, where that is known only later than this; before gather().
  void take_role(Role role) { set_role(role); }
  // Starts to look for addresses; CandidateGathered follows for each.
  void gather(Instant now);
  // Checks begin. Other parameters than before: the other side began anew, its candidates are to
  // follow; the same again do nothing, and neither do those longer than RFC 8839 allows.
  void set_remote(Parameters remote, Instant now);
  void add_remote(Candidate candidate, Instant now);
  // For explanations: how long to be patient is the same with and without (RFC 8863 §4).
  void end_of_remote_candidates(Instant now);
  // A new generation (RFC 8445 §9): new parameters, everything is checked anew. Data keeps taking
  // the old path until a new one works, or until consent on it is gone (RFC 7675).
  void restart(Instant now);
  // New TURN credentials or servers, for allocations from now on.
  void set_servers(std::vector<Server> servers, Instant now);
  // Sends data: anything that is not STUN, at most Packet::kMaxPayload bytes.
  std::expected<void, SendError> send(Packet packet, Instant now);
  // Gives allocations back and closes everything; silent afterwards.
  void close(Instant now);

  State state() const { return state_; }
  Role role() const { return role_; }
  std::optional<Path> path() const;
  // How often it has looked around in this generation: at least once, and no more than once in 10
  // s.
  std::uint64_t looks() const { return look_.count(); }
  Explanation explain() const;

 private:
  struct Counters {
    std::uint64_t checks_sent = 0;
    std::uint64_t forged = 0;      // requests and answers without the right integrity
    std::uint64_t unexpected = 0;  // answers to nothing we asked
    std::uint64_t strangers = 0;   // data from where nobody has proved to be the other side
    std::uint64_t malformed = 0;
  };
  // What a restart leaves in use until a new path works. Nobody may ever answer the restart, so it
  // goes on asking for consent, as what both sides were before.
  struct FormerPath {
    BaseId base;
    TransportAddress remote;
    Parameters local;
    std::optional<Parameters> theirs;  // none of a lite agent, which asks nothing
    Role role;
    std::uint64_t tie_breaker;
    Instant answered;
    Instant due;  // of the next question
    SentCheck asked;
    int since_answer = 0;
  };

  // agent.cc
  void dispatch(HostInput& input, Instant now);
  void take_notices(Instant now);
  void on(const BaseUp& up, Instant now);
  void on(const BaseDown& down, Instant now);
  void on(FoundCandidate& found, Instant now);
  void on(FromPeer& heard, Instant now);
  void on(const Permission& permission, Instant now);
  void on(const GatheredAll& all, Instant now);
  void on(const Nat64Changed& changed, Instant now);
  void on(const ConnectionChanged& changed, Instant now);
  void on_resolved(const NameResolved& resolved, Instant now);
  void add_remote_address(Candidate candidate, bool translated, Instant now);
  void add_translated(Candidate candidate, Instant now);
  void pair_up(const Base& base, const Remote& remote, Instant now);
  void look_again(Instant now);
  void look_twice(Instant now);
  void look_if_due(Instant now);
  void begin_generation(Instant now);
  void notice_time_gone(Instant now);
  void expect_servers_to_know_us(Instant now);
  Base* base_of(BaseId id);
  const Base* base_of(BaseId id) const;
  Remote* remote_of(RemoteId id);
  const Remote* remote_of(RemoteId id) const;
  Remote* remote_at(const TransportAddress& address, CandidateTransport transport);

  // agent_checks.cc
  void from_peer(BaseId base, const TransportAddress& source, Packet packet, Instant now);
  void on_request(BaseId base, const TransportAddress& source, const stun::Message& message,
                  Instant now);
  TransportAddress as_sent(const TransportAddress& source) const;
  void refuse(BaseId base, const TransportAddress& source, const stun::Message& message,
              std::uint16_t code, bool with_integrity, Instant now);
  bool answer_on_former_path(BaseId base, const TransportAddress& source,
                             const stun::Message& message, Instant now);
  void ask_on_former_path(Instant now);
  bool former_path_answered(BaseId base, const TransportAddress& source,
                            const stun::Message& message);
  bool settle_roles(BaseId base, const TransportAddress& source, const stun::Message& message,
                    const ReceivedCheck& check, Instant now);
  void heard_check(BaseId base, const TransportAddress& source, const ReceivedCheck& check,
                   Instant now);
  void on_answer(BaseId base, const TransportAddress& source, const stun::Message& message,
                 Instant now);
  void on_success(Pair& pair, const SentCheck& check, const stun::Message& message, Instant now);
  void learn_mapped(Pair& pair, const TransportAddress& mapped, Instant now);
  void on_error(Pair& pair, const SentCheck& check, const stun::Message& message, Instant now);
  void on_data(BaseId base, const TransportAddress& source, Packet packet, Instant now);
  void run_checks(Instant now);
  void check(Pair& pair, Instant now);
  static PairReason why_silent(const Pair& pair, bool urgent);
  bool ready_to_send(Pair& pair, Instant now);
  void send_check(Pair& pair, Instant now);
  void plan_next(Pair& pair, Instant now);
  void send_on(const Pair& pair, Packet packet, Instant now);
  void reply(BaseId base, const TransportAddress& destination, Packet packet, Instant now);
  void set_role(Role role);
  Pair* pair_at(BaseId base, const TransportAddress& source);

  // agent_paths.cc
  void settle(Instant now);
  void notice_doubt(Instant now);
  rules::Standing standing_of(const Pair& pair) const;
  Pair* choose(Instant now);
  static bool was_told_later(const Pair& pair, const Pair& than);
  Pair* choose_backup(const Pair& active, Instant now);
  void use(Pair* chosen, Instant now);
  void nominate_if_time(Pair& chosen, Instant now);
  void nudge_for_better(const Pair& chosen, Instant now);
  void park_worse(const Pair* active, Instant now);
  void settle_state(const Pair* active, Instant now);
  void set_state(State state);
  bool is_relayed(const Pair& pair) const;
  Path path_of(const Pair& pair) const;
  Pair* active();
  const Pair* active() const;

  Settings settings_;
  PacketPool& packets_;
  Log& log_;
  Random random_;
  Random consent_random_;
  Outbox outbox_;
  Gatherer gatherer_;
  TcpPaths tcp_;

  Role role_;
  std::uint64_t tie_breaker_;
  Parameters local_;
  std::optional<Parameters> remote_;
  std::string username_;  // of our checks
  std::vector<Base> bases_;
  std::vector<Remote> remotes_;
  std::map<NameQueryId, Candidate> resolving_;
  std::optional<Nat64Prefix> nat64_;
  CheckList checks_;
  // Packets to each IP address since this look around began, counting those to transport addresses
  // that never answered.
  std::map<IpAddress, int> unanswered_;

  State state_ = State::kNew;
  Instant began_;  // this generation, or the last time there was hope
  Instant pace_at_;
  std::optional<Instant> mapped_asked_;
  LookAround look_;
  std::size_t look_checks_ = 0;
  // While nothing works, our own servers are asked whether they still know us.
  std::optional<Instant> ask_servers_at_;
  Duration ask_servers_after_{};
  std::optional<Instant> expected_wake_;
  bool remote_complete_ = false;
  bool was_connected_ = false;

  std::optional<PairId> active_;
  std::optional<PairId> backup_;
  std::optional<PairId> nominated_;  // what we nominated last
  // When a path in use that is doubted, or was, was last heard from.
  Instant silent_since_;
  std::optional<FormerPath> former_;
  std::optional<Instant> first_success_;
  std::uint32_t nominations_ = 0;
  Counters counters_;
  std::uint32_t next_remote_ = 1;
};

}  // namespace beeline::ice
