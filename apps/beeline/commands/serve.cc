// beeline serve: reads the flags, runs the server until it is told to stop.
#include <fmt/format.h>

#include <expected>
#include <iterator>

#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "beeline/server/addresses.h"
#include "beeline/server/config.h"
#include "beeline/server/server.h"
#include "beeline/server/turn_setup.h"

namespace beeline::cli {
namespace {

// The flags as text, before they are checked.
struct Flags {
  std::vector<std::string> listen;
  std::uint16_t port = 8443;
  std::uint16_t turn_port = 3478;
  std::uint16_t turns_port = 5349;
  bool no_turn = false;
  std::string only;
  std::string realm = "beeline";
  std::string turn_secret_file;
  std::vector<std::string> peers_only;
  std::vector<std::string> nat_test_address;
  std::uint16_t nat_test_port = 3479;
  std::string relay_ports = "49152-65535";
  std::vector<std::string> public_ip;
  std::string name;
  std::string cert;
  std::string key;
  std::string data_dir;
  std::vector<std::string> allow_peer;
  std::vector<std::string> allow_origin;
  std::string metrics;
  std::string log_level = "info";
  std::string limits = "default";
  int grace = 15;
  int drain = 0;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.option("--port", flags.port, "PORT",
              "Web app and signaling: HTTPS, and plain HTTP for this machine itself (8443)");
  line.option("--listen", flags.listen, "IP",
              "Listen on these addresses only (default: all, IPv4 and IPv6)");
  line.option("--name", flags.name, "HOST", "The DNS name people use for this server");
  line.option("--cert", flags.cert, "FILE",
              "TLS certificate chain, PEM (default: one made here, see the page /trust)");
  line.option("--key", flags.key, "FILE", "TLS private key, PEM");
  line.option("--turn-port", flags.turn_port, "PORT", "STUN and TURN over UDP and TCP (3478)");
  line.option("--turns-port", flags.turns_port, "PORT",
              "TURN inside TLS (5349); the HTTPS port takes it as well");
  line.option("--nat-test-address", flags.nat_test_address, "IP",
              "A second address of this machine, for tests of NATs (beeline nat, RFC 5780; off)");
  line.option("--nat-test-port", flags.nat_test_port, "PORT",
              "The second UDP port of such tests (3479)");
  line.option("--relay-ports", flags.relay_ports, "A-B",
              "Ports of relayed addresses (49152-65535); open these in a firewall");
  line.option(
      "--public-ip", flags.public_ip, "IP|NAME",
      "What the outside sees: an address, a name that leads to it, or auto (this machine's)");
  line.option("--allow-peer", flags.allow_peer, "PREFIX",
              "Let the relay reach these special-purpose addresses, e.g. 10.1.0.0/16");
  line.option("--peers-only", flags.peers_only, "PREFIX",
              "Let the relay reach these addresses and nothing else, e.g. your media servers");
  line.flag("--no-turn", flags.no_turn, "Do not run STUN and TURN");
  line.option("--only", flags.only, "PART", "turn: STUN and TURN, without web app and signaling");
  line.option(
      "--turn-secret-file", flags.turn_secret_file, "FILE",
      "The secret you make TURN credentials with (or BEELINE_TURN_SECRET; default: an own)");
  line.option("--realm", flags.realm, "NAME", "The realm of TURN credentials (beeline)");
  line.option("--allow-origin", flags.allow_origin, "ORIGIN",
              "Let web pages of this origin use the signaling, e.g. https://app.example");
  line.option("--data-dir", flags.data_dir, "DIR", "Where the certificate and the secret are kept");
  line.option("--metrics", flags.metrics, "IP:PORT",
              "Serve /metrics (Prometheus) and /health here, e.g. 127.0.0.1:9478 (off)");
  line.option("--grace", flags.grace, "SECONDS",
              "How long a member whose connection broke may take to come back (15)");
  line.option("--drain", flags.drain, "SECONDS",
              "How long relayed calls may go on after SIGTERM (0); a second one ends them");
  line.option("--limits", flags.limits, "NAME",
              "default, or lab: no TURN limits, for benchmarks and tests only");
  line.option("--log-level", flags.log_level, "LEVEL", "debug, info, warning or error (info)");
  line.flag("--json", flags.json, "Start-up facts and logs as one JSON object per line");
  line.allow_config_file();
  line.footer(
      "Examples:\n"
      "  beeline serve                                  try it: prints an address and a QR code\n"
      "  beeline serve --name meet.example.org --cert fullchain.pem --key privkey.pem --port 443\n"
      "  beeline serve --config beeline.toml            the same flags, in a file:  port = 443\n");
}

template <typename T, typename Parse>
bool read_all(const std::vector<std::string>& texts, std::string_view flag, Parse parse,
              std::vector<T>& out) {
  for (const auto& text : texts) {
    const auto value = parse(text);
    if (!value) {
      fmt::print(stderr, "beeline serve: \"{}\" is not usable for {}\ntry: beeline serve --help\n",
                 text, flag);
      return false;
    }
    out.push_back(*value);
  }
  return true;
}

std::optional<LogLevel> log_level(std::string_view name) {
  constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                               {"info", LogLevel::kInfo},
                                                               {"warning", LogLevel::kWarning},
                                                               {"error", LogLevel::kError}};
  for (const auto& [text, level] : kLevels)
    if (text == name) return level;
  return std::nullopt;
}

// What no type of a flag can check; a sentence for people where it is wrong.
std::optional<std::string> check_names(const Flags& flags) {
  if (flags.cert.empty() != flags.key.empty()) return "--cert and --key go together";
  if (!flags.only.empty() && flags.only != "turn")
    return "only \"turn\" can run alone\ntry: --only turn";
  if (flags.only == "turn" && flags.no_turn)
    return "--only turn and --no-turn leave nothing to run";
  if (!flags.nat_test_address.empty() && flags.no_turn)
    return "--nat-test-address and --no-turn exclude each other: STUN answers such tests";
  if (!flags.nat_test_address.empty() && flags.nat_test_port == flags.turn_port &&
      flags.turn_port != 0)
    return "--nat-test-port is a second port\ntry: a number that --turn-port does not have";
  if (flags.limits != "default" && flags.limits != "lab")
    return fmt::format("there are no limits called \"{}\"\ntry: --limits default", flags.limits);
  return std::nullopt;
}

// None after having printed what is wrong.
std::optional<server::Config> check(const Flags& flags) {
  server::Config config;
  std::vector<server::PortRange> ranges;
  std::vector<LogLevel> levels;
  std::vector<TransportAddress> metrics;
  const std::vector<std::string> metrics_text =
      flags.metrics.empty() ? std::vector<std::string>{} : std::vector{flags.metrics};
  if (!read_all(flags.listen, "--listen", IpAddress::parse, config.listen) ||
      !read_all(flags.allow_peer, "--allow-peer", server::Prefix::parse, config.allow_peers) ||
      !read_all(flags.nat_test_address, "--nat-test-address", IpAddress::parse,
                config.nat_test_addresses) ||
      !read_all(flags.peers_only, "--peers-only", server::Prefix::parse, config.peers_only) ||
      !read_all({flags.relay_ports}, "--relay-ports", server::PortRange::parse, ranges) ||
      !read_all({flags.log_level}, "--log-level", log_level, levels) ||
      !read_all(metrics_text, "--metrics", TransportAddress::parse, metrics))
    return std::nullopt;
  if (const auto& ips = config.nat_test_addresses;
      ips.size() > 2 || (ips.size() == 2 && ips[0].family() == ips[1].family())) {
    fmt::print(stderr, "beeline serve: --nat-test-address takes one address of each family\n");
    return std::nullopt;
  }
  const auto wrong = check_names(flags);
  const auto secret = server::given_turn_secret(flags.turn_secret_file);
  auto public_ips = server::public_addresses(flags.public_ip);
  if (wrong || !secret || !public_ips) {
    fmt::print(stderr, "beeline serve: {}\n",
               wrong    ? *wrong
               : secret ? public_ips.error()
                        : secret.error());
    return std::nullopt;
  }
  config.public_ips = std::move(*public_ips);
  config.lab_limits = flags.limits == "lab";
  config.port = Port{flags.port};
  config.turn_port = Port{flags.turn_port};
  config.turns_port = Port{flags.turns_port};
  config.nat_test_port = Port{flags.nat_test_port};
  config.turn = !flags.no_turn;
  config.web = flags.only != "turn";
  config.realm = flags.realm;
  config.turn_secret = *secret;
  config.relay_ports = ranges.front();
  config.name = flags.name;
  config.certificate = flags.cert;
  config.private_key = flags.key;
  config.data_dir =
      flags.data_dir.empty() ? server::default_data_dir() : std::filesystem::path(flags.data_dir);
  config.allow_origins = flags.allow_origin;
  if (!metrics.empty()) config.metrics = metrics.front();
  config.log_level = levels.front();
  config.grace_seconds = flags.grace;
  config.drain_seconds = flags.drain;
  config.json = flags.json;
  return config;
}

// What the arguments and the configuration file say now; else the exit code, after having printed
// why.
std::expected<server::Config, int> read_config(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("serve",
                   "Runs the Beeline server: web app, signaling, STUN and TURN in one process.");
  describe(line, flags);
  switch (line.parse(arguments)) {
    case CommandLine::Result::kDone:
      return std::unexpected(kDone);
    case CommandLine::Result::kMisuse:
      return std::unexpected(kMisuse);
    case CommandLine::Result::kRun:
      break;
  }
  auto config = check(flags);
  if (!config) return std::unexpected(kMisuse);
  return *config;
}

}  // namespace

int run_serve(const std::vector<std::string>& arguments) {
  const auto config = read_config(arguments);
  if (!config) return config.error();
  const auto reread = [&]() -> std::optional<server::Config> {
    auto again = read_config(arguments);
    return again ? std::optional(std::move(*again)) : std::nullopt;
  };
  if (const auto error = server::serve(*config, reread, BEELINE_VERSION)) {
    fmt::print(stderr, "beeline serve: {}\n", *error);
    return kFailed;
  }
  return kDone;
}

}  // namespace beeline::cli
