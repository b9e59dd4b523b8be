#include "tests/scenarios/internet.h"

namespace beeline::scenarios {

using namespace sim::literals;

namespace {

sim::Prefix v4_prefix(std::uint32_t base, std::uint32_t number) {
  return {IpAddress::v4(base | (number << 8)), 24};
}

sim::Prefix v6_prefix(std::uint32_t number) {
  std::array<std::uint8_t, 16> octets{0x20, 0x01, 0x0d, 0xb8};
  octets[6] = static_cast<std::uint8_t>(number >> 8);
  octets[7] = static_cast<std::uint8_t>(number);
  return {IpAddress::v6(octets), 64};
}

constexpr std::uint32_t kHome = 0xC0A80000;     // 192.168.0.0
constexpr std::uint32_t kRouted = 0xC6120000;   // 198.18.0.0: no NAT, so an address of the internet
constexpr std::uint32_t kCarrier = 0x64400000;  // 100.64.0.0
const IpAddress kSecondServer = "198.51.100.2"_ip;

}  // namespace

Internet::Internet(std::uint64_t seed)
    : world(seed), core(world.segment("internet")), server_node(world.node("server")) {
  server_node.attach(core, {"198.51.100.1"_ip, kSecondServer, "2001:db8:ffff::1"_ip},
                     {.delay = std::chrono::milliseconds(5)});
  world.add_name(TurnServerNode::kName, {"198.51.100.1"_ip, "2001:db8:ffff::1"_ip});
  //= RFC 7050 §8.1
  world.add_name("ipv4only.arpa", {"192.0.0.170"_ip, "192.0.0.171"_ip});
  server = std::make_unique<TurnServerNode>(server_node);
}

std::vector<IpAddress> Internet::next_public(const PlacePlan& plan) {
  const std::uint32_t number = publics_++;
  std::vector<IpAddress> addresses;
  // A router's outside is IPv4 where it translates; IPv6 is routed through it.
  if (plan.v4 || plan.nat64) addresses.push_back(IpAddress::v4(0xCB007100 + number));
  if (plan.v6) {
    const IpAddress network = v6_prefix(0xFFFE).network;
    std::array<std::uint8_t, 16> octets{};
    std::copy(network.bytes().begin(), network.bytes().end(), octets.begin());
    octets[15] = static_cast<std::uint8_t>(number);
    addresses.push_back(IpAddress::v6(octets));
  }
  return addresses;
}

Place& Internet::place(const std::string& name, const PlacePlan& plan) {
  Place& place = *places_.emplace_back(std::make_unique<Place>());
  place.plan = plan;
  const bool filtered = plan.firewall.outbound != sim::FirewallProfile::Outbound::kAll ||
                        plan.firewall.inbound != sim::FirewallProfile::Inbound::kAll;
  std::size_t routers = std::max<std::size_t>(plan.nats.size(), filtered || plan.nat64 ? 1 : 0);
  if (routers == 0) {
    place.home = &core;
    return place;
  }
  std::vector<sim::Segment*> segments;
  const std::uint32_t number = ++homes_;
  for (std::size_t i = 0; i < routers; ++i) {
    std::vector<sim::Prefix> prefixes;
    if (plan.v4)
      prefixes.push_back(v4_prefix(plan.nats.empty() ? kRouted
                                   : i == 0          ? kHome
                                                     : kCarrier,
                                   number * 4 + static_cast<std::uint32_t>(i)));
    if (plan.v6) prefixes.push_back(v6_prefix(number * 4 + static_cast<std::uint32_t>(i)));
    segments.push_back(&world.segment(name + " lan" + std::to_string(i), prefixes));
  }
  segments.push_back(&core);
  for (std::size_t i = routers; i-- > 0;) {
    const bool outermost = i + 1 == routers;
    sim::RouterProfile profile;
    if (i < plan.nats.size()) profile.nat = plan.nats[i];
    if (outermost) {
      profile.nat64 = plan.nat64;
      profile.firewall = plan.firewall;
    }
    place.routers.insert(
        place.routers.begin(),
        &world.router(name + " router" + std::to_string(i), profile, *segments[i], *segments[i + 1],
                      outermost ? next_public(plan) : std::vector<IpAddress>{}));
  }
  place.home = segments.front();
  return place;
}

Caller& Internet::caller(const std::string& name, Place& place, ice::Role role,
                         const ice::Settings& settings) {
  sim::Node& node = world.node(name);
  attach(node, place);
  return *callers_.emplace_back(std::make_unique<Caller>(node, settings, role));
}

void Internet::attach(sim::Node& node, Place& place) {
  if (place.home == &core)
    node.attach(core, next_public(place.plan), place.plan.link);
  else
    node.attach(*place.home, place.plan.link);
}

ice::Server Internet::second_stun_server() const {
  return {.kind = ice::ServerKind::kStun,
          .host = kSecondServer.to_string(),
          .port = TurnServerNode::kPort,
          .username = {},
          .password = {}};
}

std::vector<ice::Server> Internet::servers(const std::string& user) const {
  const turn::Credential credential = server->credential(user);
  const auto turn = [&](ice::ServerTransport transport, Port port) {
    return ice::Server{.kind = ice::ServerKind::kTurn,
                       .transport = transport,
                       .host = TurnServerNode::kName,
                       .port = port,
                       .username = credential.username,
                       .password = credential.password};
  };
  return {{.kind = ice::ServerKind::kStun,
           .host = TurnServerNode::kName,
           .port = TurnServerNode::kPort,
           .username = {},
           .password = {}},
          turn(ice::ServerTransport::kUdp, TurnServerNode::kPort),
          turn(ice::ServerTransport::kTcp, TurnServerNode::kPort),
          turn(ice::ServerTransport::kTls, TurnServerNode::kTlsPort)};
}

}  // namespace beeline::scenarios
