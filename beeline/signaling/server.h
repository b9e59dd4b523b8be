// All room logic as a core: who is in which room, who hears what, who comes back, who may enter.
// docs/protocol/signaling.md is its specification. Knows connections and text, not WebSocket; knows
// that ICE servers exist, not how they are made. server.cc has connections and timers,
// server_entry.cc who enters, server_membership.cc what becomes of members, server_messages.cc what
// they say.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/deadline_queue.h"
#include "beeline/base/fifo.h"
#include "beeline/base/instant.h"
#include "beeline/base/log.h"
#include "beeline/base/random.h"
#include "beeline/base/rate.h"
#include "beeline/signaling/member.h"
#include "beeline/signaling/message.h"
#include "beeline/signaling/resume_token.h"
#include "beeline/signaling/room_access.h"
#include "beeline/signaling/source_rates.h"

namespace beeline::signaling {

struct Limits {
  std::size_t room_members = 16;
  std::size_t rooms = 10'000;
  std::size_t members = 20'000;
  std::size_t kept_rooms = 10'000;  // whose settings outlive their members
  std::size_t kept_events = 256;    // per member, for coming back
  std::size_t kept_bytes = 256 * 1024;
  int errors_in_a_row = 5;
  Rate messages{300, std::chrono::milliseconds(50)};  // of a connection; its host reads no faster
  Rate entries{512, std::chrono::milliseconds(200)};  // tries to enter from one source
  Rate wrong_passwords{10, std::chrono::seconds(6)};  // from one source
  std::size_t counted_sources = 20'000;
};

struct Settings {
  std::chrono::seconds grace{15};
  std::chrono::seconds hello_time{10};
  crypto::Sha256 resume_key{};  // signs resume tokens; outlives the process
  Limits limits;
};

// Who makes ICE servers for a member. `server_name` is how the member's client called this server.
class IceServers {
 public:
  virtual ~IceServers() = default;
  virtual IceOffer offer(std::string_view member, std::string_view server_name) = 0;
};

// `source` is whose tries are counted together: an IPv4 address or an IPv6 /64.
struct Connected {
  ConnectionId connection;
  std::string server_name;
  std::string source;
};
struct TextReceived {
  ConnectionId connection;
  std::string_view text;  // borrowed for the call
};
struct BinaryReceived {
  ConnectionId connection;
};
// `clean`: the other side said goodbye, so the membership ends without grace.
struct ConnectionClosed {
  ConnectionId connection;
  bool clean = false;
};
// What a RoomStateChanged of an earlier run carried; after set_wall_time(), before the first
// connection.
struct RoomStateLoaded {
  std::string room;
  std::string state;
};
// A RoomStateChanged could not be kept.
struct RoomStateNotSaved {
  std::string room;
};

struct OutgoingText {
  ConnectionId connection;
  Text text;
};

// The host closes the connection after what was transmitted; no ConnectionClosed is wanted for it.
struct CloseConnection {
  ConnectionId connection;
  std::uint16_t code;  // a WebSocket close code
};
struct MemberJoined {
  std::string member;
  std::string room;
};
// What was given to this member alone (its TURN credentials) ends now.
struct MemberGone {
  std::string member;
  std::string room;
  GoneReason reason;
};
// To be kept until the next one for this room, also beyond this process; none: nothing more to
// keep.
struct RoomStateChanged {
  std::string room;
  std::optional<std::string> state;
};

// States of a connection:   connected ──hello──▶ member's ──▶ closed
// States of a membership:   here ◀──hello(resume)── away ──grace over──▶ gone
class Server {
 public:
  using Input = std::variant<Connected, TextReceived, BinaryReceived, ConnectionClosed,
                             RoomStateLoaded, RoomStateNotSaved>;
  using Transmit = OutgoingText;
  using Event = std::variant<CloseConnection, MemberJoined, MemberGone, RoomStateChanged>;

  struct Counters {
    std::uint64_t messages = 0;
    std::array<std::uint64_t, kErrorCodes> errors{};  // by ErrorCode
    std::uint64_t joined = 0;
    std::uint64_t resumed = 0;
    std::uint64_t restored = 0;                      // came back although the server was restarted
    std::array<std::uint64_t, kGoneReasons> gone{};  // by GoneReason
  };

  // `ice` and `log` are borrowed.
  // `texts`: where what is relayed is kept, borrowed; null: memory of its own for each.
  Server(Settings settings, const Random& random, IceServers& ice, Log& log,
         TextPool* texts = nullptr);
  ~Server();

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // Unix time that welcomes and tokens carry; the host says it at the start and now and then.
  void set_wall_time(WallTime at) { wall_time_ = at; }
  // False where there is no such member, room.
  bool remove(std::string_view member, Instant now);
  bool close_room(std::string_view room, Instant now);
  // Says goodbye to everybody. The core is empty afterwards, and what is kept of rooms is as it
  // was with everybody in them.
  void shutdown(Instant now);

  std::size_t members() const { return members_.size(); }
  std::size_t rooms() const { return rooms_.size(); }
  std::size_t kept_rooms() const { return access_.size(); }
  std::size_t connections() const { return connections_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  struct Connection {
    std::string server_name;
    std::string source;
    Member* member = nullptr;  // null before hello; its connection is this one
    int errors_in_a_row = 0;
  };
  using Room = std::vector<std::string>;  // member ids, oldest first
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  void on(const Connected& input, Instant now);
  void on(const TextReceived& input, Instant now);
  void on(const BinaryReceived& input, Instant now);
  void on(const ConnectionClosed& input, Instant now);
  void on(const RoomStateLoaded& input, Instant now);
  void on(const RoomStateNotSaved& input, Instant now);
  void on_message(ConnectionId from, Connection& connection, ClientMessage message, Instant now);

  void hello(ConnectionId from, Connection& connection, Hello hello, const About& about,
             Instant now);
  bool resume(ConnectionId from, Connection& connection, const Hello& hello,
              const ResumeToken& token, bool is_host, Instant now);
  bool may_be_restored(const ResumeToken& token, std::string_view room) const;
  std::optional<ErrorCode> why_not(const Connection& connection, const Hello& hello, bool invited,
                                   Instant now);
  std::optional<ErrorCode> why_no_place(std::string_view room) const;
  void enter(ConnectionId from, Connection& connection, Hello hello,
             std::optional<std::string> restored, bool is_host, Instant now);
  void welcome(Member& member, bool resumed, bool restored, std::uint64_t last_event, Instant now);

  void relay(Member& member, std::string_view to, std::string_view items_json, const About& about);
  void apply(Member& member, Relay relay, const About& about, Instant now);
  void apply(Member& member, SetPresence presence, const About& about, Instant now);
  void apply(Member& member, Rename rename, const About& about, Instant now);
  void apply(Member& member, RoomMessage message, const About& about, Instant now);
  void apply(Member& member, Renew, const About& about, Instant now);
  void apply(Member& member, Ping, const About& about, Instant now);
  void apply(Member& member, Leave, const About& about, Instant now);
  void apply(Member& member, Lock lock, const About& about, Instant now);
  void apply(Member& member, SetPassword password, const About& about, Instant now);
  void apply(Member& member, Remove remove, const About& about, Instant now);
  void apply(Member& member, HandOver hand_over, const About& about, Instant now);

  // What hosts have set. change() gives a room's settings for changing, note_change() has them
  // kept.
  RoomView view_of(std::string_view room) const;
  RoomAccess* access_of(std::string_view room);
  RoomAccess& change(const std::string& room);
  void note_change(const std::string& room);
  void store_changes();
  void forget_room(const std::string& room);
  void age_rooms(Instant now);

  void tell(Member& member, const RoomEvent& event);
  void tell_others(const Member& member, const RoomEvent& event);
  void tell_all(std::string_view room, const RoomEvent& event);

  void offer_ice(Member& member, Instant now);
  void refuse(ConnectionId connection, ErrorCode code, bool fatal, const About& about);
  void drop(ConnectionId connection, std::uint16_t close_code);
  void away(Member& member, Instant now);
  void end(std::string_view member, GoneReason reason, std::optional<ByeReason> bye, Instant now);
  Member* find(std::string_view member);
  Member* find_other(const Member& member, std::string_view id);

  Settings settings_;
  Random random_;
  IceServers& ice_;
  Log& log_;
  TextPool* texts_;
  std::string epoch_;
  WallTime wall_time_;
  boost::unordered_flat_map<ConnectionId, Connection, std::hash<ConnectionId>> connections_;
  boost::unordered_flat_map<std::string, std::unique_ptr<Member>, TextHash, std::equal_to<>>
      members_;
  std::map<std::string, Room, std::less<>> rooms_;
  std::map<std::string, RoomAccess, std::less<>> access_;  // rooms with settings, also empty ones
  std::set<std::string> changed_;                          // whose settings flush() has kept
  SourceRates entries_;
  SourceRates wrong_passwords_;
  DeadlineQueue<ConnectionId> hello_deadlines_;
  DeadlineQueue<std::string> grace_deadlines_;
  DeadlineQueue<std::string> renewals_;
  DeadlineQueue<std::string> ageing_;  // empty rooms with settings: a day more
  std::vector<std::string> lost_;      // members that cannot be kept; flush() ends them
  bool ending_ = false;                // what is kept stays as it is
  Fifo<Transmit> transmits_;
  Fifo<Event> events_;
  Counters counters_;
};

}  // namespace beeline::signaling
