// For tests of ice::Agent: two agents on one virtual clock and a flat network without NATs. What
// NATs do to them is the simulator's (tests/scenarios).
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/ice/agent.h"

namespace beeline::ice {

inline TransportAddress at(const char* text) {
  return *TransportAddress::parse(text);
}
inline IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

class TestAgents;

// One agent and its host.
class TestAgent {
 public:
  TestAgent(TestAgents& world, Settings settings, Role role, std::uint64_t seed);

  void transmit(HostTransmit transmit);
  void handle_event(AgentEvent event);
  void request(const HostRequest& request);
  void set_interfaces(std::vector<IpAddress> addresses);
  void feed(HostInput input);
  void settle();
  void run_timers();
  void send(std::string_view text);

  TestAgents& world;
  NullLog log;
  Agent agent;
  TestAgent* other = nullptr;
  std::vector<Interface> interfaces;
  std::map<SocketId, TransportAddress> sockets;
  std::vector<Candidate> candidates;
  std::vector<std::string> received;
  std::vector<State> states;
  std::vector<Path> paths;
  std::vector<HostRequest> requests;
  bool gathering_done = false;
  bool watching = false;
  std::uint16_t next_port = 10'000;
};

class TestAgents {
 public:
  struct Flight {
    Instant at;
    TransportAddress source;
    TransportAddress destination;
    std::vector<std::uint8_t> bytes;
  };

  explicit TestAgents(Settings settings_a = {}, Settings settings_b = {},
                      Role role_a = Role::kControlling, Role role_b = Role::kControlled)
      : a(*this, std::move(settings_a), role_a, 1), b(*this, std::move(settings_b), role_b, 2) {
    this->a.other = &this->b;
    this->b.other = &this->a;
    this->a.interfaces = {{"eth0", ip("198.51.100.1")}};
    this->b.interfaces = {{"eth0", ip("198.51.100.2")}};
  }

  void start() {
    for (TestAgent* side : {&a, &b}) {
      side->agent.gather(now);
      side->agent.set_remote(side->other->agent.local_parameters(), now);
      side->settle();
    }
  }
  // Until `done`, or `limit` has passed; true where it was done.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(60)) {
    const Instant end = now + limit;
    while (!done()) {
      if (!step(end)) return done();
    }
    return true;
  }
  void run_for(Duration span) {
    const Instant end = now + span;
    while (step(end)) {
    }
    now = end;
  }
  bool connected() const {
    return a.agent.state() == State::kConnected && b.agent.state() == State::kConnected;
  }

  PacketPool packets;
  Instant now{std::chrono::seconds(1000)};
  TestAgent a;
  TestAgent b;
  Duration delay = std::chrono::milliseconds(20);
  bool signaling = true;
  // Whether a packet is lost.
  std::function<bool(const Flight&)> lost = [](const Flight&) { return false; };
  std::vector<Flight> flights;
  std::vector<Flight> sent;  // everything that ever left

 private:
  bool step(Instant end) {
    std::optional<Instant> next = earliest(a.agent.next_timeout(), b.agent.next_timeout());
    for (const Flight& flight : flights) next = earliest(next, flight.at);
    if (!next || *next > end) return false;
    now = std::max(now, *next);
    const auto due = std::ranges::find_if(flights, [&](const Flight& f) { return f.at <= now; });
    if (due != flights.end()) {
      const Flight flight = std::move(*due);
      flights.erase(due);
      for (TestAgent* side : {&a, &b})
        for (const auto& [socket, address] : side->sockets)
          if (address == flight.destination)
            return side->feed(Datagram{socket, flight.source, packets.make(flight.bytes)}), true;
      return true;
    }
    a.run_timers();
    b.run_timers();
    return true;
  }
};

inline TestAgent::TestAgent(TestAgents& in, Settings settings, Role role, std::uint64_t seed)
    : world(in), agent(std::move(settings), role, Random::from_number(seed), in.packets, log) {}

inline void TestAgent::transmit(HostTransmit transmit) {
  const auto* datagram = std::get_if<SendDatagram>(&transmit);
  if (!datagram || !sockets.contains(datagram->socket)) return;
  const Bytes bytes = datagram->packet.bytes();
  TestAgents::Flight flight{.at = world.now + world.delay,
                            .source = sockets.at(datagram->socket),
                            .destination = datagram->destination,
                            .bytes = {bytes.begin(), bytes.end()}};
  world.sent.push_back(flight);
  if (!world.lost(flight)) world.flights.push_back(std::move(flight));
}

inline void TestAgent::handle_event(AgentEvent event) {
  if (const auto* request_event = std::get_if<HostRequest>(&event)) {
    requests.push_back(*request_event);
    request(*request_event);
  } else if (const auto* gathered = std::get_if<CandidateGathered>(&event)) {
    candidates.push_back(gathered->candidate);
    if (world.signaling) other->agent.add_remote(gathered->candidate, world.now);
  } else if (std::holds_alternative<GatheringDone>(event)) {
    gathering_done = true;
    if (world.signaling) other->agent.end_of_remote_candidates(world.now);
  } else if (const auto* changed = std::get_if<StateChanged>(&event)) {
    states.push_back(changed->state);
  } else if (const auto* path = std::get_if<PathChanged>(&event)) {
    paths.push_back(path->path);
  } else {
    received.emplace_back(as_text(std::get<Received>(event).packet.bytes()));
  }
}

inline void TestAgent::request(const HostRequest& request) {
  if (std::holds_alternative<WatchInterfaces>(request)) {
    watching = true;
    agent.handle_input(InterfacesChanged{interfaces}, world.now);
  } else if (const auto* bind = std::get_if<BindUdp>(&request)) {
    const TransportAddress address{bind->local.ip, Port{next_port++}};
    sockets[bind->socket] = address;
    agent.handle_input(UdpBound{bind->socket, address}, world.now);
  } else if (const auto* release = std::get_if<ReleaseUdp>(&request)) {
    sockets.erase(release->socket);
  }
}

inline void TestAgent::set_interfaces(std::vector<IpAddress> addresses) {
  interfaces.clear();
  for (const IpAddress& address : addresses) interfaces.push_back({"eth", address});
  if (watching) feed(InterfacesChanged{interfaces});
}

inline void TestAgent::feed(HostInput input) {
  agent.handle_input(std::move(input), world.now);
  settle();
}

inline void TestAgent::settle() {
  drain(agent, *this, world.now);
  drain(other->agent, *other, world.now);
}

inline void TestAgent::run_timers() {
  const auto due = agent.next_timeout();
  if (!due || *due > world.now) return;
  agent.handle_timeout(world.now);
  settle();
}

inline void TestAgent::send(std::string_view text) {
  Packet packet = world.packets.make(as_bytes(text));
  static_cast<void>(agent.send(std::move(packet), world.now));
  settle();
}

}  // namespace beeline::ice
