// beeline nat: finds out what the NAT in front of this machine does, and says what follows.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "apps/beeline/host_port.h"
#include "apps/beeline/nat/verdict.h"
#include "beeline/crypto/entropy.h"
#include "beeline/net/client_host.h"
#include "beeline/stun/nat_probe.h"

namespace beeline::cli {
namespace {

struct Flags {
  std::string server;
  std::string family;
  std::string language;
  bool lifetime = false;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.argument("SERVER", flags.server, "The STUN server to ask: HOST or HOST:PORT (3478)");
  line.option("--family", flags.family, "4|6", "Test IPv4 or IPv6 (IPv4 where the server has it)");
  line.flag("--lifetime", flags.lifetime,
            "Also measure how long an unused mapping lives (up to 5 minutes)");
  line.option("--lang", flags.language, "en|zh-TW", "The language (default: by LANG)");
  line.flag("--json", flags.json, "One JSON object");
  line.footer(
      "The server needs two addresses for the whole verdict (RFC 5780), as one that was started "
      "with\n"
      "beeline serve --nat-test-address has. From others comes what they can tell.\n\n"
      "Example:\n"
      "  beeline nat stun.example.org\n"
      "Exit code: 0 all is known, 3 only a part, 1 no answer, 2 misuse.\n");
}

// One test on this machine's sockets.
class NatTest {
 public:
  NatTest(const stun::NatProbeSettings& settings, const NatWords& words, bool shows_progress)
      : words_(words),
        shows_progress_(shows_progress),
        core_(settings, Random(crypto::system_seed()), loop_.packets()),
        host_(loop_, core_, *this) {}

  stun::NatReport run() {
    core_.start(loop_.now());
    host_.settle();
    if (!report_)
      loop_.run([](const std::string& what) { fmt::print(stderr, "beeline nat: {}\n", what); });
    if (shows_progress_) fmt::print(stderr, "\r\x1b[K");
    return report_.value_or(stun::NatReport{});
  }

  // For the host.
  void handle_event(stun::NatProbe::Event event) {
    if (auto* report = std::get_if<stun::NatReport>(&event)) {
      report_ = std::move(*report);
      return loop_.defer([this] { loop_.stop(); });  // behind what releasing sockets has put off
    }
    const auto* progress = std::get_if<stun::NatProgress>(&event);
    if (!progress || !shows_progress_) return;
    fmt::print(stderr, "\r\x1b[K○ {}…", words_.step[progress->step]);
    if (const auto whole = std::chrono::ceil<std::chrono::seconds>(progress->at_most);
        whole.count() > 0)
      fmt::print(stderr, " ({})", fmt::format(fmt::runtime(words_.may_take), whole.count()));
    std::fflush(stderr);
  }

 private:
  const NatWords& words_;
  bool shows_progress_;
  net::EventLoop loop_;
  stun::NatProbe core_;
  net::ClientHost<stun::NatProbe, NatTest> host_;
  std::optional<stun::NatReport> report_;
};

// None where all is well; else what is wrong, and what to try.
std::optional<std::string> read(const Flags& flags, stun::NatProbeSettings& settings,
                                const NatWords*& words) {
  if (flags.server.empty())
    return "no server was given\ntry: beeline nat stun.example.org (your own: beeline serve "
           "--nat-test-address with a second address)";
  const auto place = parse_host_port(flags.server, Port{3478});
  if (!place)
    return fmt::format("\"{}\" is no server\ntry: beeline nat stun.example.org:3478", flags.server);
  settings.server = place->host;
  settings.port = place->port;
  settings.lifetime = flags.lifetime;
  if (flags.family == "4" || flags.family == "6")
    settings.family = flags.family == "4" ? IpFamily::kV4 : IpFamily::kV6;
  else if (!flags.family.empty())
    return fmt::format("there is no family \"{}\"\ntry: --family 4", flags.family);
  const auto language = language_of_flag(flags.language);
  if (!language)
    return fmt::format("there is no language \"{}\"\ntry: --lang en or --lang zh-TW",
                       flags.language);
  words = &nat_words(*language);
  return std::nullopt;
}

int exit_code(const stun::NatReport& report) {
  if (report.outcome == stun::NatOutcome::kUdpBlocked) return kDone;  // a verdict as well
  if (report.outcome != stun::NatOutcome::kMeasured) return kFailed;
  return is_complete(report) ? kDone : kPartly;
}

}  // namespace

int run_nat(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("nat", "Finds out what the NAT in front of this machine does (RFC 4787).");
  describe(line, flags);
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  stun::NatProbeSettings settings;
  const NatWords* words = &english();
  if (const auto wrong = read(flags, settings, words)) {
    fmt::print(stderr, "beeline nat: {}\n", *wrong);
    return kMisuse;
  }
  const bool shows_progress = ::isatty(STDERR_FILENO) == 1 && !flags.json;
  const stun::NatReport report = NatTest(settings, *words, shows_progress).run();
  const bool colour = ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty();
  if (flags.json)
    fmt::print("{}\n", boost::json::serialize(nat_json(report, flags.server, *words)));
  else if (!words->outcome[report.outcome].empty())
    fmt::print(stderr, "beeline nat: {}\ntry: {}\n",
               fmt::format(fmt::runtime(words->outcome[report.outcome]), flags.server),
               words->remedy[report.outcome]);
  else
    fmt::print("{}", nat_text(report, flags.server, *words, colour));
  return exit_code(report);
}

}  // namespace beeline::cli
