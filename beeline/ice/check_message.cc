#include "beeline/ice/check_message.h"

#include "beeline/stun/integrity.h"

namespace beeline::ice {
namespace {

using stun::AttributeType;

constexpr std::size_t kMaxCheck = 1024;

template <typename Fill>
void write(Packet& packet, stun::Class message_class, const stun::TransactionId& transaction,
           Fill fill) {
  packet.resize(kMaxCheck);
  stun::MessageWriter writer(packet.mutable_bytes(), message_class, stun::Method::kBinding,
                             transaction);
  fill(writer);
  ensure(writer.ok(), "a check fits its packet");
  packet.resize(writer.bytes().size());
}

}  // namespace

//= RFC 8445 §7.2.2
void write_check(Packet& packet, const CheckRequest& check) {
  write(packet, stun::Class::kRequest, check.transaction, [&](stun::MessageWriter& writer) {
    writer.add(AttributeType::kUsername, as_bytes(check.username));
    writer.add_u64(check.role == Role::kControlling ? AttributeType::kIceControlling
                                                    : AttributeType::kIceControlled,
                   check.tie_breaker);
    if (check.nomination != 0) {
      writer.add(AttributeType::kUseCandidate, {});
      if (check.counts_nominations) writer.add_u32(AttributeType::kNomination, check.nomination);
    }
    writer.add_u32(AttributeType::kPriority, check.priority);
    if (check.looks != 0) writer.add_u32(AttributeType::kLooks, check.looks);
    stun::add_integrity(writer, as_bytes(check.password));
    stun::add_fingerprint(writer);
  });
}

void write_check_success(Packet& packet, const stun::TransactionId& transaction,
                         const TransportAddress& seen, std::string_view password) {
  write(packet, stun::Class::kSuccess, transaction, [&](stun::MessageWriter& writer) {
    stun::add_xor_address(writer, AttributeType::kXorMappedAddress, seen);
    stun::add_integrity(writer, as_bytes(password));
    stun::add_fingerprint(writer);
  });
}

void write_check_error(Packet& packet, const stun::TransactionId& transaction, std::uint16_t code,
                       std::string_view password) {
  write(packet, stun::Class::kError, transaction, [&](stun::MessageWriter& writer) {
    stun::add_error_code(writer, code, {});
    if (!password.empty()) stun::add_integrity(writer, as_bytes(password));
    stun::add_fingerprint(writer);
  });
}

std::optional<ReceivedCheck> read_check(const stun::Message& message) {
  const auto username = message.find(AttributeType::kUsername);
  const auto priority = message.find(AttributeType::kPriority);
  if (!username || !message.has(AttributeType::kMessageIntegrity)) return std::nullopt;
  const auto text = stun::read_text(username->value, stun::kMaxUsername);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ReceivedCheck check;
  check.username_ours = text->substr(0, colon);
  check.username_theirs = text->substr(colon + 1);
  const auto value = priority ? stun::read_u32(priority->value) : std::nullopt;
  if (!value) return std::nullopt;
  check.priority = *value;
  for (const Role role : {Role::kControlling, Role::kControlled}) {
    const auto attribute = message.find(role == Role::kControlling ? AttributeType::kIceControlling
                                                                   : AttributeType::kIceControlled);
    if (!attribute) continue;
    const auto tie_breaker = stun::read_u64(attribute->value);
    if (!tie_breaker) return std::nullopt;
    check.role = role;
    check.tie_breaker = *tie_breaker;
  }
  check.use_candidate = message.has(AttributeType::kUseCandidate);
  if (const auto nomination = message.find(AttributeType::kNomination))
    check.nomination = stun::read_u32(nomination->value).value_or(0);
  if (const auto looks = message.find(AttributeType::kLooks))
    check.looks = stun::read_u32(looks->value).value_or(0);
  return check;
}

bool has_unknown_required(const stun::Message& message) {
  bool unknown = false;
  message.for_each([&](const stun::Attribute& attribute) {
    if (stun::is_comprehension_required(attribute.type) && !stun::is_known(attribute.type))
      unknown = true;
  });
  return unknown;
}

}  // namespace beeline::ice
