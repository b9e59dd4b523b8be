// Who enters a room, and as whom: anew, back within the grace, or back after a restart.
#include <algorithm>
#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/signaling/close_code.h"
#include "beeline/signaling/server.h"

namespace beeline::signaling {
namespace {

constexpr std::size_t kMemberIdLength = 10;

MemberView view(const Member& member) {
  return {member.id, member.name, member.presence_json, !member.connection};
}

}  // namespace

void Server::hello(ConnectionId from, Connection& connection, Hello hello, const About& about,
                   Instant now) {
  hello_deadlines_.cancel(from);
  const auto token = hello.resume
                         ? ResumeToken::check(settings_.resume_key, hello.room, hello.resume->token)
                         : std::nullopt;
  const RoomAccess* access = access_of(hello.room);
  const bool is_host =
      !hello.host_key.empty() &&
      (access != nullptr ? *access : RoomAccess()).is_host_key(hello.room, hello.host_key);
  const bool wrong_key = !hello.host_key.empty() && !is_host;
  if (!token || !resume(from, connection, hello, *token, is_host, now)) {
    std::optional<std::string> restored;
    if (token && may_be_restored(*token, hello.room)) restored = token->member;
    if (const auto refusal = why_not(connection, hello, is_host || restored, now)) {
      // Before the refusal itself, which closes: it may be what the person has to know.
      if (wrong_key) refuse(from, ErrorCode::kHostKeyWrong, false, about);
      return refuse(from, *refusal, true, about);
    }
    enter(from, connection, std::move(hello), std::move(restored), is_host, now);
  }
  if (wrong_key) refuse(from, ErrorCode::kHostKeyWrong, false, about);
}

// True where the token brought a membership of this run of the server back.
bool Server::resume(ConnectionId from, Connection& connection, const Hello& hello,
                    const ResumeToken& token, bool is_host, Instant now) {
  Member* member = find(token.member);
  if (token.epoch != epoch_ || member == nullptr || member->room != hello.room ||
      token.serial != member->token_serial ||
      !member->events.reaches_back_to(hello.resume->last_event))
    return false;
  const bool was_away = !member->connection;
  const bool was_host = std::exchange(member->is_host, member->is_host || is_host);
  if (member->connection) {
    const ConnectionId old = *member->connection;
    transmits_.push({old, write_bye(ByeReason::kReplaced)});
    drop(old, kCloseNormal);
  }
  grace_deadlines_.cancel(member->id);
  member->connection = from;
  member->server_name = connection.server_name;
  connection.member = member;
  ++counters_.resumed;
  welcome(*member, true, false, hello.resume->last_event, now);
  if (was_away) tell_others(*member, back_event(member->id));
  if (member->is_host && !was_host) tell_others(*member, room_event(view_of(member->room)));
  log_.info("member_resumed", {{"member", member->id}});
  return true;
}

// True for a token of an earlier run, whose member this run does not know yet.
bool Server::may_be_restored(const ResumeToken& token, std::string_view room) const {
  const auto age = wall_time_.since_epoch - token.issued.since_epoch;
  if (token.epoch == epoch_ || age > kTokenLifetime || -age > kTokenLifetime) return false;
  if (members_.contains(token.member)) return false;
  const auto access = access_.find(room);
  return access == access_.end() || access->second.may_return(token.member);
}

// Why somebody may not enter. `invited`: as a host or a member that comes back, whom neither lock
// nor password keeps out.
std::optional<ErrorCode> Server::why_not(const Connection& connection, const Hello& hello,
                                         bool invited, Instant now) {
  if (!entries_.allows(connection.source, now)) return ErrorCode::kTooManyTries;
  entries_.use(connection.source, now);  // also where it fails: rooms must not be tried out
  const RoomAccess* access = access_of(hello.room);
  if (access != nullptr && !invited) {
    if (access->locked) return ErrorCode::kRoomLocked;
    if (access->password) {
      if (hello.password_proof.empty()) return ErrorCode::kPasswordNeeded;
      // Asked first, so that who tries too often does not even learn that a guess was right.
      if (!wrong_passwords_.allows(connection.source, now)) return ErrorCode::kTooManyTries;
      if (!access->is_password(hello.password_proof)) {
        wrong_passwords_.use(connection.source, now);
        return ErrorCode::kPasswordWrong;
      }
    }
  }
  return why_no_place(hello.room);
}

std::optional<ErrorCode> Server::why_no_place(std::string_view id) const {
  const auto room = rooms_.find(id);
  if (members_.size() >= settings_.limits.members ||
      (room == rooms_.end() && rooms_.size() >= settings_.limits.rooms))
    return ErrorCode::kServerFull;
  if (room != rooms_.end() && room->second.size() >= settings_.limits.room_members)
    return ErrorCode::kRoomFull;
  return std::nullopt;
}

void Server::enter(ConnectionId from, Connection& connection, Hello hello,
                   std::optional<std::string> restored, bool is_host, Instant now) {
  std::string id = restored.value_or("");
  while (id.empty() || (!restored && members_.contains(id)))
    id = random_.text(kMemberIdLength, kBase32Alphabet);
  const auto& limits = settings_.limits;
  auto made = std::make_unique<Member>(Member{
      id, hello.room, std::move(hello.name), std::move(hello.presence_json), connection.server_name,
      0, is_host, from, EventLog(limits.kept_events, limits.kept_bytes)});
  Member& member = *members_.emplace(id, std::move(made)).first->second;
  Room& room = rooms_[member.room];
  room.push_back(id);
  connection.member = &member;
  if (RoomAccess* access = access_of(member.room)) {
    ageing_.cancel(member.room);
    access->empty_for = std::chrono::seconds(0);
    std::erase(access->expected, id);
    note_change(member.room);
  }
  ++counters_.joined;
  if (restored) ++counters_.restored;
  welcome(member, false, restored.has_value(), 0, now);
  tell_others(member, joined_event(view(member)));
  if (is_host) tell_others(member, room_event(view_of(member.room)));
  events_.push(MemberJoined{id, member.room});
  log_.info("member_joined", {{"member", id}, {"members", std::to_string(room.size())}});
}

void Server::welcome(Member& member, bool resumed, bool restored, std::uint64_t last_event,
                     Instant now) {
  const ResumeToken token{member.id, epoch_, wall_time_, ++member.token_serial};
  const std::string signed_token = token.sign(settings_.resume_key, member.room);
  const Limits& limits = settings_.limits;
  Welcome message{
      .you = member.id,
      .room = member.room,
      .resumed = resumed,
      .members = {},
      .ice = ice_.offer(member.id, member.server_name),
      .token = signed_token,
      .epoch = epoch_,
      .restored = restored,
      .room_state = view_of(member.room),
      .grace = settings_.grace,
      .max_members = limits.room_members,
      .burst = limits.messages.burst,
      .per_second = static_cast<std::uint32_t>(std::chrono::seconds(1) / limits.messages.interval),
      .last_event = last_event,
      .time = wall_time_};
  for (const std::string& id : rooms_[member.room])
    if (id != member.id) message.members.push_back(view(*find(id)));
  if (message.ice.renew_in.count() > 0) renewals_.set(member.id, now + message.ice.renew_in);
  transmits_.push({*member.connection, write_welcome(message)});
  if (resumed)
    member.events.replay(last_event, [&](const RoomEvent& event, std::uint64_t number) {
      transmits_.push({*member.connection, numbered(event, number)});
    });
}

}  // namespace beeline::signaling
