// The one binary: finds the command in the table and runs it.
#include <fmt/format.h>

#include <exception>

#include "apps/beeline/command.h"

namespace beeline::cli {
namespace {

constexpr std::string_view kVersion = BEELINE_VERSION;

constexpr Command kCommands[] = {
    {"serve", "run the server: web app, signaling, STUN and TURN", run_serve},
    {"chat", "talk with a room from the terminal, beside browsers", run_chat},
    {"pipe", "join standard input and output of two machines", run_pipe},
    {"ping", "measure the way to everybody in a room", run_ping},
    {"doctor", "find out whether people can reach a server, and if not, why", run_doctor},
    {"nat", "find out what the NAT here does, and whom that lets you reach", run_nat},
    {"turn-credentials", "make a username and a password for TURN", run_turn_credentials},
    {"bridge", "join two networks of this machine, with delay, loss and a rate", run_bridge},
    {"lab-peer", "look for paths to another lab-peer with ICE alone", run_lab_peer},
};

void print_overview() {
  fmt::print(
      "Beeline {}: WebRTC, the shortest path between two people.\n\nusage: beeline COMMAND "
      "[FLAGS]\n\n",
      kVersion);
  for (const Command& command : kCommands)
    fmt::print("  {:<16} {}\n", command.name, command.summary);
  fmt::print("  {:<16} {}\n\nbeeline COMMAND --help tells more. Start with: beeline serve\n",
             "version", "print the version");
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" ||
      arguments[0] == "-h") {
    print_overview();
    return arguments.empty() ? kMisuse : kDone;
  }
  if (arguments[0] == "version" || arguments[0] == "--version") {
    fmt::print("beeline {}\n", kVersion);
    return kDone;
  }
  for (const Command& command : kCommands)
    if (command.name == arguments[0]) return command.run({arguments.begin() + 1, arguments.end()});
  fmt::print(stderr, "beeline: there is no command \"{}\"\ntry: beeline help\n", arguments[0]);
  return kMisuse;
}

}  // namespace
}  // namespace beeline::cli

int main(int argc, char** argv) {
  try {
    return beeline::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "beeline: {}\n", error.what());
    return beeline::cli::kFailed;
  }
}
