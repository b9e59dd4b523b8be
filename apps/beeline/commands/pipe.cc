// beeline pipe: standard input and output of two machines, joined.
#include "apps/beeline/room/pipe.h"

#include <fmt/format.h>
#include <unistd.h>

#include "apps/beeline/command.h"
#include "apps/beeline/room/room_flags.h"

namespace beeline::cli {

int run_pipe(const std::vector<std::string>& arguments) {
  RoomFlags flags;
  CommandLine line("pipe", "Standard input here is standard output there, and the other way.");
  describe_room_flags(line, flags);
  line.flag("--json", flags.json, "News on standard error as one JSON object per line");
  line.footer(
      "Two ends in one room find each other; a third is turned away. Bytes go directly and\n"
      "encrypted from end to end; what is not read there is not read here either. Each direction\n"
      "ends on its own.\n\n"
      "Example, a folder from one machine to another:\n"
      "  tar c folder | beeline pipe --server https://meet.example     (shows the link)\n"
      "  beeline pipe https://meet.example/#abcdefghijklmnopqrstuvwxyz < /dev/null | tar x\n"
      "Exit code: 0 everything has arrived, both ways, 1 not, 2 misuse.\n");
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  PipeSettings settings;
  settings.json = flags.json;
  if (const auto wrong = read_room_flags(flags, settings.room, settings.words)) {
    fmt::print(stderr, "beeline pipe: {}\n", *wrong);
    return kMisuse;
  }
  settings.room.membership.presence_json = kPipePresence;
  settings.room.channels.push_back({"beeline.pipe", kPipeChannel});
  settings.progress = ::isatty(STDERR_FILENO) == 1;
  return Pipe(std::move(settings)).run();
}

}  // namespace beeline::cli
