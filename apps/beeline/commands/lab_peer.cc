// beeline lab-peer: one side of an ICE session, to find out what paths there are between two
// places. Lines of JSON on standard output belong on the other side's standard input.
#include <fmt/format.h>

#include <chrono>

#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "apps/beeline/host_port.h"
#include "apps/beeline/lab/peer.h"
#include "beeline/server/data_directory.h"

namespace beeline::cli {
namespace {

struct Flags {
  std::string role = "controlling";
  std::vector<std::string> stun;
  std::vector<std::string> turn;
  std::string user;
  std::string password;
  std::string authority;
  std::vector<std::string> interfaces;
  int interval = 20;
  bool relay_only = false;
  bool lite = false;
  bool loopback = false;
  bool hide = false;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.option("--role", flags.role, "ROLE", "controlling (whose offer it is) or controlled");
  line.option("--stun", flags.stun, "HOST:PORT", "STUN servers");
  line.option("--turn", flags.turn, "udp|tcp|tls:HOST:PORT", "TURN servers");
  line.option("--user", flags.user, "NAME", "For the TURN servers");
  line.option("--password", flags.password, "WORD", "For the TURN servers");
  line.option("--authority", flags.authority, "FILE", "Trust this authority too (PEM), for tls");
  line.option("--interface", flags.interfaces, "IP", "Use these addresses alone");
  line.option("--interval", flags.interval, "MS", "Between two numbered datagrams (20)");
  line.flag("--relay-only", flags.relay_only, "Use relayed candidates alone");
  line.flag("--lite", flags.lite, "Only answer (ICE lite)");
  line.flag("--loopback", flags.loopback, "Use 127.0.0.1 and ::1 too");
  line.flag("--hide", flags.hide, "Publish names instead of addresses");
  line.flag("--json", flags.json, "News as JSON on standard output, not as text on standard error");
  line.footer(
      "Standard input takes lines of JSON: what the other side printed, and {\"type\": T} with T\n"
      "one of restart, counts, explain. It ends with its standard input, or a SIGTERM.\n\n"
      "Example, two sides of one machine:\n"
      "  mkfifo back; beeline lab-peer --loopback < back |\n"
      "    beeline lab-peer --loopback --role controlled > back\n");
}

// Of "host:port" and "[::1]:port".
bool read_place(std::string_view text, ice::Server& server) {
  auto place = parse_host_port(text);
  if (!place) return false;
  server.host = std::move(place->host);
  server.port = place->port;
  return true;
}

std::optional<ice::Server> turn_server(std::string_view text, const Flags& flags) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view carrier = text.substr(0, colon);
  ice::Server server;
  server.kind = ice::ServerKind::kTurn;
  server.username = flags.user;
  server.password = flags.password;
  if (carrier == "tcp")
    server.transport = ice::ServerTransport::kTcp;
  else if (carrier == "tls")
    server.transport = ice::ServerTransport::kTls;
  else if (carrier != "udp")
    return std::nullopt;
  if (colon == text.size() || !read_place(text.substr(colon + 1), server)) return std::nullopt;
  return server;
}

// None where all is well; else what is wrong, and what to try.
std::optional<std::string> read(const Flags& flags, PeerSettings& settings) {
  if (flags.role != "controlling" && flags.role != "controlled")
    return fmt::format("\"{}\" is no role\ntry: --role controlled", flags.role);
  settings.role = flags.role == "controlling" ? ice::Role::kControlling : ice::Role::kControlled;
  for (const std::string& text : flags.stun) {
    ice::Server server;
    if (!read_place(text, server))
      return fmt::format("\"{}\" is no host and port\ntry: --stun stun.example.org:3478", text);
    settings.ice.servers.push_back(std::move(server));
  }
  for (const std::string& text : flags.turn) {
    auto server = turn_server(text, flags);
    if (!server)
      return fmt::format("\"{}\" is no TURN server\ntry: --turn udp:turn.example.org:3478", text);
    settings.ice.servers.push_back(std::move(*server));
  }
  for (const std::string& text : flags.interfaces) {
    const auto ip = IpAddress::parse(text);
    if (!ip) return fmt::format("\"{}\" is no address", text);
    settings.interfaces.push_back(*ip);
  }
  if (flags.interval < 1 || flags.interval > 60'000) return "--interval is 1 to 60000 milliseconds";
  settings.interval = std::chrono::milliseconds(flags.interval);
  if (!flags.authority.empty()) {
    auto pem = server::read_file(flags.authority);
    if (!pem) return fmt::format("{} cannot be read", flags.authority);
    settings.authority_pem = std::move(*pem);
  }
  settings.ice.policy = flags.relay_only ? ice::Policy::kRelayOnly : ice::Policy::kAll;
  settings.ice.lite = flags.lite;
  settings.ice.loopback = flags.loopback;
  settings.ice.hide_addresses = flags.hide;
  settings.json = flags.json;
  return std::nullopt;
}

}  // namespace

int run_lab_peer(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("lab-peer",
                   "Looks for paths to another lab-peer with ICE, and talks to it in numbers.");
  describe(line, flags);
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  PeerSettings settings;
  if (const auto wrong = read(flags, settings)) {
    fmt::print(stderr, "beeline lab-peer: {}\n", *wrong);
    return kMisuse;
  }
  Peer(std::move(settings)).run();
  return kDone;
}

}  // namespace beeline::cli
