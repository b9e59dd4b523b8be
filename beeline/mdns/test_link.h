// For tests of the mDNS cores: a querier and a responder on two machines of one network, on a
// virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/mdns/querier.h"
#include "beeline/mdns/responder.h"

namespace beeline::mdns {

inline IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

// One machine with one core. Binds what it is asked for at once, unless it is told not to.
template <typename Core>
class Machine {
 public:
  Machine(std::vector<Interface> its_interfaces, Core its_core)
      : core(std::move(its_core)), interfaces(std::move(its_interfaces)) {}

  void settle(Instant now) { drain(core, *this, now); }
  void set_interfaces(std::vector<Interface> its_interfaces, Instant now) {
    interfaces = std::move(its_interfaces);
    core.handle_input(InterfacesChanged{interfaces}, now);
    settle(now);
  }
  void transmit(HostTransmit transmit) {
    auto& datagram = std::get<SendDatagram>(transmit);
    const JoinGroup* from = socket(datagram.socket);
    ensure(from != nullptr, "sent on a socket that is there");
    sent.push_back({{from->interface, kPort}, std::move(datagram)});
  }
  void handle_event(Querier::Event event) {
    if (auto* request = std::get_if<HostRequest>(&event)) return handle_event(std::move(*request));
    events.push_back(std::move(event));
  }
  void handle_event(HostRequest request) {
    if (std::get_if<WatchInterfaces>(&request) != nullptr) {
      core.handle_input(InterfacesChanged{interfaces}, {});
    } else if (const auto* join = std::get_if<JoinGroup>(&request)) {
      joined.push_back(*join);
      if (binds) core.handle_input(UdpBound{join->socket, {join->interface, kPort}}, {});
    } else if (const auto* release = std::get_if<ReleaseUdp>(&request)) {
      std::erase_if(joined, [&](const JoinGroup& one) { return one.socket == release->socket; });
    }
  }
  const JoinGroup* socket(SocketId id) const {
    for (const JoinGroup& one : joined)
      if (one.socket == id) return &one;
    return nullptr;
  }

  Core core;
  std::vector<Interface> interfaces;
  std::vector<JoinGroup> joined;
  struct Sent {
    TransportAddress source;
    SendDatagram datagram;
  };
  std::vector<Sent> sent;
  std::vector<Querier::Event> events;
  bool binds = true;
};

class Link {
 public:
  explicit Link(QuerierSettings settings = {})
      : asking({{"eth0", ip("192.0.2.1")}}, Querier(settings, packets)),
        answering({{"eth0", ip("192.0.2.2")}}, Responder({}, packets)) {}

  // Carries what the two say; the group is heard by both.
  void settle() {
    for (bool more = true; more;) {
      asking.settle(now);
      answering.settle(now);
      more = !asking.sent.empty() || !answering.sent.empty();
      for (const auto& one : std::exchange(asking.sent, {})) carry(one.source, one.datagram);
      for (const auto& one : std::exchange(answering.sent, {})) carry(one.source, one.datagram);
    }
  }
  void advance(Duration span) {
    const Instant end = now + span;
    for (;;) {
      const auto next = earliest(asking.core.next_timeout(), answering.core.next_timeout());
      if (!next || *next > end) break;
      step_to(std::max(now, *next));
    }
    step_to(end);
  }
  void step_to(Instant at) {
    now = at;
    asking.core.handle_timeout(now);
    answering.core.handle_timeout(now);
    settle();
  }
  void resolve(std::string_view name) {
    asking.core.resolve(name, now);
    settle();
  }
  static constexpr const char* kName = "0b5b0b4c-9b45-4d51-8ff1-09dd0f1a2c5c.local";
  std::string publish(const char* address) {
    EXPECT_TRUE(answering.core.publish(kName, ip(address), now));
    settle();
    return kName;
  }
  // Says something to a machine on its first socket.
  template <typename Machine>
  void say(Machine& to, const TransportAddress& source, Bytes bytes) {
    to.core.handle_input(Datagram{to.joined.front().socket, source, packets.make(bytes)}, now);
    settle();
  }
  std::vector<NameFound> found() const { return all<NameFound>(); }
  std::vector<NameNotFound> not_found() const { return all<NameNotFound>(); }

  // A message that was carried, and where to.
  struct Carried {
    TransportAddress destination;
    bool is_response = false;
    std::vector<Question> questions;
    std::size_t answers = 0;
    std::chrono::seconds ttl{0};
    Instant at;
  };
  std::vector<Carried> responses() const { return only(true); }
  std::vector<Carried> queries() const { return only(false); }

  PacketPool packets;
  Instant now{std::chrono::seconds(1000)};
  Machine<Querier> asking;
  Machine<Responder> answering;
  std::vector<Carried> carried;
  std::function<bool(const Carried&)> loses;

 private:
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Querier::Event& event : asking.events)
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    return found;
  }
  std::vector<Carried> only(bool response) const {
    std::vector<Carried> found;
    for (const Carried& one : carried)
      if (one.is_response == response) found.push_back(one);
    return found;
  }
  void carry(const TransportAddress& source, const SendDatagram& datagram) {
    const auto message = *Message::parse(datagram.packet.bytes());
    carried.push_back(
        {datagram.destination, message.is_response, message.questions, message.answers.size(),
         message.answers.empty() ? std::chrono::seconds(0) : message.answers[0].ttl, now});
    if (loses && loses(carried.back())) return;
    hear(asking, source, datagram);
    hear(answering, source, datagram);
  }
  template <typename To>
  void hear(To& to, const TransportAddress& source, const SendDatagram& datagram) {
    const IpAddress& destination = datagram.destination.ip;
    for (const JoinGroup& socket : std::vector(to.joined))
      if (socket.interface.family() == destination.family() &&
          (destination.is_multicast() || socket.interface == destination))
        to.core.handle_input(Datagram{socket.socket, source, packets.make(datagram.packet.bytes())},
                             now);
  }
};

}  // namespace beeline::mdns
