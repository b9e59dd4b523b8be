#include "beeline/sctp/data_channel/dcep.h"

#include <algorithm>

namespace beeline::sctp {
namespace {

constexpr std::uint8_t kAck = 2;
constexpr std::uint8_t kOpen = 3;
// RFC 8832 §5.1, channel types.
constexpr std::uint8_t kReliable = 0;
constexpr std::uint8_t kByRetransmissions = 1;
constexpr std::uint8_t kByLifetime = 2;
constexpr std::uint8_t kUnordered = 0x80;
constexpr std::size_t kOpenHeader = 12;

// The length of the UTF-8 sequence at the front; 0: there is none.
std::size_t utf8_length(Bytes at) {
  const std::uint8_t first = at[0];
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at[i] & 0xC0) != 0x80) return 0;
  // Longer than needed, surrogates, beyond the last.
  if (first == 0xE0 && at[1] < 0xA0) return 0;
  if (first == 0xED && at[1] > 0x9F) return 0;
  if (first == 0xF0 && at[1] < 0x90) return 0;
  if (first == 0xF4 && at[1] > 0x8F) return 0;
  return length;
}

}  // namespace

bool is_utf8(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes = bytes.subspan(length);
  }
  return true;
}

//= RFC 8832 §5.1
//  |  Message Type |  Channel Type |            Priority           |
//  |                    Reliability Parameter                      |
//  |         Label Length          |       Protocol Length         |
//  |                             Label                             |
//  |                            Protocol                           |
std::expected<DcepMessage, DcepError> parse_dcep(Bytes message) {
  ByteReader reader(message);
  const std::uint8_t type = reader.u8();
  if (!reader.ok()) return std::unexpected(DcepError::kTooShort);
  //= RFC 8832 §5.2
  if (type == kAck) return DcepAck{};
  if (type != kOpen) return std::unexpected(DcepError::kUnknownType);
  ChannelOptions options;
  const std::uint8_t kind = reader.u8();
  options.priority = reader.u16();
  const std::uint32_t limit = reader.u32();
  const std::size_t label = reader.u16();
  const std::size_t protocol = reader.u16();
  if (!reader.ok()) return std::unexpected(DcepError::kTooShort);
  if (reader.remaining() != label + protocol) return std::unexpected(DcepError::kBadLength);
  options.label = as_text(reader.take(label));
  options.protocol = as_text(reader.take(protocol));
  if (!is_utf8(as_bytes(options.label)) || !is_utf8(as_bytes(options.protocol)))
    return std::unexpected(DcepError::kNotUtf8);
  options.ordered = (kind & kUnordered) == 0;
  switch (kind & ~kUnordered) {
    case kReliable:
      break;
    case kByRetransmissions:
      options.reliability.retransmissions = limit;
      break;
    case kByLifetime:
      options.reliability.lifetime = std::chrono::milliseconds(limit);
      break;
    default:
      return std::unexpected(DcepError::kUnknownType);
  }
  return options;
}

std::vector<std::uint8_t> write_open(const ChannelOptions& options) {
  const Reliability& reliability = options.reliability;
  std::uint8_t kind = kReliable;
  std::uint32_t limit = 0;
  if (reliability.retransmissions) {
    kind = kByRetransmissions;
    limit = *reliability.retransmissions;
  } else if (reliability.lifetime) {
    kind = kByLifetime;
    limit = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(*reliability.lifetime).count());
  }
  if (!options.ordered) kind |= kUnordered;
  std::vector<std::uint8_t> message(kOpenHeader + options.label.size() + options.protocol.size());
  ByteWriter writer(message);
  writer.u8(kOpen);
  writer.u8(kind);
  writer.u16(options.priority);
  writer.u32(limit);
  writer.u16(static_cast<std::uint16_t>(options.label.size()));
  writer.u16(static_cast<std::uint16_t>(options.protocol.size()));
  writer.append(as_bytes(options.label));
  writer.append(as_bytes(options.protocol));
  return message;
}

std::vector<std::uint8_t> write_dcep_ack() {
  return {kAck};
}

}  // namespace beeline::sctp
