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

signaling::IceOffer OwnIceServers::offer(std::string_view member, std::string_view host) {
  if (!settings_.available) return {};
  // An interface address says more to ICE than loopback does, and works from this machine as well.
  const bool local = is_this_machine(host) && !settings_.address_for_local_clients.empty();
  const std::string name = in_uri(local ? settings_.address_for_local_clients : host);
  const turn::Credential credential =
      turn::mint_credential(settings_.secret, member, wall_time_ + kLifetime);
  signaling::IceOffer offer;
  offer.servers.push_back({{fmt::format("stun:{}:{}", name, settings_.turn_port.value)}, {}, {}});
  // Best first: what costs least, then what passes most firewalls. The HTTPS port passes wherever
  // this page did.
  offer.servers.push_back(
      {{fmt::format("turn:{}:{}?transport=udp", name, settings_.turn_port.value),
        fmt::format("turn:{}:{}?transport=tcp", name, settings_.turn_port.value),
        fmt::format("turns:{}:{}?transport=tcp", name, settings_.turns_port.value),
        fmt::format("turns:{}:{}?transport=tcp", name, settings_.https_port.value)},
       credential.username,
       credential.password});
  offer.renew_in = kRenewAfter;
  return offer;
}

}  // namespace beeline::server
