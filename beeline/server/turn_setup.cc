#include "beeline/server/turn_setup.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>

#include "beeline/server/data_directory.h"

namespace beeline::server {
namespace {

using Listen = std::function<std::expected<Port, std::error_code>(const TransportAddress&)>;

std::optional<std::string> open_port(std::string_view protocol, std::string_view flag,
                                     const IpAddress& ip, Port& port, const Listen& listen) {
  const auto opened = listen({ip, port});
  if (!opened)
    return fmt::format(
        "{} port {} for STUN and TURN cannot be opened on {}: {}\ntry: {} with another number, or "
        "end what uses it (ss -{}lpn)",
        protocol, port.value, ip.to_string(), opened.error().message(), flag,
        protocol == "UDP" ? 'u' : 't');
  port = *opened;  // the same for all addresses, also where the kernel chose it
  return std::nullopt;
}

std::optional<std::string> open_all_ports(TurnHost& host, Config& config,
                                          const Addresses& addresses) {
  const Listen udp = [&](const TransportAddress& local) { return host.listen_udp(local); };
  const Listen tcp = [&](const TransportAddress& local) { return host.listen_tcp(local); };
  for (const IpAddress& ip : addresses.listen) {
    if (auto failure = open_port("UDP", "--turn-port", ip, config.turn_port, udp)) return failure;
    if (auto failure = open_port("TCP", "--turn-port", ip, config.turn_port, tcp)) return failure;
    if (auto failure = open_port("TCP", "--turns-port", ip, config.turns_port, tcp)) return failure;
  }
  return std::nullopt;
}

constexpr int kPortDraws = 64;

// The address that the server is asked at first; none where there is none, or it is `other`.
std::optional<IpAddress> first_address(const Addresses& addresses, const IpAddress& other) {
  const auto of_family = [&](const IpAddress& ip) { return ip.family() == other.family(); };
  for (const IpAddress& ip : addresses.listen)
    if (of_family(ip) && !ip.is_unspecified() && ip != other) return ip;
  for (const RelayAddress& relay : addresses.relays)
    if (of_family(relay.bound) && relay.bound != other) return relay.bound;
  return std::nullopt;
}

std::expected<turn::Alternates, std::string> open_alternates(TurnHost& host, Config& config,
                                                             const IpAddress& first,
                                                             const IpAddress& other) {
  const Listen udp = [&](const TransportAddress& local) { return host.listen_udp(local); };
  turn::Alternates alternates;
  for (std::size_t i = 0; i < alternates.places.size(); ++i) {
    const IpAddress& ip = (i & turn::Alternates::kOtherAddress) != 0 ? other : first;
    Port& port = (i & turn::Alternates::kOtherPort) != 0 ? config.nat_test_port : config.turn_port;
    auto listener = port.value == 0 ? std::nullopt : host.udp_listener({ip, port});
    if (!listener) {
      if (const auto opened = udp({ip, port}); !opened)
        return std::unexpected(fmt::format(
            "UDP port {} for tests of NATs cannot be opened on {}: {}\ntry: --nat-test-address "
            "with "
            "another address of this machine (ip address), --nat-test-port with another number",
            port.value, ip.to_string(), opened.error().message()));
      else
        port = *opened;
      listener = host.udp_listener({ip, port});
    }
    alternates.places[i] = {*listener, {ip, port}};
  }
  return alternates;
}

}  // namespace

std::expected<std::string, std::string> given_turn_secret(const std::filesystem::path& file) {
  if (file.empty()) {
    const char* given = std::getenv("BEELINE_TURN_SECRET");
    return given == nullptr ? std::string() : std::string(given);
  }
  auto secret = read_file(file);
  if (!secret)
    return std::unexpected(
        fmt::format("the secret file {} cannot be read\ntry: check its path and who may read it",
                    file.string()));
  while (!secret->empty() && (secret->back() == '\n' || secret->back() == '\r')) secret->pop_back();
  if (secret->empty())
    return std::unexpected(
        fmt::format("the secret file {} is empty\ntry: openssl rand -hex 32 > {}", file.string(),
                    file.string()));
  return *secret;
}

turn::Settings turn_settings(const Config& config, const Addresses& addresses,
                             const std::string& secret) {
  turn::Settings settings;
  settings.realm = config.realm;
  settings.secret = secret;
  for (const RelayAddress& relay : addresses.relays)
    settings.families.push_back({relay.bound, relay.advertised});
  settings.first_relay_port = config.relay_ports.first;
  settings.last_relay_port = config.relay_ports.last;
  if (config.lab_limits) settings.limits = turn::Limits::lab();
  settings.policy.own = addresses.own;
  for (const auto* prefixes : {&config.allow_peers, &addresses.local_subnets})
    for (const Prefix& prefix : *prefixes)
      settings.policy.allow.push_back({prefix.ip, prefix.bits});
  for (const Prefix& prefix : config.peers_only)
    settings.policy.only.push_back({prefix.ip, prefix.bits});
  return settings;
}

TurnStreams::Limits turn_stream_limits(const Config& config) {
  TurnStreams::Limits limits;
  if (config.lab_limits) limits.connections = limits.connections_per_source = 1'000'000;
  return limits;
}

std::optional<std::string> open_turn_ports(TurnHost& host, Config& config,
                                           const Addresses& addresses) {
  const Port turn = config.turn_port;
  const Port turns = config.turns_port;
  for (int draw = 1;; ++draw) {
    auto failure = open_all_ports(host, config, addresses);
    // A port that the kernel chose for UDP may be somebody's for TCP: let it choose again.
    if (!failure || turn.value != 0 || draw == kPortDraws) return failure;
    host.close_listeners();
    config.turn_port = turn;
    config.turns_port = turns;
  }
}

std::optional<std::string> open_nat_test_ports(TurnHost& host, Config& config,
                                               const Addresses& addresses) {
  std::vector<turn::Alternates> all;
  for (const IpAddress& other : config.nat_test_addresses) {
    const auto first = first_address(addresses, other);
    if (!first)
      return fmt::format(
          "{} is no second address: no other one of this machine is listened on\ntry: "
          "--nat-test-address with an address that people do not use",
          other.to_string());
    //= RFC 5780 §7.4
    // OTHER-ADDRESS names the addresses as they are here.
    for (const RelayAddress& relay : addresses.relays)
      if (relay.bound == *first && relay.advertised != *first)
        return fmt::format(
            "tests of NATs need both addresses on this machine itself, and {} is seen as {}\ntry: "
            "without --nat-test-address",
            first->to_string(), relay.advertised.to_string());
    auto alternates = open_alternates(host, config, *first, other);
    if (!alternates) return alternates.error();
    all.push_back(std::move(*alternates));
  }
  host.set_alternates(std::move(all));
  return std::nullopt;
}

std::vector<std::string> turn_facts(const Config& config, const Addresses& addresses) {
  std::vector<std::string> facts{fmt::format(
      "UDP and TCP port {}, TLS port {}{}", config.turn_port.value, config.turns_port.value,
      config.web ? fmt::format(" and {}", config.port.value) : "")};
  for (const RelayAddress& relay : addresses.relays)
    facts.push_back(fmt::format("relays from {} ports {}-{}", relay.advertised.to_string(),
                                config.relay_ports.first.value, config.relay_ports.last.value));
  for (const IpAddress& ip : config.nat_test_addresses)
    facts.push_back(fmt::format("tests of NATs: answers from {} and UDP port {} as well",
                                ip.to_string(), config.nat_test_port.value));
  return facts;
}

void add_turn_metrics(MetricsText& metrics, const TurnHost& host) {
  const turn::Counters& counters = host.core().counters();
  metrics.gauge("beeline_turn_allocations", "Allocations alive.", host.core().allocations());
  metrics.counter("beeline_turn_allocations_total", "Allocations made.",
                  counters.allocations_created);
  metrics.counter("beeline_stun_bindings_total", "Binding requests answered.", counters.bindings);
  metrics.counter("beeline_stun_nat_tests_total",
                  "Those answered from where they wished (RFC 5780).", counters.nat_tests);
  for (std::size_t i = 0; i < counters.refusals.size(); ++i)
    metrics.counter("beeline_turn_refusals_total",
                    "Requests refused, by reason and STUN error code.", counters.refusals[i],
                    {{"reason", std::string(turn::kRefusalFacts[i].name)},
                     {"code", std::to_string(turn::kRefusalFacts[i].code)}});
  for (std::size_t i = 0; i < counters.drops.size(); ++i)
    metrics.counter("beeline_turn_dropped_packets_total", "Packets that went nowhere, and why.",
                    counters.drops[i], {{"reason", turn::kDropNames[i]}});
  const char* bytes = "Application bytes relayed.";
  metrics.counter("beeline_turn_relayed_bytes_total", bytes, counters.bytes_to_peer,
                  {{"direction", "to_peer"}});
  metrics.counter("beeline_turn_relayed_bytes_total", bytes, counters.bytes_to_client,
                  {{"direction", "to_client"}});
  const TurnStreams& streams = host.streams();
  metrics.gauge("beeline_turn_streams", "TURN connections over TCP and TLS.",
                streams.connections());
  metrics.counter("beeline_turn_streams_refused_total", "TURN connections over a limit.",
                  streams.counters().refused);
  const char* lost = "What came to nothing on TURN connections, and why.";
  metrics.counter("beeline_turn_stream_losses_total", lost, streams.counters().dropped,
                  {{"reason", "slow_reader"}});
  metrics.counter("beeline_turn_stream_losses_total", lost, streams.counters().too_large,
                  {{"reason", "too_large"}});
  metrics.counter("beeline_turn_stream_losses_total", lost, streams.counters().broken,
                  {{"reason", "broken"}});
}

}  // namespace beeline::server
