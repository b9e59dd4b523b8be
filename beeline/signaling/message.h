// The messages of docs/protocol/signaling.md: what clients send, parsed and checked; what the
// server sends, written. JSON stays in message.cc; what is opaque to the server (items, presence)
// travels as JSON text.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/base/shared_text.h"

namespace beeline::signaling {

inline constexpr std::int64_t kVersion = 1;
inline constexpr std::size_t kMaxMessageBytes = 65536;
inline constexpr std::size_t kMaxItems = 64;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kRoomIdLength = 26;
inline constexpr std::size_t kProofLength = 43;  // 32 bytes in base64url

// The codes of section 6 of the protocol.
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
  kNotHost,
  kHostKeyWrong,
  kRoomLocked,
  kPasswordNeeded,
  kPasswordWrong,
  kTooManyTries,
  kNotSaved,  // the last one
};
inline constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ErrorCode::kNotSaved) + 1;
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
  std::string host_key;        // empty: none was shown
  std::string password_proof;  // empty: none was shown
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
struct Lock {
  bool locked = false;
};
struct SetPassword {
  std::optional<std::string> proof;  // kProofLength letters of base64url; none: no password
};
struct Remove {
  std::string member;
};
struct HandOver {
  std::string to;
};

// What an `error` repeats, so that a client knows which of its messages is meant. `id_json` is
// empty where none came.
struct About {
  std::string type;
  std::string id_json;
};
struct ClientMessage {
  std::variant<Hello, Relay, SetPresence, Rename, RoomMessage, Renew, Ping, Leave, Lock,
               SetPassword, Remove, HandOver>
      body;
  About about;
  std::uint64_t seen = 0;  // the last event that its client has; 0: it does not say
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
// What everybody in a room may know of its settings.
struct RoomView {
  bool locked = false;
  bool password = false;
  std::vector<std::string_view> hosts;
};
struct Welcome {
  std::string_view you;
  std::string_view room;
  bool resumed = false;
  std::vector<MemberView> members;
  IceOffer ice;
  std::string_view token;
  std::string_view epoch;
  bool restored = false;
  RoomView room_state;
  std::chrono::seconds grace{0};
  std::size_t max_members = 0;
  std::uint32_t burst = 0;
  std::uint32_t per_second = 0;
  std::uint64_t last_event = 0;
  WallTime time;
};

enum class GoneReason { kLeft, kLostPeer, kRemoved, kRoomClosed };
inline constexpr std::size_t kGoneReasons = 4;
std::string_view name_of(GoneReason reason);  // "lost_peer"
enum class ByeReason { kLeft, kReplaced, kRemoved, kRoomClosed, kShutdown };

std::string write_welcome(const Welcome& welcome);
std::string write_pong();
std::string write_error(ErrorCode code, bool fatal, const About& about);
std::string write_bye(ByeReason reason);

// A message for one client: what is its own, then what others share who hear the same (empty:
// none).
struct Text {
  std::string own;
  SharedText shared;

  Text() = default;
  // Most messages share nothing.
  Text(std::string its_own, SharedText with_others = {})
      : own(std::move(its_own)), shared(std::move(with_others)) {}

  std::size_t size() const { return own.size() + shared.size(); }
};

// An event as it is for everybody who hears it, kept once for all of them; numbered() makes it the
// one that a member gets as its event `number`.
struct RoomEvent {
  std::string_view type;  // a literal
  SharedText rest;        // ",\"member\":…}": what follows the number

  std::size_t size() const { return rest.size(); }
};
Text numbered(const RoomEvent& event, std::uint64_t number);

RoomEvent joined_event(const MemberView& member);
RoomEvent away_event(std::string_view member);
RoomEvent back_event(std::string_view member);
RoomEvent gone_event(std::string_view member, GoneReason reason);
RoomEvent presence_event(std::string_view member, std::string_view presence_json);
RoomEvent renamed_event(std::string_view member, std::string_view name);
// `texts`: the pool to make it in; null: memory of its own.
RoomEvent relay_event(std::string_view from, std::string_view items_json,
                      TextPool* texts = nullptr);
RoomEvent message_event(std::string_view from, std::string_view text);
RoomEvent ice_event(const IceOffer& ice);
RoomEvent room_event(const RoomView& room);
RoomEvent host_key_event(std::string_view key);

}  // namespace beeline::signaling
