// A world with a bit of everything that goes on, for tests of repeatability and a measure of speed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "beeline/sim/world.h"

namespace beeline::sim {

// Two homes behind NATs of which each person calls a server by UDP every 200 ms, is echoed, and
// has a TCP connection open; links that lose, delay and reorder; a reboot in the middle.
class Bustle {
 public:
  explicit Bustle(std::uint64_t seed) : world(seed) {}

  // Everything that is drawn while building and running comes from the world.
  void build() {
    using std::chrono::milliseconds;
    Node& server = world.node("server");
    server.attach(internet_, {kServer.ip}, {.delay = milliseconds(10)});
    echo_ = server.bind_udp(kServer, {.heard = [this](const TransportAddress& source, Packet p) {
                              echo_->send(source, std::move(p));
                            }});
    listener_ = server.listen(kServer, ListenFor::kTcp,
                              {.accepted = [this](std::unique_ptr<Stream> stream) {
                                streams_.push_back(std::move(stream));
                              }});
    for (const std::string name : {"ana", "ben"}) add_home(name);
  }

  World world;

 private:
  struct Person {
    std::unique_ptr<UdpSocket> socket{};
    std::unique_ptr<Stream> stream{};
    std::unique_ptr<Alarm> pace{};
    Random random;
    int called = 0;
  };

  void add_home(const std::string& name) {
    using std::chrono::milliseconds;
    Segment& lan = world.segment(name + "'s home", {"192.168.1.0/24"_prefix});
    Router& router =
        world.router(name + "'s router", {.nat = NatProfile::symmetric()}, lan, internet_,
                     {IpAddress::v4(0xCB007100U + static_cast<std::uint32_t>(++homes_))});
    router.outside().set_profile({.delay = milliseconds(8),
                                  .jitter = milliseconds(6),
                                  .loss = Chance::percent(2),
                                  .bursts = {.start = Chance{5000}},
                                  .duplication = Chance::percent(1),
                                  .reordering = Chance::percent(2),
                                  .bits_per_second = 5'000'000});
    world.after(std::chrono::seconds(2), [&router] { router.reboot(); });
    Node& node = world.node(name);
    const IpAddress local = node.attach(lan).addresses()[0];
    people_.push_back(std::make_unique<Person>(Person{.random = world.random(name + "/says")}));
    Person& person = *people_.back();
    person.socket = node.bind_udp({local, Port{}}, {});
    person.stream = node.connect({.local = local, .remote = kServer}, {});
    person.pace = std::make_unique<Alarm>(node, [this, &person] { call(person); });
    person.pace->set(world.now());
  }

  void call(Person& person) {
    std::vector<std::uint8_t> bytes(20 + person.random.below(180));
    person.random.fill(bytes);
    person.socket->send(kServer, bytes);
    if (++person.called % 8 == 0) person.stream->send(bytes);
    person.pace->set(world.now() + std::chrono::milliseconds(200));
  }

  const TransportAddress kServer = "198.51.100.1:3478"_at;
  Segment& internet_ = world.segment("internet");
  int homes_ = 0;
  std::unique_ptr<UdpSocket> echo_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<std::unique_ptr<Person>> people_;
};

}  // namespace beeline::sim
