#include "beeline/server/addresses.h"

#include <fmt/format.h>

#include <algorithm>

#include "beeline/net/resolver.h"

namespace beeline::server {
namespace {

template <typename T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

bool listens_on(const Addresses& plan, const IpAddress& ip) {
  return std::ranges::any_of(plan.listen, [&](const IpAddress& listen) {
    return listen == ip || (listen.is_unspecified() && listen.family() == ip.family());
  });
}

// The address of `family` that relays are bound to: the primary one if we listen there, else any we
// listen on; loopback only where there is nothing else.
std::optional<IpAddress> relay_bound(const Addresses& plan, IpFamily family,
                                     const std::vector<net::InterfaceAddress>& interfaces,
                                     const std::vector<IpAddress>& primary) {
  for (const IpAddress& ip : primary)
    if (ip.family() == family && listens_on(plan, ip)) return ip;
  for (const auto& address : interfaces)  // loopback comes last in this list
    if (address.ip.family() == family && listens_on(plan, address.ip)) return address.ip;
  return std::nullopt;
}

// Addresses that only a LAN, a lab or a documentation network uses: where the server itself has one
// of them, its neighbours are who it is for.
bool is_local_kind(const IpAddress& ip) {
  if (ip.is_private()) return true;
  constexpr std::pair<const char*, unsigned> kDocumentation[] = {
      {"192.0.2.0", 24}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"2001:db8::", 32}};
  return std::ranges::any_of(kDocumentation, [&](const auto& prefix) {
    return ip.in_prefix(*IpAddress::parse(prefix.first), prefix.second);
  });
}

void plan_relays(Addresses& plan, const Config& config,
                 const std::vector<net::InterfaceAddress>& interfaces,
                 const std::vector<IpAddress>& primary) {
  for (const IpFamily family : {IpFamily::kV4, IpFamily::kV6}) {
    const auto bound = relay_bound(plan, family, interfaces, primary);
    if (!bound) continue;
    RelayAddress relay{*bound, *bound};
    for (const IpAddress& ip : config.public_ips)
      if (ip.family() == family) relay.advertised = ip;
    // A loopback relay helps only where everybody is on this machine; beside a real one of the
    // other family it would only be tried in vain.
    if (relay.advertised.is_loopback() && !plan.relays.empty()) continue;
    plan.relays.push_back(relay);
    add_once(plan.own, relay.advertised);
    for (const auto& address : interfaces)
      if (address.ip == relay.advertised && is_local_kind(address.ip))
        plan.local_subnets.push_back({address.ip, address.prefix_bits});
  }
}

}  // namespace

std::expected<std::vector<IpAddress>, std::string> public_addresses(
    const std::vector<std::string>& given) {
  std::vector<IpAddress> addresses;
  for (const std::string& text : given) {
    if (text == "auto") continue;
    const auto found = net::resolve(text);
    if (!found)
      return std::unexpected(
          fmt::format("--public-ip {} leads to no address: {}\ntry: --public-ip with the address",
                      text, found.error()));
    for (const IpAddress& ip : *found) add_once(addresses, ip);
  }
  return addresses;
}

Addresses plan_addresses(const Config& config, const std::vector<net::InterfaceAddress>& interfaces,
                         const std::vector<IpAddress>& primary) {
  Addresses plan;
  plan.listen = config.listen;
  if (plan.listen.empty()) {
    plan.listen.push_back(IpAddress::any(IpFamily::kV4));
    const auto v6 = [](const net::InterfaceAddress& address) { return address.ip.is_v6(); };
    if (std::ranges::any_of(interfaces, v6)) plan.listen.push_back(IpAddress::any(IpFamily::kV6));
  }
  for (const auto& address : interfaces) add_once(plan.own, address.ip);
  plan_relays(plan, config, interfaces, primary);
  for (const IpAddress& ip : config.public_ips) add_once(plan.reachable, ip);
  for (const IpAddress& ip : primary)
    if (listens_on(plan, ip)) add_once(plan.reachable, ip);
  for (const auto& address : interfaces)
    if (!address.ip.is_loopback() && listens_on(plan, address.ip))
      add_once(plan.reachable, address.ip);
  for (const Prefix& subnet : plan.local_subnets)
    plan.warnings.push_back(fmt::format(
        "{} is a local address: people on the internet cannot reach it, and the relay serves {}",
        subnet.ip.to_string(), subnet.to_string()));
  return plan;
}

}  // namespace beeline::server
