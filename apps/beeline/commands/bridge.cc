// beeline bridge: a cable between two networks of this machine that is as long, as lossy and as
// narrow as one wants. For kernels without netem, and for labs.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>

#include "apps/beeline/bridge/bridge.h"
#include "apps/beeline/command.h"
#include "apps/beeline/command_line.h"
#include "beeline/crypto/entropy.h"

namespace beeline::cli {
namespace {

struct Flags {
  std::string first, second;
  std::string delay = "0", jitter = "0", loss = "0", duplicate = "0", reorder = "0";
  std::string reorder_delay = "5", rate = "0", queue = "262144";
  int seed = -1;
  bool json = false;
};

void describe(CommandLine& line, Flags& flags) {
  line.argument("FIRST", flags.first, "One end: NAMESPACE/DEVICE");
  line.argument("SECOND", flags.second, "The other end; /DEVICE alone: in this namespace");
  line.option("--delay", flags.delay, "MS", "How long every frame takes (0)");
  line.option("--jitter", flags.jitter, "MS", "Up to so much longer; the order stays (0)");
  line.option("--loss", flags.loss, "PERCENT", "Frames that are lost (0)");
  line.option("--duplicate", flags.duplicate, "PERCENT", "Frames that arrive twice (0)");
  line.option("--reorder", flags.reorder, "PERCENT", "Frames that others may overtake (0)");
  line.option("--reorder-delay", flags.reorder_delay, "MS", "Those come up to so much later (5)");
  line.option("--rate", flags.rate, "KBIT", "Kilobits a second, with Ethernet headers (0: any)");
  line.option("--queue", flags.queue, "BYTES", "What may wait for the rate (262144)");
  line.option("--seed", flags.seed, "N", "The same number: the same frames are lost");
  line.flag("--json", flags.json, "One JSON object per line");
  line.footer(
      "Each value may be two, FIRST to SECOND and back: --delay 5,40.\n"
      "The devices are TAP devices; where there is none of that name it is made, without an\n"
      "address, and goes when the bridge ends. SIGUSR1 prints what went through, SIGINT ends.\n\n"
      "Example, 50 ms there and back and every hundredth frame lost:\n"
      "  beeline bridge home/eth0 internet/port --delay 25 --loss 1 &\n"
      "  ip -n home address add 192.0.2.2/24 dev eth0\n"
      "  ip -n internet address add 192.0.2.1/24 dev port\n");
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value >= 0 && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// "5" for both directions, or "5,40"; none where it is neither, or above `most`.
std::optional<std::array<double, 2>> both(std::string_view text, double most) {
  const std::size_t comma = text.find(',');
  const auto first = number(text.substr(0, comma));
  const auto second = comma == std::string_view::npos ? first : number(text.substr(comma + 1));
  if (!first || !second || *first > most || *second > most) return std::nullopt;
  return std::array{*first, *second};
}

// None where all is well; else what is wrong, and what to try.
std::optional<std::string> read(const Flags& flags, BridgeSettings& settings) {
  if (flags.first.empty() || flags.second.empty())
    return "two ends are needed\ntry: beeline bridge home/eth0 internet/port";
  for (const std::size_t end : {0U, 1U}) {
    const std::string& text = end == 0 ? flags.first : flags.second;
    const auto place = TapPlace::parse(text);
    if (!place) return fmt::format("\"{}\" is no end\ntry: NAMESPACE/DEVICE, e.g. home/eth0", text);
    settings.ends[end] = *place;
  }
  struct Value {
    std::string_view flag;
    const std::string& text;
    double most;
    std::function<void(sim::LinkProfile&, double)> set;
  };
  const auto span = [](double ms) { return Duration(std::llround(ms * 1000)); };
  const auto chance = [](double percent) {
    return sim::Chance{static_cast<std::uint32_t>(std::lround(percent * 10'000))};
  };
  constexpr double kHour = 3'600'000;
  const Value values[] = {
      {"--delay", flags.delay, kHour, [&](auto& lane, double v) { lane.delay = span(v); }},
      {"--jitter", flags.jitter, kHour, [&](auto& lane, double v) { lane.jitter = span(v); }},
      {"--loss", flags.loss, 100, [&](auto& lane, double v) { lane.loss = chance(v); }},
      {"--duplicate", flags.duplicate, 100,
       [&](auto& lane, double v) { lane.duplication = chance(v); }},
      {"--reorder", flags.reorder, 100, [&](auto& lane, double v) { lane.reordering = chance(v); }},
      {"--reorder-delay", flags.reorder_delay, kHour,
       [&](auto& lane, double v) { lane.reordering_delay = span(v); }},
      {"--rate", flags.rate, 100e6,
       [](auto& lane, double v) {
         lane.bits_per_second = static_cast<std::uint64_t>(std::llround(v * 1000));
       }},
      {"--queue", flags.queue, 64e6,
       [](auto& lane, double v) { lane.queue_bytes = static_cast<std::size_t>(v); }}};
  for (const Value& value : values) {
    const auto pair = both(value.text, value.most);
    if (!pair)
      return fmt::format(
          "\"{}\" is not usable for {}: one number from 0 to {:.0f}, or two\ntry: {} 5,40",
          value.text, value.flag, value.most, value.flag);
    for (const std::size_t lane : {0U, 1U}) value.set(settings.profiles[lane], (*pair)[lane]);
  }
  // The devices have an MTU of their own.
  for (sim::LinkProfile& profile : settings.profiles) profile.mtu = 1 << 20;
  return std::nullopt;
}

class Teller {
 public:
  Teller(const BridgeSettings& settings, bool json) : settings_(settings), json_(json) {}

  void ready(bool real_time) const {
    if (json_)
      return line({{"type", "ready"},
                   {"first", settings_.ends[0].to_string()},
                   {"second", settings_.ends[1].to_string()},
                   {"seed", settings_.seed},
                   {"real_time", real_time}});
    fmt::print(
        "● {} and {} are joined (seed {}){}\n", settings_.ends[0].to_string(),
        settings_.ends[1].to_string(), settings_.seed,
        real_time ? "" : "\n◐ without real-time priority: delays grow where the machine is busy");
    std::fflush(stdout);
  }
  void counts(const LaneCounts& there, const LaneCounts& back) const {
    one_direction(0, there);
    one_direction(1, back);
  }

 private:
  static void line(const boost::json::object& object) {
    fmt::print("{}\n", boost::json::serialize(object));
    std::fflush(stdout);
  }
  void one_direction(std::size_t from, const LaneCounts& counts) const {
    const std::string origin = settings_.ends[from].to_string();
    const std::string target = settings_.ends[1 - from].to_string();
    const double latest_ms = static_cast<double>(counts.latest.count()) / 1000;
    if (json_)
      return line({{"type", "counts"},
                   {"from", origin},
                   {"to", target},
                   {"frames_in", counts.frames_in},
                   {"bytes_in", counts.bytes_in},
                   {"frames_out", counts.frames_out},
                   {"bytes_out", counts.bytes_out},
                   {"lost", counts.lost},
                   {"queue_full", counts.queue_full},
                   {"doubled", counts.doubled},
                   {"latest_ms", latest_ms}});
    fmt::print(
        "{} to {}: {} frames in, {} out, {} lost, {} doubled, {} over the rate; at most {:.2f} ms "
        "late\n",
        origin, target, counts.frames_in, counts.frames_out, counts.lost, counts.doubled,
        counts.queue_full, latest_ms);
    std::fflush(stdout);
  }

  const BridgeSettings& settings_;
  bool json_;
};

}  // namespace

int run_bridge(const std::vector<std::string>& arguments) {
  Flags flags;
  CommandLine line("bridge",
                   "Joins two network namespaces, with delay, loss and a rate as you like.");
  describe(line, flags);
  const auto parsed = line.parse(arguments);
  if (parsed != CommandLine::Result::kRun)
    return parsed == CommandLine::Result::kDone ? kDone : kMisuse;
  BridgeSettings settings;
  if (const auto wrong = read(flags, settings)) {
    fmt::print(stderr, "beeline bridge: {}\n", *wrong);
    return kMisuse;
  }
  settings.seed = flags.seed >= 0 ? static_cast<std::uint64_t>(flags.seed)
                                  : Random(crypto::system_seed()).below(1'000'000);
  auto bridge = Bridge::open(settings);
  if (!bridge) {
    fmt::print(stderr, "beeline bridge: {}\n", bridge.error());
    return kFailed;
  }
  const Teller teller(settings, flags.json);
  teller.ready(bridge->is_real_time());
  const auto ended = bridge->run(
      [&](const LaneCounts& there, const LaneCounts& back) { teller.counts(there, back); });
  const auto counts = bridge->counts();
  teller.counts(counts[0], counts[1]);
  if (!ended) return kDone;
  fmt::print(stderr, "beeline bridge: {}\n", *ended);
  return kFailed;
}

}  // namespace beeline::cli
