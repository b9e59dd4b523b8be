// All room logic as a core: who is in which room, who hears what, who comes back.
// docs/protocol/signaling.md is its specification. Knows connections and text, not WebSocket; knows
// that ICE servers exist, not how they are made.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "beeline/base/deadline_queue.h"
#include "beeline/base/instant.h"
#include "beeline/base/log.h"
#include "beeline/base/random.h"
#include "beeline/signaling/member.h"
#include "beeline/signaling/message.h"

namespace beeline::signaling {

struct Limits {
  std::size_t room_members = 16;
  std::size_t rooms = 10'000;
  std::size_t members = 20'000;
  std::size_t kept_events = 256;  // per member, for coming back
  std::size_t kept_bytes = 256 * 1024;
  int errors_in_a_row = 5;
};

struct Settings {
  std::chrono::seconds grace{15};
  std::chrono::seconds hello_time{10};
  Limits limits;
};

// Who makes ICE servers for a member. `host` is the name by which the member's client called this
// server.
class IceServers {
 public:
  virtual ~IceServers() = default;
  virtual IceOffer offer(std::string_view member, std::string_view host) = 0;
};

struct Connected {
  ConnectionId connection;
  std::string host;
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

struct OutgoingText {
  ConnectionId connection;
  std::string text;
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

// States of a connection:   connected ──hello──▶ member's ──▶ closed
// States of a membership:   here ◀──hello(resume)── away ──grace over──▶ gone
class Server {
 public:
  using Input = std::variant<Connected, TextReceived, BinaryReceived, ConnectionClosed>;
  using Transmit = OutgoingText;
  using Event = std::variant<CloseConnection, MemberJoined, MemberGone>;

  struct Counters {
    std::uint64_t messages = 0;
    std::uint64_t errors = 0;
    std::uint64_t joined = 0;
    std::uint64_t resumed = 0;
    std::uint64_t lost = 0;  // memberships that ended because nobody came back
  };

  // `ice` and `log` are borrowed.
  Server(Settings settings, const Random& random, IceServers& ice, Log& log);
  ~Server();

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // Unix time that welcomes carry; the host says it at the start and now and then.
  void set_wall_time(WallTime at) { wall_time_ = at; }
  // False where there is no such member, room.
  bool remove(std::string_view member, Instant now);
  bool close_room(std::string_view room, Instant now);
  // Says goodbye to everybody. The core is empty afterwards.
  void shutdown(Instant now);

  std::size_t members() const { return members_.size(); }
  std::size_t rooms() const { return rooms_.size(); }
  std::size_t connections() const { return connections_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  struct Connection {
    std::string host;
    std::string member;  // empty before hello
    int errors_in_a_row = 0;
  };
  using Room = std::vector<std::string>;  // member ids, oldest first

  void on(const Connected& input, Instant now);
  void on(const TextReceived& input, Instant now);
  void on(const BinaryReceived& input, Instant now);
  void on(const ConnectionClosed& input, Instant now);
  void on_message(ConnectionId from, Connection& connection, ClientMessage message, Instant now);

  void hello(ConnectionId from, Connection& connection, Hello hello, const About& about,
             Instant now);
  bool resume(ConnectionId from, Connection& connection, const Hello& hello, Instant now);
  void welcome(Member& member, bool resumed, std::uint64_t last_event, Instant now);
  void apply(Member& member, Relay relay, const About& about, Instant now);
  void apply(Member& member, SetPresence presence, const About& about, Instant now);
  void apply(Member& member, Rename rename, const About& about, Instant now);
  void apply(Member& member, RoomMessage message, const About& about, Instant now);
  void apply(Member& member, Renew, const About& about, Instant now);
  void apply(Member& member, Ping, const About& about, Instant now);
  void apply(Member& member, Leave, const About& about, Instant now);

  // `write` makes the text of an event from its number.
  template <typename Write>
  void tell(Member& member, Instant now, Write write);
  template <typename Write>
  void tell_others(const Member& member, Instant now, Write write);

  void offer_ice(Member& member, Instant now);
  void refuse(ConnectionId connection, ErrorCode code, bool fatal, const About& about);
  void drop(ConnectionId connection, std::uint16_t close_code);
  void away(Member& member, Instant now);
  void end(std::string_view member, GoneReason reason, std::optional<ByeReason> bye, Instant now);
  Member* find(std::string_view member);

  Settings settings_;
  Random random_;
  IceServers& ice_;
  Log& log_;
  WallTime wall_time_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::map<std::string, std::unique_ptr<Member>, std::less<>> members_;
  std::map<std::string, Room, std::less<>> rooms_;
  DeadlineQueue<ConnectionId> hello_deadlines_;
  DeadlineQueue<std::string> grace_deadlines_;
  DeadlineQueue<std::string> renewals_;
  std::vector<std::string> lost_;  // members that cannot be kept; flush() ends them
  std::deque<Transmit> transmits_;
  std::deque<Event> events_;
  Counters counters_;
};

}  // namespace beeline::signaling
