// The client's half of docs/protocol/signaling.md: what a server says, parsed; what a client says,
// written; and the items that two Beeline clients relay to each other (section 9). JSON stays in
// client_message.cc. The server's half is message.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/signaling/message.h"

namespace beeline::signaling {

// --- what two clients tell each other (section 9) ---
struct DescriptionItem {
  std::string type;  // "offer", "answer", …
  std::string sdp;
  bool operator==(const DescriptionItem&) const = default;
};
struct CandidateItem {
  std::string candidate;
  std::string mid;
  std::optional<std::int64_t> line_index;
  std::string ufrag;
  bool operator==(const CandidateItem&) const = default;
};
struct CandidatesEndItem {
  bool operator==(const CandidatesEndItem&) const = default;
};
struct ResetItem {
  bool operator==(const ResetItem&) const = default;
};
struct AskItem {
  bool operator==(const AskItem&) const = default;
};
struct GoItem {
  bool operator==(const GoItem&) const = default;
};
using Item =
    std::variant<DescriptionItem, CandidateItem, CandidatesEndItem, ResetItem, AskItem, GoItem>;

// --- what a server says (section 3) ---
struct Roommate {
  std::string id;
  std::string name;
  std::string presence_json = "{}";
  bool away = false;
};
struct ServerWelcome {
  std::string you;
  bool resumed = false;
  bool restored = false;
  std::vector<Roommate> members;
  IceOffer ice;
  std::string token;
  std::chrono::seconds grace{0};
  std::uint64_t last_event = 0;
};
struct SaidJoined {
  Roommate member;
};
struct SaidAway {
  std::string member;
  bool away = false;  // false: it is back
};
struct SaidGone {
  std::string member;
  std::string reason;
};
struct SaidPresence {
  std::string member;
  std::string presence_json;
};
struct SaidRenamed {
  std::string member;
  std::string name;
};
struct SaidRelay {
  std::string from;
  std::vector<Item> items;  // without kinds that are not known
};
struct SaidMessage {
  std::string from;
  std::string text;
};
struct SaidIce {
  IceOffer ice;
};
// Of a kind that is not known here, or not of use: it counts, and that is all.
struct SaidOther {};
struct ServerEvent {
  std::uint64_t number = 0;
  std::variant<SaidOther, SaidJoined, SaidAway, SaidGone, SaidPresence, SaidRenamed, SaidRelay,
               SaidMessage, SaidIce>
      what;
};
struct ServerError {
  std::string code;
  std::string message;
  bool fatal = false;
};
struct ServerBye {
  std::string reason;
};
struct ServerPong {};
using ServerMessage = std::variant<ServerWelcome, ServerEvent, ServerError, ServerBye, ServerPong>;

// None for what is no JSON object, and for what this version does not know.
std::optional<ServerMessage> parse_server_message(std::string_view text);

// --- what a client says (section 2) ---
// `presence_json`: an object, or nothing is said of it.
std::string write_hello(const Hello& hello);
// `seen`: the last event that we have; 0: we do not say.
std::string write_relay(std::string_view to, const std::vector<Item>& items,
                        std::uint64_t seen = 0);
std::string write_ping(std::uint64_t seen);
std::string write_rename(std::string_view name);
std::string write_room_message(std::string_view text);
// "renew", "leave".
std::string write_bare(std::string_view type);

}  // namespace beeline::signaling
