// beeline doctor: looks at a server as a client meets it, and at this machine where it is the
// server's own.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "beeline/crypto/entropy.h"
#include "beeline/doctor/examination.h"
#include "beeline/net/interfaces.h"
#include "beeline/server/data_directory.h"

namespace beeline::cli {
namespace {

struct Flags {
  std::string url;
  std::uint16_t port = 8443;
  std::string data_dir;
  std::vector<std::string> public_ip;
  std::string authority;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.argument("URL", flags.url, "The server to visit; none: the one on this machine");
  line.option("--port", flags.port, "PORT", "Its web port, where no URL is given (8443)");
  line.option("--data-dir", flags.data_dir, "DIR", "Its data, where no URL is given");
  line.option("--public-ip", flags.public_ip, "IP|NAME", "As beeline serve was told, likewise");
  line.option("--authority", flags.authority, "FILE",
              "Trust this authority too (PEM), e.g. one fetched from the page /trust");
  line.flag("--json", flags.json, "One JSON object per line");
  line.footer(
      "Examples:\n"
      "  beeline doctor                                 on the server itself\n"
      "  beeline doctor https://meet.example.org        from where a client is\n"
      "Exit code: 0 nothing red, 1 something red, 2 misuse.\n");
}

WallTime wall_time() {
  return {std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch())};
}

// This machine as a server: what it would listen on and tell others.
std::optional<doctor::Subject> look_inside(const Flags& flags, const doctor::Report& report) {
  server::Config config;
  config.data_dir =
      flags.data_dir.empty() ? server::default_data_dir() : std::filesystem::path(flags.data_dir);
  auto public_ips = server::public_addresses(flags.public_ip);
  if (!public_ips) {
    fmt::print(stderr, "beeline doctor: {}\n", public_ips.error());
    return std::nullopt;
  }
  config.public_ips = std::move(*public_ips);
  std::vector<IpAddress> primary;
  for (const IpFamily family : {IpFamily::kV4, IpFamily::kV6})
    if (const auto ip = net::primary_address(family)) primary.push_back(*ip);
  doctor::examine_from_inside(
      config, server::plan_addresses(config, net::interface_addresses(), primary), report);
  doctor::Subject subject{"localhost", Port{flags.port}, {}};
  if (auto authority = server::read_file(config.data_dir / "authority.pem"))
    subject.authority_pem = std::move(*authority);
  return subject;
}

}  // namespace

int run_doctor(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("doctor",
                   "Finds out whether people can reach a Beeline server, and if not, why.");
  describe(line, flags);
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  auto worst = server::Health::kGood;
  const doctor::Report report = [&](const server::Finding& finding) {
    fmt::print("{}", flags.json ? as_json(finding) + "\n" : as_text(finding, colour));
    std::fflush(stdout);
    worst = std::max(worst, finding.health);
  };
  auto subject = flags.url.empty() ? look_inside(flags, report) : doctor::parse_subject(flags.url);
  if (!subject) {
    if (!flags.url.empty())
      fmt::print(stderr,
                 "beeline doctor: \"{}\" is no https:// address\ntry: beeline doctor --help\n",
                 flags.url);
    return kMisuse;
  }
  if (!flags.authority.empty()) {
    const auto pem = server::read_file(flags.authority);
    if (!pem) {
      fmt::print(stderr, "beeline doctor: {} cannot be read\n", flags.authority);
      return kMisuse;
    }
    subject->authority_pem = *pem;
  }
  doctor::examine_from_outside(*subject, wall_time(), Random(crypto::system_seed()), report);
  return worst == server::Health::kBad ? kFailed : kDone;
}

}  // namespace beeline::cli
