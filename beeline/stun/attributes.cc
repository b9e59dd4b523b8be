#include "beeline/stun/attributes.h"

#include <algorithm>
#include <array>

#include "beeline/base/encoding.h"

namespace beeline::stun {
namespace {

constexpr std::uint8_t kFamilyV4 = 1;
constexpr std::uint8_t kFamilyV6 = 2;
constexpr std::size_t kMaxReason = 127;
constexpr std::size_t kMaxReasonBytes = 763;

std::uint8_t family_number(IpFamily family) {
  return family == IpFamily::kV4 ? kFamilyV4 : kFamilyV6;
}

// The bytes that XOR attributes are XORed with: cookie, then transaction id. The port takes the
// first two.
std::array<std::uint8_t, 16> mask_of(const TransactionId& transaction_id) {
  std::array<std::uint8_t, 16> mask{};
  ByteWriter writer(mask);
  writer.u32(kMagicCookie);
  writer.append(transaction_id);
  return mask;
}

TransportAddress masked(const TransportAddress& address, const TransactionId& transaction_id) {
  const auto mask = mask_of(transaction_id);
  std::array<std::uint8_t, 16> octets{};
  const Bytes ip = address.ip.bytes();
  for (std::size_t i = 0; i < ip.size(); ++i) octets[i] = ip[i] ^ mask[i];
  const std::uint16_t port = address.port.value ^ static_cast<std::uint16_t>(kMagicCookie >> 16);
  return {*IpAddress::from_bytes(Bytes(octets).first(ip.size())), Port{port}};
}

std::optional<ErrorCode> read_class_and_number(ByteReader& reader) {
  const std::uint8_t hundreds = reader.u8() & 0x7;
  const std::uint8_t number = reader.u8();
  if (!reader.ok() || hundreds < 3 || hundreds > 6 || number > 99) return std::nullopt;
  return ErrorCode{static_cast<std::uint16_t>(hundreds * 100 + number), {}};
}

RequestedFamily to_family(std::uint8_t number) {
  if (number == kFamilyV4) return RequestedFamily::kV4;
  if (number == kFamilyV6) return RequestedFamily::kV6;
  return RequestedFamily::kUnknown;
}

}  // namespace

std::optional<TransportAddress> read_address(Bytes value) {
  ByteReader reader(value);
  reader.skip(1);
  const std::uint8_t family = reader.u8();
  const Port port{reader.u16()};
  const Bytes ip = reader.take_rest();
  if ((family == kFamilyV4 && ip.size() == 4) || (family == kFamilyV6 && ip.size() == 16))
    return TransportAddress{*IpAddress::from_bytes(ip), port};
  return std::nullopt;
}

void add_address(MessageWriter& writer, AttributeType type, const TransportAddress& address) {
  std::array<std::uint8_t, 20> bytes{};
  ByteWriter value(bytes);
  value.u8(0);
  value.u8(family_number(address.ip.family()));
  value.u16(address.port.value);
  value.append(address.ip.bytes());
  writer.add(type, value.written());
}

std::optional<TransportAddress> read_xor_address(Bytes value, const TransactionId& transaction_id) {
  const auto address = read_address(value);
  if (!address) return std::nullopt;
  return masked(*address, transaction_id);
}

void add_xor_address(MessageWriter& writer, AttributeType type, const TransportAddress& address) {
  add_address(writer, type, masked(address, writer.transaction_id()));
}

std::optional<std::uint32_t> read_u32(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return ByteReader(value).u32();
}

std::optional<std::uint64_t> read_u64(Bytes value) {
  if (value.size() != 8) return std::nullopt;
  return ByteReader(value).u64();
}

std::optional<std::string_view> read_text(Bytes value, std::size_t max_bytes) {
  const std::string_view text = as_text(value);
  if (text.size() > max_bytes || !is_utf8(text)) return std::nullopt;
  return text;
}

std::optional<ErrorCode> read_error_code(Bytes value) {
  ByteReader reader(value);
  reader.skip(2);
  auto error = read_class_and_number(reader);
  const auto reason = read_text(reader.take_rest(), kMaxReasonBytes);
  if (!error || !reason) return std::nullopt;
  error->reason = *reason;
  return error;
}

void add_error_code(MessageWriter& writer, std::uint16_t code, std::string_view reason) {
  ensure(code >= 300 && code <= 699, "error code");
  std::array<std::uint8_t, 4 + kMaxReason> bytes{};
  ByteWriter value(bytes);
  value.u16(0);
  value.u8(static_cast<std::uint8_t>(code / 100));
  value.u8(static_cast<std::uint8_t>(code % 100));
  value.append(as_bytes(reason.substr(0, kMaxReason)));
  writer.add(AttributeType::kErrorCode, value.written());
}

std::optional<std::vector<AttributeType>> read_unknown_attributes(Bytes value) {
  if (value.size() % 2 != 0) return std::nullopt;
  std::vector<AttributeType> types;
  for (ByteReader reader(value); !reader.at_end();)
    types.push_back(static_cast<AttributeType>(reader.u16()));
  return types;
}

void add_unknown_attributes(MessageWriter& writer, const std::vector<AttributeType>& types) {
  std::array<std::uint8_t, 64> bytes{};  // more than 32 are not worth an answer's bytes
  ByteWriter value(bytes);
  for (std::size_t i = 0; i < std::min<std::size_t>(types.size(), bytes.size() / 2); ++i)
    value.u16(static_cast<std::uint16_t>(types[i]));
  writer.add(AttributeType::kUnknownAttributes, value.written());
}

std::optional<PasswordAlgorithm> read_password_algorithm(Bytes value) {
  const auto all = read_password_algorithms(value);
  if (!all || all->size() != 1) return std::nullopt;
  const auto algorithm = static_cast<PasswordAlgorithm>(all->front());
  if (algorithm != PasswordAlgorithm::kMd5 && algorithm != PasswordAlgorithm::kSha256)
    return std::nullopt;
  return algorithm;
}

//  |          Algorithm 1           | Algorithm 1 Parameters Length |
//  |                    Algorithm 1 Parameters (variable)           |
std::optional<std::vector<std::uint16_t>> read_password_algorithms(Bytes value) {
  std::vector<std::uint16_t> algorithms;
  for (ByteReader reader(value); !reader.at_end();) {
    algorithms.push_back(reader.u16());
    const std::size_t size = reader.u16();
    reader.skip((size + 3) / 4 * 4);
    if (!reader.ok()) return std::nullopt;
  }
  return algorithms;
}

void add_password_algorithm(MessageWriter& writer, PasswordAlgorithm algorithm) {
  writer.add_u32(AttributeType::kPasswordAlgorithm, static_cast<std::uint32_t>(algorithm) << 16);
}

void add_password_algorithms(MessageWriter& writer,
                             std::initializer_list<PasswordAlgorithm> algorithms) {
  std::array<std::uint8_t, 32> bytes{};
  ByteWriter value(bytes);
  for (const PasswordAlgorithm algorithm : algorithms)
    value.u32(static_cast<std::uint32_t>(algorithm) << 16);
  writer.add(AttributeType::kPasswordAlgorithms, value.written());
}

std::optional<ChannelNumber> read_channel_number(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return ChannelNumber{ByteReader(value).u16()};
}

void add_channel_number(MessageWriter& writer, ChannelNumber channel) {
  writer.add_u32(AttributeType::kChannelNumber, static_cast<std::uint32_t>(channel.value) << 16);
}

std::optional<std::uint8_t> read_requested_transport(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return value[0];
}

void add_requested_transport(MessageWriter& writer, std::uint8_t protocol) {
  writer.add_u32(AttributeType::kRequestedTransport, static_cast<std::uint32_t>(protocol) << 24);
}

std::optional<RequestedFamily> read_address_family(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return to_family(value[0]);
}

void add_address_family(MessageWriter& writer, AttributeType type, IpFamily family) {
  writer.add_u32(type, static_cast<std::uint32_t>(family_number(family)) << 24);
}

std::optional<bool> read_even_port(Bytes value) {
  if (value.size() != 1) return std::nullopt;
  return (value[0] & 0x80) != 0;
}

void add_even_port(MessageWriter& writer, bool reserve_next) {
  const std::array<std::uint8_t, 1> value{static_cast<std::uint8_t>(reserve_next ? 0x80 : 0)};
  writer.add(AttributeType::kEvenPort, value);
}

std::optional<AddressErrorCode> read_address_error_code(Bytes value) {
  ByteReader reader(value);
  AddressErrorCode result;
  result.family = to_family(reader.u8());
  reader.skip(1);
  const auto error = read_class_and_number(reader);
  if (!error) return std::nullopt;
  result.error = {error->code, as_text(reader.take_rest())};
  return result;
}

void add_address_error_code(MessageWriter& writer, IpFamily family, std::uint16_t code) {
  std::array<std::uint8_t, 4> bytes{};
  ByteWriter value(bytes);
  value.u8(family_number(family));
  value.u8(0);
  value.u8(static_cast<std::uint8_t>(code / 100));
  value.u8(static_cast<std::uint8_t>(code % 100));
  writer.add(AttributeType::kAddressErrorCode, value.written());
}

std::optional<Icmp> read_icmp(Bytes value) {
  if (value.size() != 8) return std::nullopt;
  ByteReader reader(value);
  reader.skip(2);
  Icmp icmp;
  // Seven bits of type, nine of code.
  const std::uint16_t both = reader.u16();
  icmp.type = static_cast<std::uint8_t>(both >> 9);
  icmp.code = static_cast<std::uint8_t>(both & 0x1FF);
  icmp.error_data = reader.u32();
  return icmp;
}

void add_icmp(MessageWriter& writer, const Icmp& icmp) {
  const std::uint64_t both = (static_cast<std::uint64_t>(icmp.type) & 0x7F) << 9 | icmp.code;
  writer.add_u64(AttributeType::kIcmp, both << 32 | icmp.error_data);
}

std::optional<ChangeRequest> read_change_request(Bytes value) {
  const auto bits = read_u32(value);
  if (!bits) return std::nullopt;
  return ChangeRequest{(*bits & 4) != 0, (*bits & 2) != 0};
}

void add_change_request(MessageWriter& writer, ChangeRequest change) {
  writer.add_u32(AttributeType::kChangeRequest,
                 (change.change_ip ? 4U : 0U) | (change.change_port ? 2U : 0U));
}

std::optional<Port> read_response_port(Bytes value) {
  if (value.size() != 4) return std::nullopt;
  return Port{ByteReader(value).u16()};
}

void add_response_port(MessageWriter& writer, Port port) {
  writer.add_u32(AttributeType::kResponsePort, static_cast<std::uint32_t>(port.value) << 16);
}

}  // namespace beeline::stun
