#include "beeline/server/ice_servers.h"

#include <fmt/format.h>

#include "beeline/turn/credentials.h"

namespace beeline::server {
namespace {

constexpr auto kLifetime = std::chrono::hours(1);
constexpr auto kRenewAfter = std::chrono::minutes(45);

// How a host stands in a STUN or TURN URI (RFC 7064, RFC 7065): IPv6 in brackets.
std::string in_uri(std::string_view host) {
  const auto ip = IpAddress::parse(host);
  return ip && ip->is_v6() ? fmt::format("[{}]", host) : std::string(host);
}

bool is_this_machine(std::string_view host) {
  const auto ip = IpAddress::parse(host);
  return host == "localhost" || host.ends_with(".localhost") || (ip && ip->is_loopback());
}

}  // namespace

std::string stun_uri(std::string_view host, const TurnPorts& ports) {
  return fmt::format("stun:{}:{}", in_uri(host), ports.turn.value);
}

std::vector<std::string> turn_uris(std::string_view host, const TurnPorts& ports) {
  const std::string name = in_uri(host);
  // The HTTPS port passes wherever the page itself did. One TLS port is enough: with five addresses
  // Firefox warns, rightly, that it gathers more slowly.
  const Port tls = ports.https.value_or(ports.turns);
  return {fmt::format("turn:{}:{}?transport=udp", name, ports.turn.value),
          fmt::format("turn:{}:{}?transport=tcp", name, ports.turn.value),
          fmt::format("turns:{}:{}?transport=tcp", name, tls.value)};
}

signaling::IceOffer OwnIceServers::offer(std::string_view member, std::string_view host) {
  if (!settings_.available) return {};
  // An interface address says more to ICE than loopback does, and works from this machine as well.
  const bool local = is_this_machine(host) && !settings_.address_for_local_clients.empty();
  const std::string_view name = local ? settings_.address_for_local_clients : host;
  const turn::Credential credential =
      turn::mint_credential(settings_.secret, member, wall_time_ + kLifetime);
  signaling::IceOffer offer;
  offer.servers.push_back({{stun_uri(name, settings_.ports)}, {}, {}});
  offer.servers.push_back(
      {turn_uris(name, settings_.ports), credential.username, credential.password});
  offer.renew_in = kRenewAfter;
  return offer;
}

}  // namespace beeline::server
