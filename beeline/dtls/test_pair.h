// For tests of DTLS sessions: a client and a server on a path with delay, loss, copies and changes,
// on a virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/dtls/session.h"

namespace beeline::dtls {

using Datagram = std::vector<std::uint8_t>;

inline constexpr WallTime kToday{std::chrono::seconds(1'790'000'000)};
inline constexpr Duration kTick{1};
inline constexpr Duration kOneWay = std::chrono::milliseconds(10);

inline Datagram copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// Where tests do not care whose keys they are: made once, for speed.
inline const crypto::Identity& client_identity() {
  static const crypto::Identity kIdentity = crypto::make_identity(kToday, std::chrono::days(30));
  return kIdentity;
}
inline const crypto::Identity& server_identity() {
  static const crypto::Identity kIdentity = crypto::make_identity(kToday, std::chrono::days(30));
  return kIdentity;
}

inline std::vector<Record> records_of(const Datagram& datagram) {
  std::vector<Record> records;
  ByteReader reader(datagram);
  while (const auto record = read_record(reader)) records.push_back(*record);
  return records;
}

// 1: ClientHello, 2: ServerHello to ServerHelloDone, 3: Certificate to Finished of the client,
// 4: ChangeCipherSpec and Finished of the server, 0: anything else.
inline int flight_of(const Datagram& datagram, bool from_client) {
  const auto records = records_of(datagram);
  if (records.empty() || records[0].type == ContentType::kApplication ||
      records[0].type == ContentType::kAlert)
    return 0;
  if (from_client) return begins_with_client_hello(datagram) ? 1 : 3;
  return records[0].type == ContentType::kHandshake && records[0].epoch == 0 ? 2 : 4;
}

// One end, with what it said and what happened to it.
struct Side {
  Side(Settings settings, PacketPool& packets) : session(std::move(settings), packets, log) {}

  void transmit(Packet packet) { sent.push_back(copy(packet.bytes())); }
  void handle_event(Session::Event event) {
    if (const auto* one = std::get_if<Connected>(&event)) connected = *one;
    if (const auto* one = std::get_if<Received>(&event))
      received.emplace_back(as_text(one->packet.bytes()));
    if (std::get_if<Closed>(&event) != nullptr) closed = true;
    if (const auto* one = std::get_if<Failed>(&event)) failed = *one;
    ++events;
  }

  NullLog log;
  Session session;
  std::vector<Datagram> sent;  // not yet carried
  std::optional<Connected> connected;
  std::vector<std::string> received;
  bool closed = false;
  std::optional<Failed> failed;
  std::size_t events = 0;
};

class Pair {
 public:
  struct Carried {
    bool from_client;
    Datagram datagram;
    Instant at;
    int flight;
  };

  static Settings client_settings() {
    return {.role = Role::kClient,
            .identity = client_identity(),
            .remote_fingerprints = {fingerprint_of(server_identity())}};
  }
  static Settings server_settings() {
    return {.role = Role::kServer,
            .identity = server_identity(),
            .remote_fingerprints = {fingerprint_of(client_identity())}};
  }

  explicit Pair(Settings client_side = client_settings(), Settings server_side = server_settings())
      : client(std::make_unique<Side>(std::move(client_side), packets)),
        server(std::make_unique<Side>(std::move(server_side), packets)) {}

  Side& side(Role role) { return role == Role::kClient ? *client : *server; }
  static Role other(Role role) { return role == Role::kClient ? Role::kServer : Role::kClient; }

  void start() {
    client->session.start(now);
    settle();
  }
  // Whether both are connected at the end.
  bool connect(Duration span = std::chrono::seconds(30)) {
    start();
    for (const Instant end = now + span; now < end && !both_connected();)
      if (!step(end)) break;
    return both_connected();
  }
  bool both_connected() const { return client->connected && server->connected; }

  void advance(Duration span) {
    const Instant end = now + span;
    while (step(end)) {
    }
    now = end;
  }
  // Carries on to the next thing that happens until `end`; false where nothing does.
  bool step(Instant end) {
    auto next = earliest(client->session.next_timeout(), server->session.next_timeout());
    if (!under_way.empty()) next = earliest(next, under_way.begin()->first);
    if (!next || *next > end) return false;
    now = std::max(now, *next);
    while (!under_way.empty() && under_way.begin()->first <= now) {
      const auto [to_client, datagram] = std::move(under_way.begin()->second);
      under_way.erase(under_way.begin());
      give(to_client ? *client : *server, datagram);
    }
    client->session.handle_timeout(now);
    server->session.handle_timeout(now);
    settle();
    return true;
  }
  void give(Side& to, const Datagram& datagram) {
    to.session.handle_input(packets.make(datagram), now);
    settle();
  }
  void settle() {
    drain(*client);
    drain(*server);
  }
  // One record of `text`, which is carried like anything else.
  std::expected<void, SendError> say(Role from, std::string_view text) {
    const auto result = side(from).session.send(packets.make(as_bytes(text)), now);
    settle();
    return result;
  }
  // Whether a text gets through, from either side.
  bool talks() {
    const std::size_t before = client->received.size() + server->received.size();
    if (!say(Role::kClient, "hello server") || !say(Role::kServer, "hello client")) return false;
    advance(kOneWay);
    return client->received.size() + server->received.size() == before + 2;
  }
  // The record that `from` makes of `text`, taken off the path.
  Datagram record(Role from, std::string_view text) {
    const auto kept = std::exchange(path, [](const Carried&) { return std::vector<Duration>(); });
    EXPECT_TRUE(say(from, text));
    path = kept;
    return carried.back().datagram;
  }
  std::size_t count(bool from_client, int flight) const {
    std::size_t found = 0;
    for (const Carried& one : carried)
      found += one.from_client == from_client && one.flight == flight ? 1 : 0;
    return found;
  }

  PacketPool packets;
  Instant now{std::chrono::seconds(1000)};
  std::unique_ptr<Side> client;
  std::unique_ptr<Side> server;
  // After how long each copy of a datagram arrives; none: lost.
  std::function<std::vector<Duration>(const Carried&)> path = [](const Carried&) {
    return std::vector{kOneWay};
  };
  std::vector<Carried> carried;

 private:
  void drain(Side& side) {
    beeline::drain(side.session, side, now);
    const bool from_client = &side == client.get();
    for (Datagram& datagram : std::exchange(side.sent, {})) {
      const int flight = flight_of(datagram, from_client);
      carried.push_back({from_client, std::move(datagram), now, flight});
      for (const Duration delay : path(carried.back()))
        under_way.emplace(now + delay, std::pair(!from_client, carried.back().datagram));
    }
  }

  std::multimap<Instant, std::pair<bool, Datagram>> under_way;
};

}  // namespace beeline::dtls
