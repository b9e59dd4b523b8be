#include "beeline/signaling/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <iterator>

#include "beeline/base/encoding.h"
#include "beeline/signaling/raw_member.h"

namespace beeline::signaling {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNameBytes = 256;
constexpr std::size_t kMaxNameCharacters = 64;
constexpr std::size_t kMaxPresenceBytes = 1024;
constexpr std::size_t kMaxTextBytes = 8192;
constexpr std::size_t kMaxIdLength = 32;
constexpr std::size_t kMaxTokenLength = 128;
constexpr std::size_t kMaxHostKeyLength = 64;

using Body = decltype(ClientMessage::body);
using Parsed = std::expected<Body, ErrorCode>;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

const json::string* string_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_string();
}

// No control characters (C0, DEL, C1): names appear in terminals and logs as well as in pages.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::expected<std::string, ErrorCode> read_name(const json::object& object) {
  const json::value* value = object.if_contains("name");
  if (value == nullptr) return std::string();
  if (!value->is_string()) return std::unexpected(ErrorCode::kBadMessage);
  std::string_view name = view(value->get_string());
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (name.size() > kMaxNameBytes || characters(name) > kMaxNameCharacters || has_control(name))
    return std::unexpected(ErrorCode::kNameInvalid);
  return std::string(name);
}

std::expected<std::string, ErrorCode> read_presence(const json::value* value) {
  if (value == nullptr) return "{}";
  if (!value->is_object()) return std::unexpected(ErrorCode::kBadMessage);
  std::string text = json::serialize(*value);
  if (text.size() > kMaxPresenceBytes) return std::unexpected(ErrorCode::kBadMessage);
  return text;
}

bool room_is_valid(std::string_view room) {
  return room.size() == kRoomIdLength &&
         room.find_first_not_of(kBase32Alphabet) == std::string_view::npos;
}

std::expected<std::optional<Resume>, ErrorCode> read_resume(const json::value* value) {
  if (value == nullptr) return std::optional<Resume>();
  const json::object* object = value->if_object();
  const json::string* token = object == nullptr ? nullptr : string_at(*object, "token");
  const json::value* last = object == nullptr ? nullptr : object->if_contains("last_event");
  if (token == nullptr || token->size() > kMaxTokenLength || last == nullptr || !last->is_int64() ||
      last->get_int64() < 0)
    return std::unexpected(ErrorCode::kBadMessage);
  return Resume{std::string(view(*token)), static_cast<std::uint64_t>(last->get_int64())};
}

// A string that may be absent (then empty) but not longer than `most`.
std::expected<std::string, ErrorCode> read_optional(const json::object& object,
                                                    std::string_view key, std::size_t most) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::string();
  if (!value->is_string() || value->get_string().size() > most)
    return std::unexpected(ErrorCode::kBadMessage);
  return std::string(view(value->get_string()));
}

Parsed read_hello(const json::object& object, std::string_view) {
  const json::value* versions = object.if_contains("versions");
  const json::string* room = string_at(object, "room");
  if (versions == nullptr || !versions->is_array() || room == nullptr)
    return std::unexpected(ErrorCode::kBadMessage);
  Hello hello;
  for (const json::value& version : versions->get_array()) {
    if (!version.is_int64()) return std::unexpected(ErrorCode::kBadMessage);
    hello.version_known |= version.get_int64() == kVersion;
  }
  // Asked before anything else of the message is judged: a client of another version may mean other
  // things by it.
  if (!hello.version_known) return std::unexpected(ErrorCode::kVersionUnsupported);
  if (!room_is_valid(view(*room))) return std::unexpected(ErrorCode::kRoomInvalid);
  hello.room = view(*room);
  auto name = read_name(object);
  if (!name) return std::unexpected(name.error());
  hello.name = std::move(*name);
  auto presence = read_presence(object.if_contains("presence"));
  if (!presence) return std::unexpected(presence.error());
  hello.presence_json = std::move(*presence);
  auto resume = read_resume(object.if_contains("resume"));
  if (!resume) return std::unexpected(resume.error());
  hello.resume = std::move(*resume);
  auto host_key = read_optional(object, "host_key", kMaxHostKeyLength);
  auto proof = read_optional(object, "password_proof", kProofLength);
  if (!host_key || !proof) return std::unexpected(ErrorCode::kBadMessage);
  hello.host_key = std::move(*host_key);
  hello.password_proof = std::move(*proof);
  return hello;
}

// What is opaque to us is passed on as it came: writing it anew would cost more than all else.
Parsed read_relay(const json::object& object, std::string_view text) {
  const json::string* to = string_at(object, "to");
  const json::value* items = object.if_contains("items");
  if (to == nullptr || items == nullptr || !items->is_array())
    return std::unexpected(ErrorCode::kBadMessage);
  const json::array& array = items->get_array();
  const auto is_object = [](const json::value& item) { return item.is_object(); };
  if (array.empty() || array.size() > kMaxItems || !std::ranges::all_of(array, is_object))
    return std::unexpected(ErrorCode::kBadMessage);
  const std::string_view as_it_came = raw_member(text, "items");
  return Relay{std::string(view(*to)),
               as_it_came.empty() ? json::serialize(array) : std::string(as_it_came)};
}

Parsed read_room_message(const json::object& object, std::string_view) {
  const json::string* text = string_at(object, "text");
  if (text == nullptr || text->empty() || text->size() > kMaxTextBytes)
    return std::unexpected(ErrorCode::kBadMessage);
  return RoomMessage{std::string(view(*text))};
}

Parsed read_set_presence(const json::object& object, std::string_view) {
  const json::value* value = object.if_contains("presence");
  if (value == nullptr) return std::unexpected(ErrorCode::kBadMessage);
  auto presence = read_presence(value);
  if (!presence) return std::unexpected(presence.error());
  return SetPresence{std::move(*presence)};
}

Parsed read_rename(const json::object& object, std::string_view) {
  if (!object.contains("name")) return std::unexpected(ErrorCode::kBadMessage);
  auto name = read_name(object);
  if (!name) return std::unexpected(name.error());
  return Rename{std::move(*name)};
}

Parsed read_renew(const json::object&, std::string_view) {
  return Renew{};
}
Parsed read_ping(const json::object&, std::string_view) {
  return Ping{};
}
Parsed read_leave(const json::object&, std::string_view) {
  return Leave{};
}

Parsed read_lock(const json::object& object, std::string_view) {
  const json::value* locked = object.if_contains("locked");
  if (locked == nullptr || !locked->is_bool()) return std::unexpected(ErrorCode::kBadMessage);
  return Lock{locked->get_bool()};
}

Parsed read_set_password(const json::object& object, std::string_view) {
  const json::value* proof = object.if_contains("proof");
  if (proof != nullptr && proof->is_null()) return SetPassword{};
  if (proof == nullptr || !proof->is_string()) return std::unexpected(ErrorCode::kBadMessage);
  const std::string_view text = view(proof->get_string());
  if (text.size() != kProofLength ||
      text.find_first_not_of(kBase64UrlAlphabet) != std::string_view::npos)
    return std::unexpected(ErrorCode::kBadMessage);
  return SetPassword{std::string(text)};
}

Parsed read_remove(const json::object& object, std::string_view) {
  const json::string* member = string_at(object, "member");
  if (member == nullptr) return std::unexpected(ErrorCode::kBadMessage);
  return Remove{std::string(view(*member))};
}

Parsed read_hand_over(const json::object& object, std::string_view) {
  const json::string* to = string_at(object, "to");
  if (to == nullptr) return std::unexpected(ErrorCode::kBadMessage);
  return HandOver{std::string(view(*to))};
}

constexpr std::pair<std::string_view, Parsed (*)(const json::object&, std::string_view)>
    kReaders[] = {{"hello", read_hello},
                  {"relay", read_relay},
                  {"presence", read_set_presence},
                  {"rename", read_rename},
                  {"message", read_room_message},
                  {"renew", read_renew},
                  {"ping", read_ping},
                  {"leave", read_leave},
                  {"lock", read_lock},
                  {"set_password", read_set_password},
                  {"remove", read_remove},
                  {"hand_over", read_hand_over}};

std::string quoted(std::string_view text) {
  const auto as_it_is = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
  };
  if (std::ranges::all_of(text, as_it_is)) return std::string(1, '"').append(text) += '"';
  return json::serialize(json::string(text.data(), text.size()));
}

std::string read_id(const json::object& object) {
  const json::value* id = object.if_contains("id");
  if (id == nullptr) return {};
  const bool usable = id->is_int64() || id->is_uint64() ||
                      (id->is_string() && id->get_string().size() <= kMaxIdLength);
  return usable ? json::serialize(*id) : std::string();
}

std::string write_member(const MemberView& member) {
  return fmt::format(R"({{"id":{},"name":{},"presence":{},"away":{}}})", quoted(member.id),
                     quoted(member.name), member.presence_json, member.away);
}

std::string write_room(const RoomView& room) {
  std::string hosts;
  for (const std::string_view host : room.hosts) hosts += (hosts.empty() ? "" : ",") + quoted(host);
  return fmt::format(R"({{"locked":{},"password":{},"hosts":[{}]}})", room.locked, room.password,
                     hosts);
}

std::string write_offer(const IceOffer& offer) {
  json::array servers;
  for (const IceServer& server : offer.servers) {
    json::object entry;
    entry["urls"] = json::array(server.urls.begin(), server.urls.end());
    if (!server.username.empty()) {
      entry["username"] = server.username;
      entry["credential"] = server.credential;
    }
    servers.push_back(std::move(entry));
  }
  return fmt::format(R"({{"servers":{},"renew_in_s":{}}})", json::serialize(servers),
                     offer.renew_in.count());
}

std::expected<std::uint64_t, ErrorCode> read_seen(const json::object& object) {
  const json::value* seen = object.if_contains("seen");
  if (seen == nullptr) return 0;
  if (!seen->is_int64() || seen->get_int64() < 0) return std::unexpected(ErrorCode::kBadMessage);
  return static_cast<std::uint64_t>(seen->get_int64());
}

RoomEvent make_event(std::string_view type, std::string_view rest) {
  return {type, SharedText(rest)};
}

}  // namespace

std::string_view name_of(ErrorCode code) {
  constexpr std::string_view kNames[] = {
      "bad_json",     "bad_message",         "unknown_type",   "too_large",      "hello_expected",
      "hello_again",  "version_unsupported", "room_invalid",   "room_full",      "server_full",
      "name_invalid", "member_unknown",      "binary_frame",   "not_host",       "host_key_wrong",
      "room_locked",  "password_needed",     "password_wrong", "too_many_tries", "not_saved"};
  return kNames[static_cast<std::size_t>(code)];
}

std::string_view name_of(GoneReason reason) {
  constexpr std::string_view kNames[kGoneReasons] = {"left", "lost_peer", "removed", "room_closed"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view sentence_of(ErrorCode code) {
  constexpr std::string_view kSentences[] = {
      "The message is not a JSON object, not UTF-8, or nested too deeply.",
      "A part of the message is missing or of the wrong kind.",
      "This server does not know messages of this type.",
      "The message is larger than 65536 bytes.",
      "The first message must be hello, within 10 seconds.",
      "This connection has said hello already.",
      "This server speaks version 1 of the protocol; none of the offered versions.",
      "A room id is 26 characters of a-z and 2-7.",
      "The room is full.",
      "The server is full; try again later.",
      "A name has at most 64 characters and no control characters.",
      "Nobody of that id is in this room.",
      "Messages are text; binary frames are not read.",
      "Only a host of the room may do that.",
      "The host key is not the key of this room; it was ignored.",
      "The host has locked the room; nobody new may enter.",
      "The room has a password; show a proof of it.",
      "The password is wrong.",
      "Too many tries from this address; wait and try again.",
      "The setting holds now, but the server cannot keep it: it ends when the server restarts."};
  return kSentences[static_cast<std::size_t>(code)];
}

std::expected<ClientMessage, Refusal> parse_message(std::string_view text) {
  if (text.size() > kMaxMessageBytes) return std::unexpected(Refusal{ErrorCode::kTooLarge, {}});
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  // The values live no longer than this call, and mostly fit here.
  std::array<unsigned char, 4096> space;
  json::monotonic_resource memory(space.data(), space.size());
  const json::value value = json::parse({text.data(), text.size()}, error, &memory, options);
  if (error || !value.is_object()) return std::unexpected(Refusal{ErrorCode::kBadJson, {}});
  const json::object& object = value.get_object();
  About about{{}, read_id(object)};
  const json::string* type = string_at(object, "type");
  if (type == nullptr) return std::unexpected(Refusal{ErrorCode::kBadMessage, std::move(about)});
  const auto reader =
      std::ranges::find(kReaders, view(*type), [](const auto& entry) { return entry.first; });
  if (reader == std::end(kReaders))
    return std::unexpected(Refusal{ErrorCode::kUnknownType, std::move(about)});
  about.type = reader->first;
  Parsed body = reader->second(object, text);
  if (!body) return std::unexpected(Refusal{body.error(), std::move(about)});
  const auto seen = read_seen(object);
  if (!seen) return std::unexpected(Refusal{seen.error(), std::move(about)});
  return ClientMessage{std::move(*body), std::move(about), *seen};
}

std::string write_welcome(const Welcome& welcome) {
  std::string members;
  for (const MemberView& member : welcome.members)
    members += (members.empty() ? "" : ",") + write_member(member);
  return fmt::format(
      R"({{"type":"welcome","version":{},"you":{},"room":{},"resumed":{},"members":[{}],"ice":{},)"
      R"("resume":{{"token":{}}},"epoch":{},"restored":{},"room_state":{},"grace_s":{},)"
      R"("limits":{{"message_bytes":{},"items":{},"members":{},"burst":{},"per_second":{}}},)"
      R"("last_event":{},"server_time_ms":{}}})",
      kVersion, quoted(welcome.you), quoted(welcome.room), welcome.resumed, members,
      write_offer(welcome.ice), quoted(welcome.token), quoted(welcome.epoch), welcome.restored,
      write_room(welcome.room_state), welcome.grace.count(), kMaxMessageBytes, kMaxItems,
      welcome.max_members, welcome.burst, welcome.per_second, welcome.last_event,
      welcome.time.since_epoch.count() * 1000);
}

std::string write_pong() {
  return R"({"type":"pong"})";
}

std::string write_error(ErrorCode code, bool fatal, const About& about) {
  std::string subject;
  if (!about.type.empty() || !about.id_json.empty())
    subject = fmt::format(R"(,"about":{{"type":{}{}}})", quoted(about.type),
                          about.id_json.empty() ? "" : R"(,"id":)" + about.id_json);
  return fmt::format(R"({{"type":"error","code":{},"message":{},"fatal":{}{}}})",
                     quoted(name_of(code)), quoted(sentence_of(code)), fatal, subject);
}

std::string write_bye(ByeReason reason) {
  constexpr std::string_view kNames[] = {"left", "replaced", "removed", "room_closed", "shutdown"};
  return fmt::format(R"({{"type":"bye","reason":"{}"}})", kNames[static_cast<std::size_t>(reason)]);
}

Text numbered(const RoomEvent& event, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  std::string own;
  own.reserve(48);
  own.append(R"({"type":")").append(event.type).append(R"(","event":)");
  own.append(digits.data(), written.ptr);
  return {std::move(own), event.rest};
}

RoomEvent joined_event(const MemberView& member) {
  return make_event("joined", fmt::format(R"(,"member":{}}})", write_member(member)));
}

RoomEvent away_event(std::string_view member) {
  return make_event("away", fmt::format(R"(,"member":{}}})", quoted(member)));
}

RoomEvent back_event(std::string_view member) {
  return make_event("back", fmt::format(R"(,"member":{}}})", quoted(member)));
}

RoomEvent gone_event(std::string_view member, GoneReason reason) {
  return make_event(
      "gone", fmt::format(R"(,"member":{},"reason":"{}"}})", quoted(member), name_of(reason)));
}

RoomEvent presence_event(std::string_view member, std::string_view presence_json) {
  return make_event("presence",
                    fmt::format(R"(,"member":{},"presence":{}}})", quoted(member), presence_json));
}

RoomEvent renamed_event(std::string_view member, std::string_view name) {
  return make_event("renamed",
                    fmt::format(R"(,"member":{},"name":{}}})", quoted(member), quoted(name)));
}

RoomEvent relay_event(std::string_view from, std::string_view items_json, TextPool* texts) {
  // Joined by hand: this is what most messages are, and the items are long.
  const std::string who = quoted(from);
  const auto parts = {std::string_view(R"(,"from":)"), std::string_view(who),
                      std::string_view(R"(,"items":)"), items_json, std::string_view("}")};
  return {"relay", texts != nullptr ? texts->make(parts) : SharedText(parts)};
}

RoomEvent message_event(std::string_view from, std::string_view text) {
  return make_event("message",
                    fmt::format(R"(,"from":{},"text":{}}})", quoted(from), quoted(text)));
}

RoomEvent ice_event(const IceOffer& ice) {
  return make_event("ice", fmt::format(R"(,"ice":{}}})", write_offer(ice)));
}

RoomEvent room_event(const RoomView& room) {
  return make_event("room", fmt::format(R"(,"room_state":{}}})", write_room(room)));
}

RoomEvent host_key_event(std::string_view key) {
  return make_event("host_key", fmt::format(R"(,"key":{}}})", quoted(key)));
}

}  // namespace beeline::signaling
