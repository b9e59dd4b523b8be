#include "beeline/stun/integrity.h"

#include <algorithm>

#include "beeline/crypto/digest.h"

namespace beeline::stun {
namespace {

constexpr std::uint32_t kFingerprintMask = 0x5354554E;  // "STUN"

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1) != 0 ? 0xEDB88320U ^ (value >> 1) : value >> 1;
    table[i] = value;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

// CRC-32 of ITU V.42, over two parts.
std::uint32_t crc32(Bytes first, Bytes second) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const Bytes part : {first, second})
    for (const std::uint8_t byte : part) crc = kCrcTable[(crc ^ byte) & 0xFF] ^ (crc >> 8);
  return crc ^ 0xFFFFFFFFU;
}

// The header as it was when the attribute at `offset` was the last: its length field ends there.
std::array<std::uint8_t, kHeaderSize> header_ending_at(const Message& message,
                                                       const Attribute& attribute) {
  std::array<std::uint8_t, kHeaderSize> header{};
  std::ranges::copy(message.bytes().first(kHeaderSize), header.begin());
  const std::size_t length =
      attribute.offset + 4 + (attribute.value.size() + 3) / 4 * 4 - kHeaderSize;
  header[2] = static_cast<std::uint8_t>(length >> 8);
  header[3] = static_cast<std::uint8_t>(length & 0xFF);
  return header;
}

Bytes between_header_and(const Message& message, const Attribute& attribute) {
  return message.bytes().subspan(kHeaderSize, attribute.offset - kHeaderSize);
}

}  // namespace

void add_integrity(MessageWriter& writer, Bytes key) {
  writer.announce(20);
  writer.add(AttributeType::kMessageIntegrity, crypto::hmac_sha1(key, {writer.bytes()}));
}

void add_integrity_sha256(MessageWriter& writer, Bytes key, std::size_t size) {
  ensure(size >= 16 && size <= 32 && size % 4 == 0, "size of a truncated HMAC");
  writer.announce(size);
  const auto hmac = crypto::hmac_sha256(key, {writer.bytes()});
  writer.add(AttributeType::kMessageIntegritySha256, Bytes(hmac).first(size));
}

void add_fingerprint(MessageWriter& writer) {
  writer.announce(4);
  writer.add_u32(AttributeType::kFingerprint, crc32(writer.bytes(), {}) ^ kFingerprintMask);
}

bool check_integrity(const Message& message, Bytes key) {
  const auto attribute = message.find(AttributeType::kMessageIntegrity);
  if (!attribute || attribute->value.size() != 20) return false;
  const auto header = header_ending_at(message, *attribute);
  return crypto::equal_in_constant_time(
      crypto::hmac_sha1(key, {header, between_header_and(message, *attribute)}), attribute->value);
}

bool check_integrity_sha256(const Message& message, Bytes key) {
  const auto attribute = message.find(AttributeType::kMessageIntegritySha256);
  if (!attribute) return false;
  const std::size_t size = attribute->value.size();
  //= RFC 8489 §14.6
  if (size < 16 || size > 32 || size % 4 != 0) return false;
  const auto header = header_ending_at(message, *attribute);
  const auto hmac = crypto::hmac_sha256(key, {header, between_header_and(message, *attribute)});
  return crypto::equal_in_constant_time(Bytes(hmac).first(size), attribute->value);
}

bool check_fingerprint(const Message& message) {
  const auto attribute = message.find(AttributeType::kFingerprint);
  //= RFC 8489 §14.7
  if (!attribute || attribute->value.size() != 4 || attribute->offset + 8 != message.bytes().size())
    return false;
  const auto header = header_ending_at(message, *attribute);
  return ByteReader(attribute->value).u32() ==
         (crc32(header, between_header_and(message, *attribute)) ^ kFingerprintMask);
}

}  // namespace beeline::stun
