// One membership in one room, over connections that may break and come back: joins, keeps the
// members, resumes, retries, and gives up where the server says so (docs/protocol/signaling.md). A
// core; whatever carries its texts (a WebSocket) is the host's, and what is said to each member is
// the application's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/base/timer_table.h"
#include "beeline/signaling/client_message.h"

namespace beeline::signaling {

struct ClientSettings {
  std::string room;                  // kRoomIdLength letters
  std::string name;                  // empty: nameless
  std::string presence_json = "{}";  // an object of at most 1024 bytes
  std::string host_key;              // empty: none
  std::string password_proof;        // empty: none
};

// --- inputs ---
struct LinkUp {};
struct LinkText {
  std::string_view text;  // borrowed for the call
};
// Ended by itself, or could not be opened. `why` is for people; `hopeless`: trying again would not
// help.
struct LinkDown {
  std::string why;
  bool hopeless = false;
};
using ClientInput = std::variant<LinkUp, LinkText, LinkDown>;

// --- events ---
// A connection to the server, please; answered by LinkUp or LinkDown.
struct OpenLink {};
// Let the connection go, whatever state it is in; nothing of it may come any more. `clean`: say
// goodbye.
struct CloseLink {
  bool clean = false;
};
enum class Phase : std::uint8_t { kConnecting, kOpen, kReconnecting, kClosed };
struct PhaseChanged {
  Phase phase = Phase::kConnecting;
  std::string why;  // of kReconnecting
};
// We are in the room.
struct Entered {
  enum class How : std::uint8_t {
    kAnew,      // as somebody new: nothing of what was agreed with anybody before holds
    kResumed,   // as if nothing had happened
    kRestored,  // as who we were, on a server that was restarted: repeat open offers
  };
  How how = How::kAnew;
};
// `we_offer`: it was there before us. `known`: it is a member we had before; with Entered::kAnew
// before it everything with it begins anew, otherwise it is back on a server that was restarted.
struct MemberCame {
  std::string id;
  bool we_offer = false;
  bool known = false;
};
struct MemberChanged {
  std::string id;
};
struct MemberLeft {
  Roommate member;
  std::string reason;  // of `gone`
};
struct Heard {
  std::string from;
  std::variant<std::vector<Item>, std::string> what;  // items, or a room message
};
struct IceServersChanged {};
// The last event. `code`: of a fatal error, the reason of a `bye`, "left" or "server_unreachable".
struct MembershipEnded {
  std::string code;
  std::string detail;  // for people, in English
};
using ClientEvent =
    std::variant<OpenLink, CloseLink, PhaseChanged, Entered, MemberCame, MemberChanged, MemberLeft,
                 Heard, IceServersChanged, MembershipEnded>;

//   connecting ──welcome──▶ open ──broken──▶ reconnecting ──welcome──▶ open
//       └─ 3 tries, refusal ─▶ closed ◀─ leave(), bye, refusal ─┘
class Client {
 public:
  using Input = ClientInput;
  using Transmit = std::string;  // one message
  using Event = ClientEvent;

  static constexpr Duration kOpenPatience = std::chrono::seconds(15);
  static constexpr Duration kPingEvery = std::chrono::seconds(10);
  static constexpr Duration kSilence = std::chrono::seconds(8);
  static constexpr int kFirstTries = 3;
  static constexpr std::size_t kMaxWaiting = 256;  // messages, while reconnecting

  Client(ClientSettings settings, const Random& random);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  void open(Instant now);
  // Without grace.
  void leave();
  // These wait while the connection is away and are lost where the membership is.
  void relay(std::string_view to, std::vector<Item> items);
  void rename(std::string name);
  // These are only said while it is open.
  void say(std::string_view text);
  void renew() { say_now(write_bare("renew")); }

  Phase phase() const { return phase_; }
  const std::string& you() const { return you_; }  // empty before the first welcome
  // The others, oldest first.
  const std::vector<Roommate>& members() const { return members_; }
  const Roommate* member(std::string_view id) const;
  const IceOffer& ice() const { return ice_; }

 private:
  enum class Timer : std::uint8_t { kOpening, kRetry, kPing, kSilence, kAbsent, kCount };

  void on(const LinkUp&, Instant now);
  void on(const LinkText& text, Instant now);
  void on(const LinkDown& down, Instant now);
  void take(ServerWelcome& welcome, Instant now);
  void take(ServerEvent& event, Instant now);
  void take(const ServerError& error, Instant now);
  void take(const ServerBye& bye, Instant now);
  void enter_anew(std::vector<Roommate> members);
  void enter_restored(std::vector<Roommate> members, std::chrono::seconds grace, Instant now);
  void apply(SaidOther&) {}
  void apply(SaidJoined& joined);
  void apply(SaidAway& away);
  void apply(SaidGone& gone);
  void apply(SaidPresence& presence);
  void apply(SaidRenamed& renamed);
  void apply(SaidRelay& relay);
  void apply(SaidMessage& message);
  void apply(SaidIce& ice);
  void lost(std::string why, bool hopeless, Instant now);
  void drop_link(std::string why, Instant now);
  void finish(std::string code, std::string detail);
  void set_phase(Phase phase, std::string why = {});
  void watch_silence(Instant now);
  void say_now(std::string text);
  void say_surely(std::string text);
  void drop_member(std::string_view id, std::string reason);
  Roommate* find(std::string_view id);

  ClientSettings settings_;
  Random random_;
  Phase phase_ = Phase::kConnecting;
  std::string you_;
  std::string token_;
  std::uint64_t last_event_ = 0;
  std::vector<Roommate> members_;
  std::vector<std::string> absent_;  // of a server that was restarted, and not back yet
  IceOffer ice_;
  bool ever_open_ = false;
  unsigned attempt_ = 0;
  TimerTable<Timer> timers_;
  std::vector<std::string> waiting_;
  Fifo<std::string> transmits_;
  Fifo<ClientEvent> events_;
};

}  // namespace beeline::signaling
