// beeline turn-credentials: makes a username and a password for a TURN server that shares a secret
// ("TURN REST"), ours or coturn with use-auth-secret.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "beeline/server/ice_servers.h"
#include "beeline/server/turn_setup.h"
#include "beeline/turn/credentials.h"

namespace beeline::cli {
namespace {

struct Flags {
  std::string secret_file;
  std::string user = "guest";
  int ttl = 3600;
  std::string host;
  std::uint16_t turn_port = 3478;
  std::uint16_t turns_port = 5349;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.option("--secret-file", flags.secret_file, "FILE",
              "The secret the TURN server has (or the environment's BEELINE_TURN_SECRET)");
  line.option("--user", flags.user, "NAME", "Who it is for; limits count by it (guest)");
  line.option("--ttl", flags.ttl, "SECONDS", "How long it may be used for new allocations (3600)");
  line.option("--host", flags.host, "HOST", "The TURN server's name, for --json");
  line.option("--turn-port", flags.turn_port, "PORT", "Its port for UDP and TCP (3478)");
  line.option("--turns-port", flags.turns_port, "PORT", "Its port for TLS (5349)");
  line.flag("--json", flags.json, "As JSON; with --host also what RTCPeerConnection takes");
  line.footer(
      "Example:\n"
      "  beeline turn-credentials --secret-file secret --user ann --host turn.example.org "
      "--json\n");
}

std::string as_json(const Flags& flags, const turn::Credential& credential) {
  boost::json::object answer;
  answer["username"] = credential.username;
  answer["password"] = credential.password;
  answer["ttl"] = flags.ttl;
  if (!flags.host.empty()) {
    const server::TurnPorts ports{Port{flags.turn_port}, Port{flags.turns_port}, std::nullopt};
    const auto uris = server::turn_uris(flags.host, ports);
    boost::json::object stun;
    stun["urls"] = boost::json::array({boost::json::value(server::stun_uri(flags.host, ports))});
    boost::json::object turn;
    turn["urls"] = boost::json::array(uris.begin(), uris.end());
    turn["username"] = credential.username;
    turn["credential"] = credential.password;
    boost::json::array servers;
    servers.push_back(std::move(stun));
    servers.push_back(std::move(turn));
    answer["iceServers"] = std::move(servers);
  }
  return boost::json::serialize(answer);
}

}  // namespace

int run_turn_credentials(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("turn-credentials", "Makes a username and a password for a TURN server.");
  describe(line, flags);
  switch (line.parse(arguments)) {
    case CommandLine::Result::kDone:
      return kDone;
    case CommandLine::Result::kMisuse:
      return kMisuse;
    case CommandLine::Result::kRun:
      break;
  }
  const auto secret = server::given_turn_secret(flags.secret_file);
  if (!secret || secret->empty() || flags.ttl <= 0) {
    fmt::print(stderr, "beeline turn-credentials: {}\n",
               !secret          ? secret.error()
               : flags.ttl <= 0 ? "--ttl counts seconds from now; it must be above 0"
                                : "there is no secret\ntry: --secret-file FILE");
    return kMisuse;
  }
  const WallTime now{std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch())};
  const turn::Credential credential =
      turn::mint_credential(*secret, flags.user, now + std::chrono::seconds(flags.ttl));
  if (flags.json)
    fmt::print("{}\n", as_json(flags, credential));
  else
    fmt::print("username {}\npassword {}\n", credential.username, credential.password);
  return kDone;
}

}  // namespace beeline::cli
