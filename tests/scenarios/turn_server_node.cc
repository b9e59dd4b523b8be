#include "tests/scenarios/turn_server_node.h"

#include "beeline/base/protocol_core.h"

namespace beeline::scenarios {
namespace {

constexpr const char* kSecret = "the simulator's";
constexpr WallTime kWallTime{std::chrono::seconds(1'000'000)};

turn::Settings settings_for(const sim::Node& node) {
  turn::Settings settings;
  settings.secret = kSecret;
  for (const Interface& interface : node.interfaces()) {
    settings.policy.own.push_back(interface.address);
    bool known = false;
    for (const turn::RelayFamily& family : settings.families)
      known = known || family.bound.family() == interface.address.family();
    if (!known) settings.families.push_back({interface.address, interface.address});
  }
  // The world's internet is made of documentation addresses.
  for (const char* prefix : {"192.0.2.0", "198.51.100.0", "203.0.113.0"})
    settings.policy.allow.push_back({*IpAddress::parse(prefix), 24});
  settings.policy.allow.push_back({*IpAddress::parse("198.18.0.0"), 15});
  settings.policy.allow.push_back({*IpAddress::parse("2001:db8::"), 32});
  return settings;
}

}  // namespace

struct TurnServerNode::Running {
  struct Client {
    std::unique_ptr<sim::Stream> stream;
    turn::StreamFramer framer;
  };

  Running(sim::Node& in, int start, bool tests_nats)
      : node(in),
        world(in.world()),
        server(settings_for(in), world.random("turn server " + std::to_string(start)),
               world.packets(), log),
        deadline(in, [this] {
          server.handle_timeout(world.now());
          settle();
        }) {
    server.set_wall_time(kWallTime);
    std::uint32_t listener = 0;
    for (const Interface& interface : node.interfaces()) {
      listen_udp({interface.address, kPort}, turn::ListenerId{listener++});
      listen_streams({interface.address, kPort}, turn::ListenerId{listener++});
      listen_streams({interface.address, kTlsPort}, turn::ListenerId{listener++});
    }
    if (tests_nats) add_alternates(listener);
  }

  // The UDP listeners of start-up are every third one, by interface.
  void add_alternates(std::uint32_t listener) {
    const auto interfaces = node.interfaces();
    for (const IpFamily family : {IpFamily::kV4, IpFamily::kV6}) {
      std::vector<turn::Place> places;
      for (std::uint32_t i = 0; i < interfaces.size(); ++i) {
        const IpAddress& ip = interfaces[i].address;
        if (ip.family() != family || places.size() == 4) continue;
        places.push_back({turn::ListenerId{3 * i}, {ip, kPort}});
        places.push_back({turn::ListenerId{listener}, {ip, kOtherPort}});
        listen_udp({ip, kOtherPort}, turn::ListenerId{listener++});
      }
      if (places.size() == 4) alternates.push_back({{places[0], places[1], places[2], places[3]}});
    }
    server.set_alternates(alternates);
  }

  void listen_udp(const TransportAddress& local, turn::ListenerId listener) {
    auto socket = node.bind_udp(
        local, {.heard = [this, local, listener](const TransportAddress& source, Packet packet) {
          feed(turn::ClientDatagram{{listener, local, source}, std::move(packet)});
        }});
    ensure(socket != nullptr, "the server's port");
    udp[listener] = std::move(socket);
  }

  void listen_streams(const TransportAddress& local, turn::ListenerId listener) {
    listeners.push_back(
        node.listen(local, sim::ListenFor::kTcpOrTls,
                    {.accepted = [this, listener](std::unique_ptr<sim::Stream> stream) {
                      accept(std::move(stream), listener);
                    }}));
  }

  void accept(std::unique_ptr<sim::Stream> stream, turn::ListenerId listener) {
    const turn::FiveTuple tuple{listener, stream->local(), stream->remote()};
    stream->set_handlers({.heard = [this, tuple](Bytes bytes) { read(tuple, bytes); },
                          .closed =
                              [this, tuple](StreamEnd) {
                                clients.erase(tuple);
                                feed(turn::ClientStreamClosed{tuple});
                              }});
    clients.erase(tuple);
    clients.emplace(tuple, Client{std::move(stream), turn::StreamFramer(world.packets())});
  }

  void read(const turn::FiveTuple& tuple, Bytes bytes) {
    while (!bytes.empty()) {
      const auto client = clients.find(tuple);
      if (client == clients.end()) return;
      const auto result = client->second.framer.read(bytes);
      if (result == turn::StreamFramer::Result::kBroken) {
        client->second.stream->reset();
        clients.erase(client);
        return feed(turn::ClientStreamClosed{tuple});
      }
      if (result == turn::StreamFramer::Result::kFrame)
        feed(turn::ClientDatagram{tuple, client->second.framer.take()});
    }
  }

  void feed(turn::Server::Input input) {
    server.handle_input(std::move(input), world.now());
    settle();
  }

  void settle() {
    if (draining) return;
    draining = true;
    drain(server, *this, world.now());
    draining = false;
    deadline.set(server.next_timeout());
  }

  void transmit(turn::Server::Transmit transmit) {
    if (auto* out = std::get_if<turn::ToClient>(&transmit)) {
      if (const auto stream = clients.find(out->client); stream != clients.end()) {
        turn::pad_for_stream(out->packet);
        stream->second.stream->send(out->packet.bytes());
      } else if (const auto socket = udp.find(out->client.listener); socket != udp.end()) {
        socket->second->send(out->client.remote, std::move(out->packet));
      }
      return;
    }
    auto& peer = std::get<turn::ToPeer>(transmit);
    if (const auto relay = relays.find(peer.relay); relay != relays.end())
      relay->second->send(peer.peer.address(), std::move(peer.packet));
  }

  void handle_event(turn::Server::Event event) {
    if (const auto* bind = std::get_if<turn::BindRelay>(&event)) {
      const turn::RelayId relay = bind->relay;
      auto socket = node.bind_udp(
          bind->address, {.heard = [this, relay](const TransportAddress& source, Packet packet) {
            feed(turn::PeerDatagram{relay, source, std::move(packet)});
          }});
      if (!socket) return server.handle_input(turn::RelayBindFailed{relay}, world.now());
      relays[relay] = std::move(socket);
      server.handle_input(turn::RelayBound{relay}, world.now());
    } else if (const auto* release = std::get_if<turn::ReleaseRelay>(&event)) {
      relays.erase(release->relay);
    }
  }

  sim::Node& node;
  sim::World& world;
  NullLog log;
  turn::Server server;
  std::vector<turn::Alternates> alternates;
  std::map<turn::ListenerId, std::unique_ptr<sim::UdpSocket>> udp;
  std::vector<std::unique_ptr<sim::Listener>> listeners;
  std::map<turn::FiveTuple, Client> clients;
  std::map<turn::RelayId, std::unique_ptr<sim::UdpSocket>> relays;
  sim::Alarm deadline;
  bool draining = false;
};

TurnServerNode::TurnServerNode(sim::Node& node, bool tests_nats)
    : node_(node), tests_nats_(tests_nats) {
  node.world().trust(node, kName);
  start();
}

TurnServerNode::~TurnServerNode() = default;

void TurnServerNode::kill() {
  running_.reset();
}

void TurnServerNode::start() {
  running_.reset();
  running_ = std::make_unique<Running>(node_, starts_++, tests_nats_);
}

std::size_t TurnServerNode::allocations() const {
  return running_ ? running_->server.allocations() : 0;
}

turn::Credential TurnServerNode::credential(const std::string& user) const {
  return turn::mint_credential(kSecret, user, kWallTime + std::chrono::hours(24));
}

bool TurnServerNode::is_relay_port(const TransportAddress& address) const {
  if (!running_) return false;
  for (const auto& [relay, socket] : running_->relays)
    if (socket->local() == address) return true;
  return false;
}

}  // namespace beeline::scenarios
