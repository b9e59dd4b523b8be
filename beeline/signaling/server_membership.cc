// What becomes of members (away, gone, told) and of what hosts have set for their rooms (kept,
// aged, forgotten).
#include <algorithm>
#include <utility>

#include "beeline/signaling/close_code.h"
#include "beeline/signaling/server.h"

namespace beeline::signaling {
namespace {

constexpr auto kDay = std::chrono::days(1);

}  // namespace

Member* Server::find(std::string_view member) {
  const auto it = members_.find(member);
  return it == members_.end() ? nullptr : it->second.get();
}

// Somebody else in the room of `member`; null where there is nobody of that id.
Member* Server::find_other(const Member& member, std::string_view id) {
  Member* other = find(id);
  return other == nullptr || other == &member || other->room != member.room ? nullptr : other;
}

void Server::tell(Member& member, const RoomEvent& event) {
  const bool kept = member.events.add(event);
  if (member.connection) {
    transmits_.push({*member.connection, numbered(event, member.events.last())});
  } else if (!kept) {
    lost_.push_back(member.id);
  }
}

void Server::tell_others(const Member& member, const RoomEvent& event) {
  for (const std::string& id : rooms_[member.room])
    if (id != member.id) tell(*find(id), event);
}

void Server::tell_all(std::string_view room, const RoomEvent& event) {
  const auto it = rooms_.find(room);
  if (it == rooms_.end()) return;
  for (const std::string& id : it->second) tell(*find(id), event);
}

void Server::offer_ice(Member& member, Instant now) {
  const IceOffer offer = ice_.offer(member.id, member.server_name);
  if (offer.renew_in.count() > 0) renewals_.set(member.id, now + offer.renew_in);
  tell(member, ice_event(offer));
}

void Server::away(Member& member, Instant now) {
  member.events.mark();
  grace_deadlines_.set(member.id, now + settings_.grace);
  tell_others(member, away_event(member.id));
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
  tell_all(member->room, gone_event(member->id, reason));
  if (member->is_host) tell_all(member->room, room_event(view_of(member->room)));
  const bool empty = room.empty();
  if (empty) rooms_.erase(member->room);
  if (const RoomAccess* access = access_of(member->room)) {
    if (empty) ageing_.set(member->room, now + kDay);
    access->kept || !empty ? note_change(member->room) : forget_room(member->room);
  }
  if (member->connection) {
    if (bye) transmits_.push({*member->connection, write_bye(*bye)});
    drop(*member->connection, bye == ByeReason::kShutdown ? kCloseGoingAway : kCloseNormal);
  }
  ++counters_.gone[static_cast<std::size_t>(reason)];
  events_.push(MemberGone{member->id, member->room, reason});
  log_.info("member_gone", {{"member", member->id}});
}

bool Server::remove(std::string_view id, Instant now) {
  Member* member = find(id);
  if (member == nullptr) return false;
  // Noted even where no host ever set anything: its token must not bring it back after a restart.
  change(member->room).remove(id);
  end(std::string(id), GoneReason::kRemoved, ByeReason::kRemoved, now);
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
  store_changes();
  ending_ = true;
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

// --- what hosts have set
// ---------------------------------------------------------------------------

void Server::on(const RoomStateLoaded& input, Instant now) {
  auto access = read_room_access(input.state, wall_time_);
  if (!access) {
    // What cannot be read may have said that nobody enters.
    log_.warning("room_state_unreadable", {{"treated_as", "locked"}});
    access.emplace().locked = true;
  }
  access_.insert_or_assign(input.room, std::move(*access));
  ageing_.set(input.room, now + kDay);
}

void Server::on(const RoomStateNotSaved& input, Instant) {
  const auto room = rooms_.find(input.room);
  RoomAccess* access = access_of(input.room);
  if (room == rooms_.end() || access == nullptr || std::exchange(access->told_not_saved, true))
    return;
  for (const std::string& id : room->second)
    if (const Member* member = find(id); member->is_host && member->connection)
      transmits_.push({*member->connection, write_error(ErrorCode::kNotSaved, false, {})});
}

RoomView Server::view_of(std::string_view id) const {
  RoomView view;
  if (const auto access = access_.find(id); access != access_.end()) {
    view.locked = access->second.locked;
    view.password = access->second.password.has_value();
  }
  if (const auto room = rooms_.find(id); room != rooms_.end())
    for (const std::string& member : room->second)
      if (members_.find(member)->second->is_host) view.hosts.push_back(member);
  return view;
}

RoomAccess* Server::access_of(std::string_view room) {
  const auto it = access_.find(room);
  return it == access_.end() ? nullptr : &it->second;
}

// The settings of a room somebody is in, which are about to be changed.
RoomAccess& Server::change(const std::string& room) {
  const auto [it, added] = access_.try_emplace(room);
  if (added) it->second.kept = access_.size() <= settings_.limits.kept_rooms;
  it->second.told_not_saved = false;
  note_change(room);
  return it->second;
}

void Server::note_change(const std::string& room) {
  if (!ending_) changed_.insert(room);
}

void Server::store_changes() {
  for (const std::string& room : std::exchange(changed_, {})) {
    const RoomAccess* access = access_of(room);
    if (access != nullptr && !access->matters()) {
      forget_room(room);
    } else if (access != nullptr && !access->kept) {
      on(RoomStateNotSaved{room}, {});
    } else if (access != nullptr) {
      const auto members = rooms_.find(room);
      events_.push(RoomStateChanged{
          room, write_room_access(*access, members == rooms_.end() ? Room() : members->second,
                                  wall_time_)});
    }
  }
}

void Server::forget_room(const std::string& room) {
  const RoomAccess* access = access_of(room);
  if (access->kept) events_.push(RoomStateChanged{room, std::nullopt});
  ageing_.cancel(room);
  access_.erase(room);
}

// Counted in days that the server ran, not between two readings of a clock that may be wrong.
void Server::age_rooms(Instant now) {
  while (const auto room = ageing_.pop_due(now)) {
    RoomAccess* access = access_of(*room);
    access->age_by_a_day();
    if (access->matters()) ageing_.set(*room, now + kDay);
    note_change(*room);
  }
}

}  // namespace beeline::signaling
