// STUN messages (RFC 8489 §5, §14): a view that parses without copying, and a writer into a buffer.
// What attributes mean is in attributes.h, integrity in integrity.h.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0 0|     STUN Message Type     |         Message Length        |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                         Magic Cookie                          |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                     Transaction ID (96 bits)                  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>

#include "beeline/base/bytes.h"
#include "beeline/stun/attribute_type.h"

namespace beeline::stun {

inline constexpr std::size_t kHeaderSize = 20;
inline constexpr std::uint32_t kMagicCookie = 0x2112A442;

enum class Class : std::uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };

enum class Method : std::uint16_t {
  kBinding = 0x001,
  kAllocate = 0x003,
  kRefresh = 0x004,
  kSend = 0x006,
  kData = 0x007,
  kCreatePermission = 0x008,
  kChannelBind = 0x009,
};

using TransactionId = std::array<std::uint8_t, 12>;

enum class ParseError { kTooShort, kNotStun, kBadLength, kBadAttribute };

// True where the first bytes may be STUN and not ChannelData, DTLS or RTP (RFC 7983, RFC 8656
// §12.5).
inline bool looks_like_stun(Bytes bytes) {
  return bytes.size() >= kHeaderSize && bytes[0] < 4;
}

struct Attribute {
  AttributeType type{};
  Bytes value;             // without padding; borrowed from the message
  std::size_t offset = 0;  // of the attribute's header from the start of the message
};

// A message in a borrowed buffer, whose framing has been checked: header, length, attributes that
// fill it exactly.
class Message {
 public:
  static std::expected<Message, ParseError> parse(Bytes datagram);

  Class message_class() const { return class_; }
  Method method() const { return method_; }
  const TransactionId& transaction_id() const { return transaction_id_; }
  Bytes bytes() const { return bytes_; }

  // The first attribute of that type among those that count: what stands behind an integrity
  // attribute does not, except MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 §14.5).
  std::optional<Attribute> find(AttributeType type) const;
  bool has(AttributeType type) const { return find(type).has_value(); }

  // Calls `visit(const Attribute&)` for each attribute that counts, in order.
  template <typename Visit>
  void for_each(Visit visit) const {
    bool protected_end = false;
    for (Bytes rest = bytes_.subspan(kHeaderSize); !rest.empty();) {
      const Attribute attribute = first_of(rest);
      rest = rest.subspan(padded_size(attribute));
      const bool tail = attribute.type == AttributeType::kMessageIntegritySha256 ||
                        attribute.type == AttributeType::kFingerprint;
      if (!protected_end || tail) visit(attribute);
      protected_end = protected_end || attribute.type == AttributeType::kMessageIntegrity ||
                      attribute.type == AttributeType::kMessageIntegritySha256;
    }
  }

 private:
  explicit Message(Bytes bytes) : bytes_(bytes) {}
  Attribute first_of(Bytes rest) const;
  static std::size_t padded_size(const Attribute& attribute) {
    return 4 + (attribute.value.size() + 3) / 4 * 4;
  }

  Bytes bytes_;
  Class class_{};
  Method method_{};
  TransactionId transaction_id_{};
};

// Writes one message from front to back; the length field is right after each attribute. A message
// that outgrows the buffer makes ok() false.
class MessageWriter {
 public:
  MessageWriter(MutableBytes buffer, Class message_class, Method method,
                const TransactionId& transaction_id);

  // Appends an attribute, padded with zeros to a multiple of four.
  void add(AttributeType type, Bytes value);
  void add_u32(AttributeType type, std::uint32_t value);
  void add_u64(AttributeType type, std::uint64_t value);

  bool ok() const { return writer_.ok(); }
  Bytes bytes() const { return writer_.written(); }
  const TransactionId& transaction_id() const { return transaction_id_; }

  // For integrity attributes, whose value covers a header that already counts them: sets the length
  // field as if an attribute of `value_size` bytes had been added.
  void announce(std::size_t value_size);

 private:
  ByteWriter writer_;
  TransactionId transaction_id_;
};

}  // namespace beeline::stun
