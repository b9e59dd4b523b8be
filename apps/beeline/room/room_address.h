// Where a room is: the link that the browser shows, taken apart; and the addresses of ICE servers
// in a server's welcome.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/ice/settings.h"
#include "beeline/signaling/message.h"

namespace beeline::cli {

struct RoomAddress {
  bool secure = true;
  std::string host;  // a name or an address, without brackets
  Port port{443};
  std::string folder = "/";  // where the web app is; ends with a slash
  std::string room;          // 26 letters of a-z2-7

  // What a browser opens.
  std::string link() const;
  // On this machine: whoever else is there may be, too.
  bool is_this_machine() const;
};

// `room`: a link (https://host/#ROOM, https://host/#messages/ROOM), or the room's 26 letters where
// `server` says where it is; or empty with a server, for a new room (`new_room`). The error is a
// sentence for people, and what to try.
std::expected<RoomAddress, std::string> parse_room(std::string_view room, std::string_view server,
                                                   std::string_view new_room);

//= RFC 7064 §3.1
//= RFC 7065 §3.1
// "turn:host:3478?transport=tcp" and the like; none for what ICE cannot use.
std::optional<ice::Server> parse_ice_url(std::string_view url);
std::vector<ice::Server> ice_servers(const signaling::IceOffer& offer);

}  // namespace beeline::cli
