// What a host has set for a room: who may enter. It outlives the members and, as text that the
// server's host keeps, the server.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/crypto/digest.h"

namespace beeline::signaling {

inline constexpr auto kTokenLifetime = std::chrono::hours(12);
inline constexpr auto kRoomForgottenAfter = std::chrono::days(30);

struct RoomAccess {
  bool locked = false;
  std::optional<crypto::Sha256> password;  // the digest of the proof
  // The digest of the key that was made when the room was handed over; none: the key that the
  // room's id was made from.
  std::optional<crypto::Sha256> host_key;
  std::vector<std::string> removed;   // members whose tokens bring nobody back
  std::vector<std::string> expected;  // who was here when the server ended and is not back yet
  std::chrono::seconds empty_for{0};  // as far as it was counted
  bool kept = true;                   // false: there is no place for it beyond the last member
  bool told_not_saved = false;        // hosts know it, since the last change
  bool matters() const { return locked || password || host_key || !removed.empty(); }
  // A day more has passed with nobody in the room.
  void age_by_a_day();
  void remove(std::string_view member);
  // False for a member of an earlier run of the server whom its token shall not bring back.
  bool may_return(std::string_view member) const;
  bool is_host_key(std::string_view room, std::string_view key) const;
  bool is_password(std::string_view proof) const;
};

// The room id that belongs to a host key.
std::string room_of_host_key(std::string_view key);
crypto::Sha256 digest_of(std::string_view secret);

// `members`: who is in the room now; with those that are expected they may come back after a
// restart.
std::string write_room_access(const RoomAccess& access, const std::vector<std::string>& members,
                              WallTime saved);
// None where it is not what write_room_access() returned. Time since it was saved counts as far as
// a clock may be trusted: backwards not at all, forwards at most a day.
std::optional<RoomAccess> read_room_access(std::string_view text, WallTime now);

}  // namespace beeline::signaling
