// Connectivity checks on the wire: the STUN Binding requests of RFC 8445 §7.2.2 with short-term
// credentials, and their answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/packet.h"
#include "beeline/ice/rules.h"
#include "beeline/stun/attributes.h"

namespace beeline::ice {

// What one side tells the other beside its candidates (RFC 8839 §5.4).
struct Parameters {
  std::string ufrag;     // 4 to 256 characters
  std::string password;  // 22 to 256 characters
  bool lite = false;
  // Whether that side follows a new nomination (draft-thatcher-ice-renomination).
  bool renomination = false;
  bool operator==(const Parameters&) const = default;
};

struct CheckRequest {
  stun::TransactionId transaction{};
  std::string_view username;  // "theirs:ours" as the receiver reads it
  std::string_view password;  // the receiver's
  Role role = Role::kControlling;
  std::uint64_t tie_breaker = 0;
  std::uint32_t priority = 0;
  std::uint32_t nomination = 0;  // not 0: USE-CANDIDATE
  bool counts_nominations = false;
  std::uint32_t looks = 0;  // how often the sender has looked around for causes of its own
};

// Writes the request into an empty packet.
void write_check(Packet& packet, const CheckRequest& check);
// The answer to `transaction`: what address it was seen from.
void write_check_success(Packet& packet, const stun::TransactionId& transaction,
                         const TransportAddress& seen, std::string_view password);
// `password` empty: without integrity (the request had none that was right).
void write_check_error(Packet& packet, const stun::TransactionId& transaction, std::uint16_t code,
                       std::string_view password);

// A request that was read; views borrow from the message.
struct ReceivedCheck {
  std::string_view username_ours;    // before the colon
  std::string_view username_theirs;  // behind it
  std::optional<Role> role;          // the sender's
  std::uint64_t tie_breaker = 0;
  std::uint32_t priority = 0;
  bool use_candidate = false;
  std::uint32_t nomination = 0;  // 0: not counted
  std::uint32_t looks = 0;       // 0 also where the sender does not say
};
// None where something that must be there is missing or of the wrong form (400).
std::optional<ReceivedCheck> read_check(const stun::Message& message);
// The attributes that a receiver has to understand and we do not (420).
bool has_unknown_required(const stun::Message& message);

}  // namespace beeline::ice
