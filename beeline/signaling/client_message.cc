#include "beeline/signaling/client_message.h"

#include <array>
#include <boost/json.hpp>

namespace beeline::signaling {
namespace {

namespace json = boost::json;

// Longer would be no server's; and a negative or huge number would be none.
constexpr std::int64_t kLongestSeconds = 7LL * 24 * 3600;

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}
bool flag_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}
std::uint64_t count_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(value->get_int64());
}
std::chrono::seconds seconds_at(const json::object& object, std::string_view key) {
  const auto count = static_cast<std::int64_t>(count_at(object, key));
  return std::chrono::seconds(std::min(count, kLongestSeconds));
}
const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}
const json::array* array_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::optional<Roommate> read_member(const json::value* value) {
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  if (object == nullptr) return std::nullopt;
  Roommate member{.id = text_at(*object, "id"),
                  .name = text_at(*object, "name"),
                  .away = flag_at(*object, "away")};
  if (member.id.empty()) return std::nullopt;
  if (const auto* presence = object_at(*object, "presence"))
    member.presence_json = json::serialize(*presence);
  return member;
}

IceOffer read_ice(const json::object* object) {
  IceOffer offer;
  const json::array* servers = object == nullptr ? nullptr : array_at(*object, "servers");
  if (servers == nullptr) return offer;
  for (const json::value& value : *servers) {
    const json::object* one = value.if_object();
    if (one == nullptr) continue;
    IceServer server{{}, text_at(*one, "username"), text_at(*one, "credential")};
    if (const json::array* urls = array_at(*one, "urls")) {
      for (const json::value& url : *urls)
        if (url.is_string()) server.urls.emplace_back(url.get_string());
    } else if (std::string url = text_at(*one, "urls"); !url.empty()) {
      server.urls.push_back(std::move(url));
    }
    if (!server.urls.empty()) offer.servers.push_back(std::move(server));
  }
  offer.renew_in = seconds_at(*object, "renew_in_s");
  return offer;
}

ServerWelcome read_welcome(const json::object& object) {
  ServerWelcome welcome{.you = text_at(object, "you"),
                        .resumed = flag_at(object, "resumed"),
                        .restored = flag_at(object, "restored"),
                        .members = {},
                        .ice = read_ice(object_at(object, "ice")),
                        .token = {},
                        .grace = seconds_at(object, "grace_s"),
                        .last_event = count_at(object, "last_event")};
  if (const auto* resume = object_at(object, "resume")) welcome.token = text_at(*resume, "token");
  if (const json::array* members = array_at(object, "members"))
    for (const json::value& value : *members)
      if (auto member = read_member(&value)) welcome.members.push_back(std::move(*member));
  return welcome;
}

std::optional<Item> read_item(const json::object& object) {
  const std::string kind = text_at(object, "kind");
  if (kind == "reset") return ResetItem{};
  if (kind == "ask") return AskItem{};
  if (kind == "go") return GoItem{};
  if (kind == "description") {
    const json::object* description = object_at(object, "description");
    if (description == nullptr) return std::nullopt;
    return DescriptionItem{text_at(*description, "type"), text_at(*description, "sdp")};
  }
  if (kind != "candidate") return std::nullopt;
  const json::object* candidate = object_at(object, "candidate");
  if (candidate == nullptr) return CandidatesEndItem{};
  CandidateItem item{.candidate = text_at(*candidate, "candidate"),
                     .mid = text_at(*candidate, "sdpMid"),
                     .line_index = std::nullopt,
                     .ufrag = text_at(*candidate, "usernameFragment")};
  const json::value* index = candidate->if_contains("sdpMLineIndex");
  if (index != nullptr && index->is_int64()) item.line_index = index->get_int64();
  return item;
}

SaidRelay read_relay(const json::object& object) {
  SaidRelay relay{text_at(object, "from"), {}};
  const json::array* items = array_at(object, "items");
  if (items == nullptr) return relay;
  for (const json::value& value : *items)
    if (const json::object* one = value.if_object())
      if (auto item = read_item(*one)) relay.items.push_back(std::move(*item));
  return relay;
}

decltype(ServerEvent::what) read_event(std::string_view type, const json::object& object) {
  if (type == "relay") return read_relay(object);
  if (type == "message") return SaidMessage{text_at(object, "from"), text_at(object, "text")};
  if (type == "ice") return SaidIce{read_ice(object_at(object, "ice"))};
  if (type == "joined") {
    auto member = read_member(object.if_contains("member"));
    if (member) return SaidJoined{std::move(*member)};
    return SaidOther{};
  }
  std::string member = text_at(object, "member");
  if (type == "away" || type == "back") return SaidAway{std::move(member), type == "away"};
  if (type == "gone") return SaidGone{std::move(member), text_at(object, "reason")};
  if (type == "renamed") return SaidRenamed{std::move(member), text_at(object, "name")};
  if (type == "presence") {
    const auto* presence = object_at(object, "presence");
    return SaidPresence{std::move(member), presence ? json::serialize(*presence) : "{}"};
  }
  return SaidOther{};
}

json::object to_json(const DescriptionItem& item) {
  return {{"kind", "description"},
          {"description", json::object{{"type", item.type}, {"sdp", item.sdp}}}};
}
json::object to_json(const CandidateItem& item) {
  json::object candidate{{"candidate", item.candidate}};
  if (!item.mid.empty()) candidate["sdpMid"] = item.mid;
  if (item.line_index) candidate["sdpMLineIndex"] = *item.line_index;
  if (!item.ufrag.empty()) candidate["usernameFragment"] = item.ufrag;
  return {{"kind", "candidate"}, {"candidate", std::move(candidate)}};
}
json::object to_json(const CandidatesEndItem&) {
  return {{"kind", "candidate"}, {"candidate", nullptr}};
}
json::object to_json(const ResetItem&) {
  return {{"kind", "reset"}};
}
json::object to_json(const AskItem&) {
  return {{"kind", "ask"}};
}
json::object to_json(const GoItem&) {
  return {{"kind", "go"}};
}

}  // namespace

std::optional<ServerMessage> parse_server_message(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const std::string type = text_at(*object, "type");
  if (type == "welcome") {
    ServerWelcome welcome = read_welcome(*object);
    if (welcome.you.empty()) return std::nullopt;
    return welcome;
  }
  if (type == "error")
    return ServerError{text_at(*object, "code"), text_at(*object, "message"),
                       flag_at(*object, "fatal")};
  if (type == "bye") return ServerBye{text_at(*object, "reason")};
  if (type == "pong") return ServerPong{};
  const std::uint64_t number = count_at(*object, "event");
  if (number == 0) return std::nullopt;
  return ServerEvent{number, read_event(type, *object)};
}

std::string write_hello(const Hello& hello) {
  json::object message{{"type", "hello"},
                       {"versions", json::array{kVersion}},
                       {"room", hello.room},
                       {"name", hello.name}};
  boost::system::error_code error;
  json::value presence = json::parse(hello.presence_json, error);
  if (!error && presence.is_object()) message["presence"] = std::move(presence);
  if (hello.resume)
    message["resume"] =
        json::object{{"token", hello.resume->token}, {"last_event", hello.resume->last_event}};
  if (!hello.host_key.empty()) message["host_key"] = hello.host_key;
  if (!hello.password_proof.empty()) message["password_proof"] = hello.password_proof;
  return json::serialize(message);
}

std::string write_relay(std::string_view to, const std::vector<Item>& items, std::uint64_t seen) {
  json::array array;
  for (const Item& item : items)
    array.push_back(std::visit([](const auto& one) { return to_json(one); }, item));
  json::object message{{"type", "relay"}, {"to", to}, {"items", std::move(array)}};
  if (seen != 0) message["seen"] = seen;
  return json::serialize(message);
}

std::string write_ping(std::uint64_t seen) {
  return json::serialize(json::object{{"type", "ping"}, {"seen", seen}});
}

std::string write_rename(std::string_view name) {
  return json::serialize(json::object{{"type", "rename"}, {"name", name}});
}

std::string write_room_message(std::string_view text) {
  return json::serialize(json::object{{"type", "message"}, {"text", text}});
}

std::string write_bare(std::string_view type) {
  return json::serialize(json::object{{"type", type}});
}

}  // namespace beeline::signaling
