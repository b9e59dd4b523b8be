#include "beeline/server/config.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

namespace beeline::server {
namespace {

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto ip = IpAddress::parse(text.substr(0, slash));
  if (!ip) return std::nullopt;
  const unsigned full = ip->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Prefix{*ip, full};
  const auto bits = number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > full) return std::nullopt;
  return Prefix{*ip, *bits};
}

std::string Prefix::to_string() const {
  return fmt::format("{}/{}", ip.to_string(), bits);
}

std::optional<PortRange> PortRange::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number<std::uint16_t>(text.substr(0, dash));
  const auto last = number<std::uint16_t>(text.substr(dash + 1));
  // RFC 8656 §7.2 wants ports from 49152 up; lower ones are the owner's choice, but not the
  // well-known ones.
  if (!first || !last || *first < 1024 || *last < *first) return std::nullopt;
  return PortRange{Port{*first}, Port{*last}};
}

std::vector<std::string_view> needs_restart(const Config& running, const Config& wanted) {
  std::vector<std::string_view> names;
  const auto compare = [&](std::string_view name, const auto& a, const auto& b) {
    if (a != b) names.push_back(name);
  };
  compare("listen", running.listen, wanted.listen);
  compare("port", running.port, wanted.port);
  compare("turn-port", running.turn_port, wanted.turn_port);
  compare("turns-port", running.turns_port, wanted.turns_port);
  compare("nat-test-address", running.nat_test_addresses, wanted.nat_test_addresses);
  compare("nat-test-port", running.nat_test_port, wanted.nat_test_port);
  compare("no-turn", running.turn, wanted.turn);
  compare("relay-ports", running.relay_ports, wanted.relay_ports);
  compare("public-ip", running.public_ips, wanted.public_ips);
  compare("name", running.name, wanted.name);
  compare("data-dir", running.data_dir, wanted.data_dir);
  compare("allow-peer", running.allow_peers, wanted.allow_peers);
  compare("metrics", running.metrics, wanted.metrics);
  compare("json", running.json, wanted.json);
  compare("grace", running.grace_seconds, wanted.grace_seconds);
  return names;
}

std::filesystem::path default_data_dir() {
  if (const char* systemd = std::getenv("STATE_DIRECTORY")) return systemd;
  if (const char* xdg = std::getenv("XDG_STATE_HOME"))
    return std::filesystem::path(xdg) / "beeline";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local/state/beeline";
}

}  // namespace beeline::server
