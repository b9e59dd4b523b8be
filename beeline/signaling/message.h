// The messages of docs/protocol/signaling.md: what clients send, parsed and checked; what the
// server sends, written. JSON stays in message.cc; what is opaque to the server (items, presence)
// travels as JSON text.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/instant.h"

namespace beeline::signaling {

inline constexpr std::int64_t kVersion = 1;
inline constexpr std::size_t kMaxMessageBytes = 65536;
inline constexpr std::size_t kMaxItems = 64;
inline constexpr std::size_t kMaxDepth = 32;

// The codes of section 5 of the protocol.
enum class ErrorCode {
  kBadJson,
  kBadMessage,
  kUnknownType,
  kTooLarge,
  kHelloExpected,
  kHelloAgain,
  kVersionUnsupported,
  kRoomInvalid,
  kRoomFull,
  kServerFull,
  kNameInvalid,
  kMemberUnknown,
  kBinaryFrame,
};
std::string_view name_of(ErrorCode code);      // "bad_json"
std::string_view sentence_of(ErrorCode code);  // for people, in English

struct Resume {
  std::string token;
  std::uint64_t last_event = 0;
};
struct Hello {
  bool version_known = false;  // one of `versions` is ours
  std::string room;
  std::string name;           // trimmed
  std::string presence_json;  // an object
  std::optional<Resume> resume;
};
struct Relay {
  std::string to;
  std::string items_json;  // an array of 1 to kMaxItems objects
};
struct SetPresence {
  std::string presence_json;
};
struct Rename {
  std::string name;
};
struct RoomMessage {
  std::string text;
};
struct Renew {};
struct Ping {};
struct Leave {};

// What an `error` repeats, so that a client knows which of its messages is meant. `id_json` is
// empty where none came.
struct About {
  std::string type;
  std::string id_json;
};
struct ClientMessage {
  std::variant<Hello, Relay, SetPresence, Rename, RoomMessage, Renew, Ping, Leave> body;
  About about;
};
struct Refusal {
  ErrorCode code;
  About about;
};

// Everything the protocol says about one message on its own is checked here; what depends on rooms
// and members is not.
std::expected<ClientMessage, Refusal> parse_message(std::string_view text);

struct IceServer {
  std::vector<std::string> urls;
  std::string username;  // empty: none needed
  std::string credential;
};
struct IceOffer {
  std::vector<IceServer> servers;
  std::chrono::seconds renew_in{0};  // 0: they do not expire
};

struct MemberView {
  std::string_view id;
  std::string_view name;
  std::string_view presence_json;
  bool away = false;
};
struct Welcome {
  std::string_view you;
  std::string_view room;
  bool resumed = false;
  std::vector<MemberView> members;
  IceOffer ice;
  std::string_view token;
  std::chrono::seconds grace{0};
  std::size_t max_members = 0;
  std::uint64_t last_event = 0;
  WallTime time;
};

enum class GoneReason { kLeft, kLostPeer, kRemoved, kRoomClosed };
enum class ByeReason { kLeft, kReplaced, kRemoved, kRoomClosed, kShutdown };

std::string write_welcome(const Welcome& welcome);
std::string write_pong();
std::string write_error(ErrorCode code, bool fatal, const About& about);
std::string write_bye(ByeReason reason);
// Events; `event` is the receiver's own count.
std::string write_joined(std::uint64_t event, const MemberView& member);
std::string write_away(std::uint64_t event, std::string_view member);
std::string write_back(std::uint64_t event, std::string_view member);
std::string write_gone(std::uint64_t event, std::string_view member, GoneReason reason);
std::string write_presence(std::uint64_t event, std::string_view member,
                           std::string_view presence_json);
std::string write_renamed(std::uint64_t event, std::string_view member, std::string_view name);
std::string write_relay(std::uint64_t event, std::string_view from, std::string_view items_json);
std::string write_room_message(std::uint64_t event, std::string_view from, std::string_view text);
std::string write_ice(std::uint64_t event, const IceOffer& ice);

}  // namespace beeline::signaling
