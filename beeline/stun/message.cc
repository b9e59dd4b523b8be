#include "beeline/stun/message.h"

#include <algorithm>

namespace beeline::stun {
namespace {

//= RFC 8489 §5
// The class bits stand between the method bits:  M11-M7 C1 M6-M4 C0 M3-M0.
constexpr std::uint16_t type_of(Class message_class, Method method) {
  const auto c = static_cast<std::uint16_t>(message_class);
  const auto m = static_cast<std::uint16_t>(method);
  return static_cast<std::uint16_t>((m & 0xF80U) << 2 | (c & 2U) << 7 | (m & 0x70U) << 1 |
                                    (c & 1U) << 4 | (m & 0xFU));
}
constexpr Class class_of(std::uint16_t type) {
  return static_cast<Class>((type >> 7 & 2U) | (type >> 4 & 1U));
}
constexpr Method method_of(std::uint16_t type) {
  return static_cast<Method>((type >> 2 & 0xF80U) | (type >> 1 & 0x70U) | (type & 0xFU));
}
static_assert(type_of(Class::kSuccess, Method::kBinding) == 0x0101);
static_assert(type_of(Class::kError, Method::kAllocate) == 0x0113);
static_assert(type_of(Class::kIndication, Method::kData) == 0x0017);

constexpr std::size_t kLengthOffset = 2;

}  // namespace

bool is_known(AttributeType type) {
  const auto number = static_cast<std::uint16_t>(type);
  constexpr std::uint16_t kNumbers[] = {
      0x0001, 0x0003, 0x0006, 0x0008, 0x0009, 0x000A, 0x000C, 0x000D, 0x0012, 0x0013,
      0x0014, 0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x001A, 0x001C, 0x001D, 0x001E,
      0x0020, 0x0022, 0x0024, 0x0025, 0x0026, 0x0027, 0x8000, 0x8001, 0x8002, 0x8003,
      0x8004, 0x8022, 0x8023, 0x8028, 0x8029, 0x802A, 0x802B, 0x802C, 0xC001};
  return std::ranges::binary_search(kNumbers, number);
}

std::expected<Message, ParseError> Message::parse(Bytes datagram) {
  if (datagram.size() < kHeaderSize) return std::unexpected(ParseError::kTooShort);
  ByteReader reader(datagram);
  const std::uint16_t type = reader.u16();
  const std::size_t length = reader.u16();
  const std::uint32_t cookie = reader.u32();
  if ((type & 0xC000) != 0 || cookie != kMagicCookie) return std::unexpected(ParseError::kNotStun);
  //= RFC 8489 §6.3
  if (length % 4 != 0 || length != datagram.size() - kHeaderSize)
    return std::unexpected(ParseError::kBadLength);
  Message message(datagram);
  message.class_ = class_of(type);
  message.method_ = method_of(type);
  std::ranges::copy(reader.take(12), message.transaction_id_.begin());
  while (!reader.at_end()) {
    reader.u16();
    const std::size_t size = reader.u16();
    reader.skip((size + 3) / 4 * 4);
    if (!reader.ok()) return std::unexpected(ParseError::kBadAttribute);
  }
  return message;
}

Attribute Message::first_of(Bytes rest) const {
  ByteReader reader(rest);
  Attribute attribute;
  attribute.type = static_cast<AttributeType>(reader.u16());
  const std::size_t size = reader.u16();
  attribute.value = reader.take(size);
  attribute.offset = bytes_.size() - rest.size();
  return attribute;
}

std::optional<Attribute> Message::find(AttributeType type) const {
  std::optional<Attribute> found;
  for_each([&](const Attribute& attribute) {
    if (!found && attribute.type == type) found = attribute;
  });
  return found;
}

MessageWriter::MessageWriter(MutableBytes buffer, Class message_class, Method method,
                             const TransactionId& transaction_id)
    : writer_(buffer), transaction_id_(transaction_id) {
  writer_.u16(type_of(message_class, method));
  writer_.u16(0);
  writer_.u32(kMagicCookie);
  writer_.append(transaction_id);
}

void MessageWriter::add(AttributeType type, Bytes value) {
  if (!writer_.ok()) return;
  writer_.u16(static_cast<std::uint16_t>(type));
  writer_.u16(static_cast<std::uint16_t>(value.size()));
  writer_.append(value);
  writer_.zeros((4 - value.size() % 4) % 4);
  if (writer_.ok())
    writer_.patch_u16(kLengthOffset, static_cast<std::uint16_t>(writer_.size() - kHeaderSize));
}

void MessageWriter::add_u32(AttributeType type, std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes{};
  ByteWriter(bytes).u32(value);
  add(type, bytes);
}

void MessageWriter::add_u64(AttributeType type, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  ByteWriter(bytes).u64(value);
  add(type, bytes);
}

void MessageWriter::announce(std::size_t value_size) {
  if (writer_.ok())
    writer_.patch_u16(kLengthOffset,
                      static_cast<std::uint16_t>(writer_.size() - kHeaderSize + 4 + value_size));
}

}  // namespace beeline::stun
