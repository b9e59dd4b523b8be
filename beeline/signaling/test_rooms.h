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
  IceOffer offer(std::string_view member, std::string_view host) override {
    ++offers;
    return {{{{"turn:" + std::string(host)}, std::string(member), "password"}}, renew_in};
  }
  int offers = 0;
  std::chrono::seconds renew_in{2700};
};

class TestRooms {
 public:
  static inline const std::string kRoom = "abcdefghijklmnopqrstuvwxyz";
  static inline const std::string kOtherRoom = "zyxwvutsrqponmlkjihgfedcba";

  explicit TestRooms(Settings settings = {}) : server(settings, Random::from_number(1), ice, log) {}

  ConnectionId connect() {
    const ConnectionId id{++last_connection_};
    feed(Connected{id, "host.example"});
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
  ConnectionId resume(const std::string& name, const boost::json::object& welcome,
                      std::uint64_t last_event) {
    const std::string token(welcome.at("resume").as_object().at("token").as_string());
    return join(name, kRoom,
                R"(,"resume":{"token":")" + token + R"(","last_event":)" +
                    std::to_string(last_event) + "}");
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
  // The close code a connection was given; 0 while it is open.
  std::uint16_t closed(ConnectionId id) const {
    const auto it = closed_.find(id);
    return it == closed_.end() ? 0 : it->second;
  }

  void feed(Server::Input input) {
    server.handle_input(std::move(input), now);
    drain(server, *this, now);
  }
  void transmit(OutgoingText text) { texts_[text.connection].push_back(std::move(text.text)); }
  void handle_event(Server::Event event) {
    if (const auto* close = std::get_if<CloseConnection>(&event))
      closed_[close->connection] = close->code;
    if (const auto* gone = std::get_if<MemberGone>(&event)) gone_members.push_back(gone->member);
  }

  FixedIceServers ice;
  NullLog log;
  Server server;
  Instant now{std::chrono::seconds(1000)};
  std::vector<std::string> gone_members;

 private:
  std::uint64_t last_connection_ = 0;
  std::map<ConnectionId, std::vector<std::string>> texts_;
  std::map<ConnectionId, std::uint16_t> closed_;
};

}  // namespace beeline::signaling
