// The values of STUN attributes: readers that return nothing for a value of the wrong form, writers
// that pad and check. One pair per form; attributes of the same form share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/stun/message.h"

namespace beeline::stun {

//= RFC 8489 §14.1
// MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN, OTHER-ADDRESS.
//   0                   1                   2                   3
//  |0 0 0 0 0 0 0 0|    Family     |           Port                |
//  |                 Address (32 bits or 128 bits)                 |
std::optional<TransportAddress> read_address(Bytes value);
void add_address(MessageWriter& writer, AttributeType type, const TransportAddress& address);

//= RFC 8489 §14.2
// XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS: the same, port and address XORed with
// cookie and transaction id.
std::optional<TransportAddress> read_xor_address(Bytes value, const TransactionId& transaction_id);
void add_xor_address(MessageWriter& writer, AttributeType type, const TransportAddress& address);

// LIFETIME, PRIORITY, FINGERPRINT, CHANGE-REQUEST; ICE-CONTROLLED and ICE-CONTROLLING with 64 bits.
std::optional<std::uint32_t> read_u32(Bytes value);
std::optional<std::uint64_t> read_u64(Bytes value);

// USERNAME, REALM, NONCE, SOFTWARE, ALTERNATE-DOMAIN: UTF-8 of at most `max_bytes`.
std::optional<std::string_view> read_text(Bytes value, std::size_t max_bytes);
inline constexpr std::size_t kMaxUsername = 508;  // RFC 8489 §14.3: fewer than 509 bytes
inline constexpr std::size_t kMaxRealm = 763;     // RFC 8489 §14.9
inline constexpr std::size_t kMaxNonce = 763;     // RFC 8489 §14.10

//= RFC 8489 §14.8
//  |           Reserved, should be 0         |Class|     Number    |
//  |      Reason Phrase (variable)                                ..
struct ErrorCode {
  std::uint16_t code = 0;  // 300 to 699
  std::string_view reason;
};
std::optional<ErrorCode> read_error_code(Bytes value);
// `reason` may be empty; it is cut at 127 bytes.
void add_error_code(MessageWriter& writer, std::uint16_t code, std::string_view reason);

//= RFC 8489 §14.13
std::optional<std::vector<AttributeType>> read_unknown_attributes(Bytes value);
void add_unknown_attributes(MessageWriter& writer, const std::vector<AttributeType>& types);

//= RFC 8489 §14.11, §14.12
// Numbers of the IANA registry; parameters are empty for both.
enum class PasswordAlgorithm : std::uint16_t { kMd5 = 1, kSha256 = 2 };
std::optional<PasswordAlgorithm> read_password_algorithm(
    Bytes value);  // none also for one we do not know
std::optional<std::vector<std::uint16_t>> read_password_algorithms(Bytes value);
void add_password_algorithm(MessageWriter& writer, PasswordAlgorithm algorithm);
void add_password_algorithms(MessageWriter& writer,
                             std::initializer_list<PasswordAlgorithm> algorithms);

//= RFC 8656 §18.1
//  |        Channel Number         |         RFFU = 0              |
struct ChannelNumber {
  std::uint16_t value = 0;
  auto operator<=>(const ChannelNumber&) const = default;
  // What clients may choose today: 0x4000 to 0x4FFF (RFC 8656 §12).
  bool is_valid() const { return value >= 0x4000 && value <= 0x4FFF; }
  // What servers accept: RFC 5766 §11 went up to 0x7FFE, its clients are around, and nothing else
  // on a TURN server's port begins with these bits.
  bool is_acceptable() const { return value >= 0x4000 && value <= 0x7FFE; }
};
std::optional<ChannelNumber> read_channel_number(Bytes value);
void add_channel_number(MessageWriter& writer, ChannelNumber channel);

//= RFC 8656 §18.7
//  |   Protocol    |                    RFFU                       |
inline constexpr std::uint8_t kProtocolUdp = 17;
std::optional<std::uint8_t> read_requested_transport(Bytes value);
void add_requested_transport(MessageWriter& writer, std::uint8_t protocol);

//= RFC 8656 §18.6, §18.11
// REQUESTED-ADDRESS-FAMILY, ADDITIONAL-ADDRESS-FAMILY. kUnknown stands for a family this is not 4
// or 6: RFC 8656 wants 440.
enum class RequestedFamily : std::uint8_t { kUnknown = 0, kV4 = 1, kV6 = 2 };
std::optional<RequestedFamily> read_address_family(Bytes value);
void add_address_family(MessageWriter& writer, AttributeType type, IpFamily family);

//= RFC 8656 §18.5
// The R bit: also reserve the next port.
std::optional<bool> read_even_port(Bytes value);
void add_even_port(MessageWriter& writer, bool reserve_next);

//= RFC 8656 §18.12
//  |  Family       |    Reserved             |Class|     Number    |
struct AddressErrorCode {
  RequestedFamily family = RequestedFamily::kUnknown;
  ErrorCode error;
};
std::optional<AddressErrorCode> read_address_error_code(Bytes value);
void add_address_error_code(MessageWriter& writer, IpFamily family, std::uint16_t code);

//= RFC 8656 §18.13
//  |         Reserved              |  ICMP Type  |    ICMP Code    |
//  |                          Error Data                           |
struct Icmp {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t error_data = 0;  // the next hop's MTU where the type says so
};
std::optional<Icmp> read_icmp(Bytes value);
void add_icmp(MessageWriter& writer, const Icmp& icmp);

//= RFC 5780 §7.2
struct ChangeRequest {
  bool change_ip = false;
  bool change_port = false;
};
std::optional<ChangeRequest> read_change_request(Bytes value);
void add_change_request(MessageWriter& writer, ChangeRequest change);

//= RFC 5780 §7.5
std::optional<Port> read_response_port(Bytes value);
void add_response_port(MessageWriter& writer, Port port);

}  // namespace beeline::stun
