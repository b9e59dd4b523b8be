// For tests of signaling::Server: people with connections, on a virtual clock, and what each of
// them heard.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/signaling/server.h"

namespace beeline::signaling {

class FixedIceServers final : public IceServers {
 public:
  IceOffer offer(std::string_view member, std::string_view server_name) override {
    ++offers;
    return {{{{"turn:" + std::string(server_name)}, std::string(member), "password"}}, renew_in};
  }
  int offers = 0;
  std::chrono::seconds renew_in{2700};
};

class TestRooms {
 public:
  static inline const std::string kRoom = "abcdefghijklmnopqrstuvwxyz";
  static inline const std::string kOtherRoom = "zyxwvutsrqponmlkjihgfedcba";

  static inline const std::string kHostKey = "the-key-of-a-host-as-its-client-made-it-x43";
  static inline const std::string kHostedRoom = room_of_host_key(kHostKey);
  static inline const std::string kProof = std::string(kProofLength, 'p');
  static inline const std::string kOtherProof = std::string(kProofLength, 'q');
  static constexpr WallTime kStart{std::chrono::seconds(1'790'000'000)};

  explicit TestRooms(Settings settings = {}, std::uint64_t seed = 1)
      : server(settings, Random::from_number(seed), ice, log, &texts) {
    server.set_wall_time(kStart);
  }
  // What a server finds that starts after `earlier` has ended.
  void load_rooms_of(const TestRooms& earlier) {
    for (const auto& [room, state] : earlier.stored) feed(RoomStateLoaded{room, state});
  }

  ConnectionId connect() {
    const ConnectionId id{++last_connection_};
    feed(Connected{id, "server.example", source});
    return id;
  }
  void say(ConnectionId from, const std::string& text) { feed(TextReceived{from, text}); }
  void close(ConnectionId id, bool clean) { feed(ConnectionClosed{id, clean}); }

  // Connects and says hello; the new member's id is in id_of().
  ConnectionId join(const std::string& name, const std::string& room = kRoom,
                    const std::string& more = "") {
    const ConnectionId id = connect();
    say(id, R"({"type":"hello","versions":[1],"room":")" + room + R"(","name":")" + name + "\"" +
                more + "}");
    return id;
  }
  ConnectionId join_as_host(const std::string& name, const std::string& key = kHostKey) {
    return join(name, kHostedRoom, R"(,"host_key":")" + key + "\"");
  }
  ConnectionId join_with_proof(const std::string& proof) {
    return join("", kHostedRoom, R"(,"password_proof":")" + proof + "\"");
  }
  static std::string showing_token(const boost::json::object& welcome, std::uint64_t last_event) {
    const std::string token(welcome.at("resume").as_object().at("token").as_string());
    return R"(,"resume":{"token":")" + token + R"(","last_event":)" + std::to_string(last_event) +
           "}";
  }
  ConnectionId resume(const std::string& name, const boost::json::object& welcome,
                      std::uint64_t last_event) {
    return join(name, std::string(welcome.at("room").as_string()),
                showing_token(welcome, last_event));
  }

  void advance(Duration span) {
    const Instant end = now + span;
    while (const auto next = server.next_timeout()) {
      if (*next > end) break;
      now = std::max(now, *next);
      server.handle_timeout(now);
      drain(server, *this, now);
    }
    now = end;
  }

  // What a connection was told, oldest first; reading it forgets it.
  std::vector<boost::json::object> heard(ConnectionId id) {
    std::vector<boost::json::object> all;
    for (const std::string& text : std::exchange(texts_[id], {}))
      all.push_back(boost::json::parse(text).as_object());
    return all;
  }
  // The types of what a connection was told, separated by spaces.
  std::string types(ConnectionId id) {
    std::string joined;
    for (const auto& message : heard(id))
      joined += (joined.empty() ? "" : " ") + std::string(message.at("type").as_string());
    return joined;
  }
  boost::json::object welcome(ConnectionId id) { return heard(id).at(0); }
  std::string id_of(ConnectionId id) { return std::string(welcome(id).at("you").as_string()); }
  // The code of the last error a connection was told; empty where it was told none.
  std::string error(ConnectionId id) {
    std::string code;
    for (const auto& message : heard(id))
      if (message.at("type") == "error") code = message.at("code").as_string().c_str();
    return code;
  }
  // The close code a connection was given; 0 while it is open.
  std::uint16_t closed(ConnectionId id) const {
    const auto it = closed_.find(id);
    return it == closed_.end() ? 0 : it->second;
  }

  void feed(Server::Input input) {
    server.handle_input(std::move(input), now);
    drain(server, *this, now);
  }
  void transmit(OutgoingText text) {
    texts_[text.connection].push_back(text.text.own.append(text.text.shared.view()));
  }
  void handle_event(Server::Event event) {
    if (const auto* close = std::get_if<CloseConnection>(&event))
      closed_[close->connection] = close->code;
    if (const auto* gone = std::get_if<MemberGone>(&event)) gone_members.push_back(gone->member);
    if (auto* changed = std::get_if<RoomStateChanged>(&event)) {
      ++stores;
      if (changed->state)
        stored[changed->room] = *changed->state;
      else
        stored.erase(changed->room);
    }
  }

  FixedIceServers ice;
  NullLog log;
  TextPool texts{*std::pmr::new_delete_resource()};
  Server server;
  Instant now{std::chrono::seconds(1000)};
  std::vector<std::string> gone_members;
  std::string source = "192.0.2.1";           // of the connections that come next
  std::map<std::string, std::string> stored;  // what was to be kept, by room
  int stores = 0;

 private:
  std::uint64_t last_connection_ = 0;
  std::map<ConnectionId, std::vector<std::string>> texts_;
  std::map<ConnectionId, std::uint16_t> closed_;
};

}  // namespace beeline::signaling
