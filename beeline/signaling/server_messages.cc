// What a member says, done. Who says it is the connection's member; nothing in a message can say
// otherwise.
#include <array>
#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/signaling/server.h"

namespace beeline::signaling {
namespace {

constexpr std::size_t kHostKeyBytes = 32;

}  // namespace

void Server::relay(Member& member, std::string_view to, std::string_view items_json,
                   const About& about) {
  Member* other = find_other(member, to);
  if (other == nullptr) return refuse(*member.connection, ErrorCode::kMemberUnknown, false, about);
  tell(*other, relay_event(member.id, items_json, texts_));
}

void Server::apply(Member& member, Relay message, const About& about, Instant) {
  relay(member, message.to, message.items_json, about);
}

void Server::apply(Member& member, SetPresence presence, const About&, Instant) {
  member.presence_json = std::move(presence.presence_json);
  tell_others(member, presence_event(member.id, member.presence_json));
}

void Server::apply(Member& member, Rename rename, const About&, Instant) {
  member.name = std::move(rename.name);
  tell_others(member, renamed_event(member.id, member.name));
}

void Server::apply(Member& member, RoomMessage message, const About&, Instant) {
  tell_others(member, message_event(member.id, message.text));
}

void Server::apply(Member& member, Renew, const About&, Instant now) {
  offer_ice(member, now);
}

void Server::apply(Member& member, Ping, const About&, Instant) {
  transmits_.push({*member.connection, write_pong()});
}

void Server::apply(Member& member, Leave, const About&, Instant now) {
  end(member.id, GoneReason::kLeft, ByeReason::kLeft, now);
}

void Server::apply(Member& member, Lock lock, const About& about, Instant) {
  if (!member.is_host) return refuse(*member.connection, ErrorCode::kNotHost, false, about);
  if (lock.locked == view_of(member.room).locked) return;
  change(member.room).locked = lock.locked;
  tell_all(member.room, room_event(view_of(member.room)));
}

void Server::apply(Member& member, SetPassword password, const About& about, Instant) {
  if (!member.is_host) return refuse(*member.connection, ErrorCode::kNotHost, false, about);
  if (!password.proof && !view_of(member.room).password) return;
  change(member.room).password =
      password.proof ? std::optional(digest_of(*password.proof)) : std::nullopt;
  tell_all(member.room, room_event(view_of(member.room)));
}

void Server::apply(Member& member, Remove remove_one, const About& about, Instant now) {
  if (!member.is_host) return refuse(*member.connection, ErrorCode::kNotHost, false, about);
  const Member* other = find_other(member, remove_one.member);
  if (other == nullptr) return refuse(*member.connection, ErrorCode::kMemberUnknown, false, about);
  remove(other->id, now);
}

void Server::apply(Member& member, HandOver hand_over, const About& about, Instant) {
  if (!member.is_host) return refuse(*member.connection, ErrorCode::kNotHost, false, about);
  Member* heir = find_other(member, hand_over.to);
  if (heir == nullptr) return refuse(*member.connection, ErrorCode::kMemberUnknown, false, about);
  std::array<std::uint8_t, kHostKeyBytes> bytes{};
  random_.fill(bytes);
  const std::string key = to_base64url(bytes);
  change(member.room).host_key = digest_of(key);
  for (const std::string& id : rooms_[member.room]) find(id)->is_host = id == heir->id;
  tell(*heir, host_key_event(key));
  tell_all(member.room, room_event(view_of(member.room)));
}

}  // namespace beeline::signaling
