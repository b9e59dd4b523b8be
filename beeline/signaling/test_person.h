// For tests of signaling::Client: one of them and whoever it belongs to, who writes down what is
// told in a few words.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beeline/signaling/client.h"
#include "beeline/signaling/test_rooms.h"

namespace beeline::signaling {

class Person {
 public:
  explicit Person(std::string name, std::uint64_t seed = 1, std::string proof = {})
      : client({.room = TestRooms::kHostedRoom,
                .name = std::move(name),
                .presence_json = "{}",
                .host_key = {},
                .password_proof = std::move(proof)},
               Random::from_number(seed)) {}

  // For drain().
  void transmit(std::string text) {
    said.push_back(text);
    if (rooms != nullptr && connection) rooms->say(*connection, text);
  }
  void handle_event(ClientEvent event) {
    if (std::holds_alternative<OpenLink>(event)) wants_link = true;
    if (const auto* close = std::get_if<CloseLink>(&event)) {
      wants_link = false;
      if (rooms != nullptr && connection) rooms->close(*connection, close->clean);
      connection.reset();
    }
    note(event);
  }

  void note(const ClientEvent& event) {
    if (const auto* entered = std::get_if<Entered>(&event))
      news.push_back(entered->how == Entered::How::kAnew      ? "entered"
                     : entered->how == Entered::How::kResumed ? "resumed"
                                                              : "restored");
    if (const auto* came = std::get_if<MemberCame>(&event))
      news.push_back((came->known ? "again " : "came ") + name_of(came->id) +
                     (came->we_offer ? ", we offer" : ""));
    if (const auto* left = std::get_if<MemberLeft>(&event))
      news.push_back("left " + left->member.name + " " + left->reason);
    if (const auto* changed = std::get_if<MemberChanged>(&event))
      if (const auto* member = client.member(changed->id))
        news.push_back((member->away ? "away " : "changed ") + member->name);
    if (const auto* heard = std::get_if<Heard>(&event)) {
      if (const auto* text = std::get_if<std::string>(&heard->what))
        news.push_back(name_of(heard->from) + ": " + *text);
      else
        for (const Item& item : std::get<std::vector<Item>>(heard->what)) items.push_back(item);
    }
    if (const auto* ended = std::get_if<MembershipEnded>(&event)) {
      end = ended->code;
      end_detail = ended->detail;
    }
  }
  std::string name_of(const std::string& id) const {
    const auto* member = client.member(id);
    return member == nullptr ? id : member->name;
  }
  std::vector<std::string> told() { return std::exchange(news, {}); }

  Client client;
  TestRooms* rooms = nullptr;
  std::optional<ConnectionId> connection;
  bool wants_link = false;
  std::vector<std::string> said;
  std::vector<std::string> news;
  std::vector<Item> items;
  std::string end, end_detail;
};

}  // namespace beeline::signaling
