#include "beeline/server/startup.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>

#include "beeline/server/finding.h"
#include "beeline/server/qr_code.h"

namespace beeline::server {
namespace {

// The doctor's findings, and what stands between them.
class Lines {
 public:
  explicit Lines(bool colour) : colour_(colour) {}

  void good(std::string_view name, std::string_view value) {
    text_ += as_text({Health::kGood, std::string(name), std::string(value), {}}, colour_);
  }
  void more(std::string_view value) { text_ += fmt::format("    {:<13} {}\n", "", value); }
  void warning(std::string_view text) {
    text_ += as_text({Health::kWarning, "note", std::string(text), {}}, colour_);
  }
  void plain(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void raw(std::string_view text) { text_ += text; }
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
};

std::string date(WallTime time) {
  const std::time_t seconds = time.since_epoch.count();
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(seconds));
}

const std::string& best_url(const StartupFacts& facts) {
  return facts.network_urls.empty() ? facts.local_url : facts.network_urls.front();
}

// A phone that does not know our authority yet is led through the page that explains it.
std::string invitation(const StartupFacts& facts) {
  return fmt::format("{}/#{}", facts.trust_url.empty() ? best_url(facts) : facts.trust_url,
                     facts.room);
}

void invite(const StartupFacts& facts, bool colour, Lines& lines) {
  lines.plain("\n  A room is ready. Open it in two browsers, or scan it:\n");
  if (!facts.local_url.empty()) lines.plain(fmt::format("    {}/#{}", facts.local_url, facts.room));
  if (!facts.network_urls.empty())
    lines.plain(fmt::format("    {}/#{}", facts.network_urls.front(), facts.room));
  lines.plain("");
  if (!facts.network_urls.empty()) lines.raw(qr_code(invitation(facts), colour));
}

}  // namespace

std::string startup_text(const StartupFacts& facts, bool colour) {
  Lines lines(colour);
  lines.plain(fmt::format("\nBeeline {}\n", facts.version));
  bool first = true;
  const auto url = [&](const std::string& address, std::string_view remark) {
    const std::string line = fmt::format("{:<34} {}", address, remark);
    first ? lines.good("web app", line) : lines.more(line);
    first = false;
  };
  if (!facts.local_url.empty()) url(facts.local_url, "on this machine");
  for (const auto& address : facts.network_urls) url(address, "from others");
  first = true;
  for (const auto& line : facts.turn) {
    first ? lines.good("STUN, TURN", line) : lines.more(line);
    first = false;
  }
  lines.good("certificate",
             fmt::format("{}, until {}{}", facts.certificate_made_here ? "made here" : "yours",
                         date(facts.certificate_expires),
                         facts.trust_url.empty() ? "" : "; browsers warn until they trust it:"));
  if (!facts.trust_url.empty()) lines.more(facts.trust_url);
  if (!facts.metrics_url.empty()) lines.good("metrics", facts.metrics_url);
  for (const auto& warning : facts.warnings) lines.warning(warning);
  if (!facts.room.empty()) invite(facts, colour, lines);
  lines.plain("\n  Ctrl-C stops the server.");
  return lines.take();
}

std::string startup_json(const StartupFacts& facts) {
  boost::json::object object;
  object["event"] = "ready";
  object["version"] = facts.version;
  object["http"] = facts.local_url;
  object["https"] = boost::json::array(facts.network_urls.begin(), facts.network_urls.end());
  object["trust"] = facts.trust_url;
  if (!facts.room.empty())
    object["room_url"] = fmt::format(
        "{}/#{}", facts.local_url.empty() ? best_url(facts) : facts.local_url, facts.room);
  object["certificate_expires"] = facts.certificate_expires.since_epoch.count();
  object["turn"] = boost::json::array(facts.turn.begin(), facts.turn.end());
  if (facts.turn_port) object["turn_port"] = facts.turn_port->value;
  if (facts.turns_port) object["turns_port"] = facts.turns_port->value;
  object["warnings"] = boost::json::array(facts.warnings.begin(), facts.warnings.end());
  object["metrics"] = facts.metrics_url;
  return boost::json::serialize(object);
}

}  // namespace beeline::server
