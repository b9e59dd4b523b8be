// beeline chat: talks with a room from the terminal, beside browsers.
#include "apps/beeline/room/chat.h"

#include <fmt/format.h>
#include <unistd.h>

#include "apps/beeline/command.h"
#include "apps/beeline/room/room_flags.h"

namespace beeline::cli {

int run_chat(const std::vector<std::string>& arguments) {
  RoomFlags flags;
  CommandLine line("chat",
                   "Talks with everybody in a room, beside browsers; messages go directly.");
  describe_room_flags(line, flags);
  line.flag("--json", flags.json, "One JSON object per line: who comes and goes, paths, messages");
  line.footer(
      "On a terminal: type and press Enter; /who shows the paths, /quit leaves. Otherwise lines "
      "of\n"
      "standard input are said, messages are lines of standard output, and it ends with its "
      "input,\n"
      "once everything was acknowledged.\n\n"
      "Example:\n"
      "  beeline chat https://meet.example/#abcdefghijklmnopqrstuvwxyz\n"
      "  uptime | beeline chat https://meet.example/#abcdefghijklmnopqrstuvwxyz --name server\n"
      "Exit code: 0 all said was acknowledged, 3 only by some, 1 nothing was or no way in, 2 "
      "misuse.\n");
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  ChatSettings settings;
  settings.json = flags.json;
  if (const auto wrong = read_room_flags(flags, settings.room, settings.words)) {
    fmt::print(stderr, "beeline chat: {}\n", *wrong);
    return kMisuse;
  }
  settings.room.membership.presence_json = R"({"terminal":true})";
  const bool is_output_terminal = ::isatty(STDOUT_FILENO) == 1;
  settings.terminal = is_output_terminal && ::isatty(STDIN_FILENO) == 1 && !flags.json;
  settings.colour = is_output_terminal && environment("NO_COLOR").empty();
  return Chat(std::move(settings)).run();
}

}  // namespace beeline::cli
