// The Data Channel Establishment Protocol (RFC 8832): two messages that open a channel, and the
// protocol identifiers that tell what a message is (RFC 8831 §8).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/sctp/message.h"

namespace beeline::sctp {

inline constexpr PayloadProtocolId kDcep{50};
inline constexpr PayloadProtocolId kText{51};
inline constexpr PayloadProtocolId kBinary{53};
// SCTP has no empty messages: one byte that does not count stands for them (RFC 8831 §6.6).
inline constexpr PayloadProtocolId kEmptyText{56};
inline constexpr PayloadProtocolId kEmptyBinary{57};

// What a channel is, to both sides.
struct ChannelOptions {
  std::string label{};     // UTF-8, at most 65535 bytes
  std::string protocol{};  // the application's name for what it speaks; same limit
  bool ordered = true;
  Reliability reliability{};     // one limit at most
  std::uint16_t priority = 256;  // RFC 8831 §6.4: 128 very low, 256 low, 512 medium, 1024 high
  bool operator==(const ChannelOptions& other) const {
    return label == other.label && protocol == other.protocol && ordered == other.ordered &&
           reliability.lifetime == other.reliability.lifetime &&
           reliability.retransmissions == other.reliability.retransmissions &&
           priority == other.priority;
  }
};

enum class DcepError : std::uint8_t { kTooShort, kBadLength, kUnknownType, kNotUtf8 };

struct DcepAck {};
using DcepMessage = std::variant<ChannelOptions, DcepAck>;

std::expected<DcepMessage, DcepError> parse_dcep(Bytes message);
std::vector<std::uint8_t> write_open(const ChannelOptions& options);
std::vector<std::uint8_t> write_dcep_ack();

// Whether these bytes are UTF-8 (RFC 3629).
bool is_utf8(Bytes bytes);

}  // namespace beeline::sctp
