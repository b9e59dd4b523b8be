#include "beeline/signaling/server.h"

#include <algorithm>
#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/base/protocol_core.h"
#include "beeline/crypto/digest.h"

namespace beeline::signaling {
namespace {

static_assert(ProtocolCore<Server>);

constexpr std::size_t kMemberIdLength = 10;
constexpr std::size_t kTokenSecretLength = 32;  // of 32 letters: 160 bits

// WebSocket close codes (RFC 6455 §7.4.1).
constexpr std::uint16_t kCloseNormal = 1000;
constexpr std::uint16_t kCloseGoingAway = 1001;
constexpr std::uint16_t kClosePolicy = 1008;
constexpr std::uint16_t kCloseTooLarge = 1009;
constexpr std::uint16_t kCloseTryLater = 1013;

std::uint16_t close_code(ErrorCode code) {
  if (code == ErrorCode::kTooLarge) return kCloseTooLarge;
  if (code == ErrorCode::kServerFull || code == ErrorCode::kRoomFull) return kCloseTryLater;
  return kClosePolicy;
}

MemberView view(const Member& member) {
  return {member.id, member.name, member.presence_json, !member.connection};
}

template <typename T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  T front = std::move(queue.front());
  queue.pop_front();
  return front;
}

}  // namespace

Server::Server(Settings settings, const Random& random, IceServers& ice, Log& log)
    : settings_(settings), random_(random.fork("signaling")), ice_(ice), log_(log) {}

Server::~Server() = default;

std::optional<Server::Transmit> Server::poll_transmit() {
  return pop(transmits_);
}
std::optional<Server::Event> Server::poll_event() {
  return pop(events_);
}

std::optional<Instant> Server::next_timeout() const {
  return earliest(earliest(hello_deadlines_.next(), grace_deadlines_.next()), renewals_.next());
}

void Server::handle_timeout(Instant now) {
  while (const auto connection = hello_deadlines_.pop_due(now))
    refuse(*connection, ErrorCode::kHelloExpected, true, {});
  while (const auto member = grace_deadlines_.pop_due(now))
    end(*member, GoneReason::kLostPeer, std::nullopt, now);
  while (const auto member = renewals_.pop_due(now))
    if (Member* found = find(*member)) offer_ice(*found, now);
}

void Server::handle_input(Input input, Instant now) {
  std::visit([&](const auto& one) { on(one, now); }, input);
}

void Server::flush(Instant now) {
  // Ending a member tells the others, which may fill the queue of the next one.
  while (!lost_.empty()) {
    const std::string member = std::move(lost_.back());
    lost_.pop_back();
    end(member, GoneReason::kLostPeer, std::nullopt, now);
  }
}

void Server::on(const Connected& input, Instant now) {
  connections_[input.connection] = Connection{input.host, {}, 0};
  hello_deadlines_.set(input.connection, now + settings_.hello_time);
}

void Server::on(const TextReceived& input, Instant now) {
  const auto it = connections_.find(input.connection);
  if (it == connections_.end()) return;
  ++counters_.messages;
  auto message = parse_message(input.text);
  if (!message) {
    const Refusal& refusal = message.error();
    const bool before_hello = it->second.member.empty();
    const bool fatal = before_hello || refusal.code == ErrorCode::kTooLarge;
    const bool is_hello = refusal.about.type == "hello";
    const ErrorCode code = before_hello && !is_hello && refusal.code != ErrorCode::kTooLarge &&
                                   refusal.code != ErrorCode::kBadJson
                               ? ErrorCode::kHelloExpected
                               : refusal.code;
    return refuse(input.connection, !before_hello && is_hello ? ErrorCode::kHelloAgain : code,
                  fatal, refusal.about);
  }
  on_message(input.connection, it->second, std::move(*message), now);
}

void Server::on(const BinaryReceived& input, Instant) {
  refuse(input.connection, ErrorCode::kBinaryFrame, false, {});
}

void Server::on(const ConnectionClosed& input, Instant now) {
  const auto it = connections_.find(input.connection);
  if (it == connections_.end()) return;
  const std::string member = std::move(it->second.member);
  connections_.erase(it);
  hello_deadlines_.cancel(input.connection);
  Member* found = find(member);
  if (found == nullptr) return;
  found->connection.reset();
  if (input.clean) return end(member, GoneReason::kLeft, std::nullopt, now);
  away(*found, now);
}

void Server::on_message(ConnectionId from, Connection& connection, ClientMessage message,
                        Instant now) {
  if (auto* greeting = std::get_if<Hello>(&message.body)) {
    if (!connection.member.empty())
      return refuse(from, ErrorCode::kHelloAgain, false, message.about);
    return hello(from, connection, std::move(*greeting), message.about, now);
  }
  if (connection.member.empty())
    return refuse(from, ErrorCode::kHelloExpected, true, message.about);
  connection.errors_in_a_row = 0;
  // Whoever speaks is who the connection belongs to; nothing in a message can say otherwise.
  Member& member = *find(connection.member);
  std::visit(
      [&](auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, Hello>)
          apply(member, std::move(body), message.about, now);
      },
      message.body);
}

void Server::hello(ConnectionId from, Connection& connection, Hello hello, const About& about,
                   Instant now) {
  hello_deadlines_.cancel(from);
  if (hello.resume && resume(from, connection, hello, now)) return;
  const auto room = rooms_.find(hello.room);
  if (members_.size() >= settings_.limits.members ||
      (room == rooms_.end() && rooms_.size() >= settings_.limits.rooms))
    return refuse(from, ErrorCode::kServerFull, true, about);
  if (room != rooms_.end() && room->second.size() >= settings_.limits.room_members)
    return refuse(from, ErrorCode::kRoomFull, true, about);
  std::string id;
  do id = random_.text(kMemberIdLength, kBase32Alphabet);
  while (members_.contains(id));
  const auto& limits = settings_.limits;
  auto made = std::make_unique<Member>(Member{id,
                                              hello.room,
                                              std::move(hello.name),
                                              std::move(hello.presence_json),
                                              connection.host,
                                              {},
                                              from,
                                              EventLog(limits.kept_events, limits.kept_bytes)});
  Member& member = *members_.emplace(id, std::move(made)).first->second;
  rooms_[member.room].push_back(id);
  connection.member = id;
  ++counters_.joined;
  welcome(member, false, 0, now);
  tell_others(member, now, [&](std::uint64_t event) { return write_joined(event, view(member)); });
  events_.push_back(MemberJoined{id, member.room});
  log_.info("member_joined",
            {{"member", id}, {"members", std::to_string(rooms_[member.room].size())}});
}

// True where the token brought a membership back.
bool Server::resume(ConnectionId from, Connection& connection, const Hello& hello, Instant now) {
  const std::string& token = hello.resume->token;
  Member* member = find(token.substr(0, token.find('.')));
  if (member == nullptr || member->room != hello.room ||
      !member->events.reaches_back_to(hello.resume->last_event) ||
      !crypto::equal_in_constant_time(as_bytes(token), as_bytes(member->token)))
    return false;
  const bool was_away = !member->connection;
  if (member->connection) {
    const ConnectionId old = *member->connection;
    transmits_.push_back({old, write_bye(ByeReason::kReplaced)});
    drop(old, kCloseNormal);
  }
  grace_deadlines_.cancel(member->id);
  member->connection = from;
  member->host = connection.host;
  connection.member = member->id;
  ++counters_.resumed;
  welcome(*member, true, hello.resume->last_event, now);
  if (was_away)
    tell_others(*member, now, [&](std::uint64_t event) { return write_back(event, member->id); });
  log_.info("member_resumed", {{"member", member->id}});
  return true;
}

void Server::welcome(Member& member, bool resumed, std::uint64_t last_event, Instant now) {
  member.token = member.id + "." + random_.text(kTokenSecretLength, kBase32Alphabet);
  const Room& room = rooms_[member.room];
  Welcome message{.you = member.id,
                  .room = member.room,
                  .resumed = resumed,
                  .members = {},
                  .ice = ice_.offer(member.id, member.host),
                  .token = member.token,
                  .grace = settings_.grace,
                  .max_members = settings_.limits.room_members,
                  .last_event = last_event,
                  .time = wall_time_};
  for (const std::string& id : room)
    if (id != member.id) message.members.push_back(view(*find(id)));
  if (message.ice.renew_in.count() > 0) renewals_.set(member.id, now + message.ice.renew_in);
  transmits_.push_back({*member.connection, write_welcome(message)});
  if (resumed)
    member.events.replay(last_event, [&](const std::string& text) {
      transmits_.push_back({*member.connection, text});
    });
}

void Server::apply(Member& member, Relay relay, const About& about, Instant now) {
  Member* to = find(relay.to);
  if (to == nullptr || to == &member || to->room != member.room)
    return refuse(*member.connection, ErrorCode::kMemberUnknown, false, about);
  tell(*to, now,
       [&](std::uint64_t event) { return write_relay(event, member.id, relay.items_json); });
}

void Server::apply(Member& member, SetPresence presence, const About&, Instant now) {
  member.presence_json = std::move(presence.presence_json);
  tell_others(member, now, [&](std::uint64_t event) {
    return write_presence(event, member.id, member.presence_json);
  });
}

void Server::apply(Member& member, Rename rename, const About&, Instant now) {
  member.name = std::move(rename.name);
  tell_others(member, now,
              [&](std::uint64_t event) { return write_renamed(event, member.id, member.name); });
}

void Server::apply(Member& member, RoomMessage message, const About&, Instant now) {
  tell_others(member, now, [&](std::uint64_t event) {
    return write_room_message(event, member.id, message.text);
  });
}

void Server::apply(Member& member, Renew, const About&, Instant now) {
  offer_ice(member, now);
}

void Server::apply(Member& member, Ping, const About&, Instant) {
  transmits_.push_back({*member.connection, write_pong()});
}

void Server::apply(Member& member, Leave, const About&, Instant now) {
  end(member.id, GoneReason::kLeft, ByeReason::kLeft, now);
}

template <typename Write>
void Server::tell(Member& member, Instant, Write write) {
  const std::string text = write(member.events.next());
  const bool kept = member.events.add(text);
  if (member.connection) {
    transmits_.push_back({*member.connection, text});
  } else if (!kept) {
    lost_.push_back(member.id);
  }
}

template <typename Write>
void Server::tell_others(const Member& member, Instant now, Write write) {
  for (const std::string& id : rooms_[member.room])
    if (id != member.id) tell(*find(id), now, write);
}

void Server::offer_ice(Member& member, Instant now) {
  const IceOffer offer = ice_.offer(member.id, member.host);
  if (offer.renew_in.count() > 0) renewals_.set(member.id, now + offer.renew_in);
  tell(member, now, [&](std::uint64_t event) { return write_ice(event, offer); });
}

void Server::refuse(ConnectionId connection, ErrorCode code, bool fatal, const About& about) {
  const auto it = connections_.find(connection);
  if (it == connections_.end()) return;
  ++counters_.errors;
  const bool too_many = ++it->second.errors_in_a_row >= settings_.limits.errors_in_a_row;
  transmits_.push_back({connection, write_error(code, fatal || too_many, about)});
  if (!fatal && !too_many) return;
  log_.info("connection_refused", {{"code", std::string(name_of(code))}});
  const std::string member = it->second.member;
  drop(connection, close_code(code));
  if (!member.empty()) lost_.push_back(member);
}

// Forgets the connection and has it closed; its member, if any, is the caller's to look after.
void Server::drop(ConnectionId connection, std::uint16_t code) {
  hello_deadlines_.cancel(connection);
  const auto it = connections_.find(connection);
  if (it == connections_.end()) return;
  if (Member* member = find(it->second.member);
      member != nullptr && member->connection == connection)
    member->connection.reset();
  connections_.erase(it);
  events_.push_back(CloseConnection{connection, code});
}

void Server::away(Member& member, Instant now) {
  member.events.mark();
  grace_deadlines_.set(member.id, now + settings_.grace);
  tell_others(member, now, [&](std::uint64_t event) { return write_away(event, member.id); });
}

// Takes the member out of its room, tells it (`bye`) and the others, and forgets it.
void Server::end(std::string_view id, GoneReason reason, std::optional<ByeReason> bye,
                 Instant now) {
  const auto it = members_.find(id);
  if (it == members_.end()) return;
  const std::unique_ptr<Member> member = std::move(it->second);
  members_.erase(it);
  grace_deadlines_.cancel(member->id);
  renewals_.cancel(member->id);
  Room& room = rooms_[member->room];
  std::erase(room, member->id);
  for (const std::string& other : room)
    tell(*find(other), now,
         [&](std::uint64_t event) { return write_gone(event, member->id, reason); });
  if (room.empty()) rooms_.erase(member->room);
  if (member->connection) {
    if (bye) transmits_.push_back({*member->connection, write_bye(*bye)});
    drop(*member->connection, bye == ByeReason::kShutdown ? kCloseGoingAway : kCloseNormal);
  }
  if (reason == GoneReason::kLostPeer) ++counters_.lost;
  events_.push_back(MemberGone{member->id, member->room, reason});
  log_.info("member_gone", {{"member", member->id}});
}

bool Server::remove(std::string_view member, Instant now) {
  if (find(member) == nullptr) return false;
  end(std::string(member), GoneReason::kRemoved, ByeReason::kRemoved, now);
  return true;
}

bool Server::close_room(std::string_view room, Instant now) {
  const auto it = rooms_.find(room);
  if (it == rooms_.end()) return false;
  const Room ids = it->second;
  for (const std::string& id : ids) end(id, GoneReason::kRoomClosed, ByeReason::kRoomClosed, now);
  return true;
}

void Server::shutdown(Instant now) {
  std::vector<std::string> rooms;
  for (const auto& [room, ids] : rooms_) rooms.push_back(room);
  for (const std::string& room : rooms) {
    const Room ids = rooms_.find(room)->second;
    for (const std::string& id : ids) end(id, GoneReason::kRoomClosed, ByeReason::kShutdown, now);
  }
  std::vector<ConnectionId> rest;
  for (const auto& [id, connection] : connections_) rest.push_back(id);
  for (const ConnectionId id : rest) drop(id, kCloseGoingAway);
}

Member* Server::find(std::string_view member) {
  const auto it = members_.find(member);
  return it == members_.end() ? nullptr : it->second.get();
}

}  // namespace beeline::signaling
