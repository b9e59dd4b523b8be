// beeline ping: how far everybody in a room is, and by which path.
#include "apps/beeline/room/ping.h"

#include <fmt/format.h>

#include "apps/beeline/command.h"
#include "apps/beeline/room/room_flags.h"

namespace beeline::cli {

int run_ping(const std::vector<std::string>& arguments) {
  RoomFlags flags;
  int count = 0;
  int interval = 1000;
  CommandLine line("ping", "Measures the round trip to everybody in a room, and shows the path.");
  describe_room_flags(line, flags);
  line.option("--count", count, "N", "End after so many to each (default: go on)");
  line.option("--interval", interval, "MS", "Between two of them (1000)");
  line.flag("--json", flags.json, "One JSON object per line");
  line.footer(
      "Answered are members that have the room open in a browser, or beeline chat, ping or "
      "pipe.\n\n"
      "Example:\n"
      "  beeline ping https://meet.example/#abcdefghijklmnopqrstuvwxyz --count 10\n"
      "Exit code: 0 all were answered, 3 only some, 1 none or no way in, 2 misuse.\n");
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  PingSettings settings;
  settings.json = flags.json;
  auto wrong = read_room_flags(flags, settings.room, settings.words);
  if (!wrong && count < 0) wrong = "--count is a number from 1 on\ntry: --count 10";
  if (!wrong && (interval < 10 || interval > 3'600'000))
    wrong = "--interval is 10 to 3600000 milliseconds\ntry: --interval 1000";
  if (wrong) {
    fmt::print(stderr, "beeline ping: {}\n", *wrong);
    return kMisuse;
  }
  settings.count = static_cast<std::uint64_t>(count);
  settings.interval = std::chrono::milliseconds(interval);
  settings.room.membership.presence_json = R"({"terminal":true})";
  return Pinger(std::move(settings)).run();
}

}  // namespace beeline::cli
