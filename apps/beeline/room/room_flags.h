// The flags that beeline chat, ping and pipe share.
#pragma once

#include <optional>
#include <string>

#include "apps/beeline/command_line.h"
#include "apps/beeline/room/room.h"
#include "apps/beeline/room/words.h"

namespace beeline::cli {

struct RoomFlags {
  std::string room;
  std::string server;
  std::string name;
  std::string authority;
  std::string password_file;
  std::string language;
  bool relay_only = false;
  bool loopback = false;
  bool json = false;
};

void describe_room_flags(CommandLine& line, RoomFlags& flags);
// None where all is well; else what is wrong, and what to try.
std::optional<std::string> read_room_flags(const RoomFlags& flags, RoomSettings& settings,
                                           const RoomWords*& words);

}  // namespace beeline::cli
