#include "beeline/sctp/wire/parameter.h"

#include <array>

namespace beeline::sctp {
namespace {

// RFC 9653 §8: the identifier of DTLS among what may stand in for the checksum.
constexpr std::uint32_t kByDtls = 1;
constexpr std::size_t kMostReported = 8;

void note_extensions(Bytes chunk_types, Capabilities& capabilities) {
  for (const std::uint8_t type : chunk_types) {
    if (type == static_cast<std::uint8_t>(ChunkType::kReConfig)) capabilities.re_config = true;
    if (type == static_cast<std::uint8_t>(ChunkType::kForwardTsn))
      capabilities.partial_reliability = true;
    //= RFC 8260 §2.2.1
    if (type == static_cast<std::uint8_t>(ChunkType::kIData)) capabilities.interleaving = true;
  }
}

std::vector<StreamId> read_streams(ByteReader& reader) {
  std::vector<StreamId> streams;
  streams.reserve(reader.remaining() / 2);
  while (reader.remaining() >= 2) streams.push_back({reader.u16()});
  return streams;
}

std::optional<ReConfigParameter> read_re_config(const Tlv& tlv, ByteReader& reader) {
  switch (static_cast<ParameterType>(tlv.kind)) {
    case ParameterType::kOutgoingReset: {
      OutgoingReset reset;
      reset.request = {reader.u32()};
      reset.response = {reader.u32()};
      reset.last = {reader.u32()};
      reset.streams = read_streams(reader);
      return reset;
    }
    case ParameterType::kIncomingReset: {
      IncomingReset reset;
      reset.request = {reader.u32()};
      reset.streams = read_streams(reader);
      return reset;
    }
    case ParameterType::kAddOutgoingStreams:
    case ParameterType::kAddIncomingStreams: {
      AddStreams add;
      add.outgoing = static_cast<ParameterType>(tlv.kind) == ParameterType::kAddOutgoingStreams;
      add.request = {reader.u32()};
      add.count = reader.u16();
      return add;
    }
    case ParameterType::kReConfigResponse: {
      ReConfigResponse response;
      response.request = {reader.u32()};
      response.result = static_cast<ReConfigResult>(reader.u32());
      return response;
    }
    default:
      return std::nullopt;
  }
}

// Bytes of one parameter, grown as they come: parameters are small and rare.
class Value {
 public:
  Value& u16(std::uint16_t value) {
    bytes_.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes_.push_back(static_cast<std::uint8_t>(value & 0xFF));
    return *this;
  }
  Value& u32(std::uint32_t value) {
    return u16(static_cast<std::uint16_t>(value >> 16))
        .u16(static_cast<std::uint16_t>(value & 0xFFFF));
  }
  Value& streams(const std::vector<StreamId>& streams) {
    for (const StreamId stream : streams) u16(stream.value);
    return *this;
  }
  Bytes bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct ReConfigWriter {
  std::vector<std::uint8_t>& to;

  void operator()(const OutgoingReset& reset) const {
    Value value;
    value.u32(reset.request.value).u32(reset.response.value).u32(reset.last.value);
    append_parameter(to, ParameterType::kOutgoingReset, value.streams(reset.streams).bytes());
  }
  void operator()(const IncomingReset& reset) const {
    Value value;
    value.u32(reset.request.value).streams(reset.streams);
    append_parameter(to, ParameterType::kIncomingReset, value.bytes());
  }
  void operator()(const AddStreams& add) const {
    append_parameter(
        to, add.outgoing ? ParameterType::kAddOutgoingStreams : ParameterType::kAddIncomingStreams,
        Value().u32(add.request.value).u16(add.count).u16(0).bytes());
  }
  void operator()(const ReConfigResponse& response) const {
    append_parameter(to, ParameterType::kReConfigResponse,
                     Value()
                         .u32(response.request.value)
                         .u32(static_cast<std::uint32_t>(response.result))
                         .bytes());
  }
};

}  // namespace

std::expected<InitParameters, ParseError> parse_init_parameters(Bytes parameters) {
  InitParameters found;
  TlvReader reader(parameters);
  while (const auto tlv = reader.next()) {
    switch (static_cast<ParameterType>(tlv->kind)) {
      case ParameterType::kStateCookie:
        found.cookie = tlv->value;
        break;
      case ParameterType::kSupportedExtensions:
        note_extensions(tlv->value, found.capabilities);
        break;
      case ParameterType::kForwardTsnSupported:
        found.capabilities.partial_reliability = true;
        break;
      case ParameterType::kZeroChecksum: {
        ByteReader value(tlv->value);
        if (value.u32() == kByDtls && value.ok()) found.capabilities.zero_checksum = true;
        break;
      }
      // Known, and nothing to us: an end is whom DTLS says (RFC 8261 §6.1), at no other address.
      case ParameterType::kIpv4Address:
      case ParameterType::kIpv6Address:
      case ParameterType::kCookiePreservative:
      case ParameterType::kSupportedAddressTypes:
      case ParameterType::kUnrecognized:
        break;
      default:
        //= RFC 9260 §3.2.1
        // The two highest bits of an unknown type say whether to report it and whether to go on.
        if ((tlv->kind & 0x4000) != 0 && found.unrecognized.size() < kMostReported)
          found.unrecognized.push_back(tlv->whole);
        if ((tlv->kind & 0x8000) == 0) return found;
    }
  }
  if (!reader.ok()) return std::unexpected(ParseError::kBadLength);
  return found;
}

void append_parameter(std::vector<std::uint8_t>& to, ParameterType type, Bytes value) {
  const std::size_t length = TlvReader::kHeader + value.size();
  const auto kind = static_cast<std::uint16_t>(type);
  to.push_back(static_cast<std::uint8_t>(kind >> 8));
  to.push_back(static_cast<std::uint8_t>(kind & 0xFF));
  to.push_back(static_cast<std::uint8_t>(length >> 8));
  to.push_back(static_cast<std::uint8_t>(length & 0xFF));
  to.insert(to.end(), value.begin(), value.end());
  to.resize(to.size() + TlvReader::padded(length) - length);
}

std::vector<std::uint8_t> write_capabilities(const Capabilities& capabilities) {
  std::vector<std::uint8_t> chunks;
  const auto add = [&](ChunkType type) { chunks.push_back(static_cast<std::uint8_t>(type)); };
  if (capabilities.re_config) add(ChunkType::kReConfig);
  if (capabilities.partial_reliability) add(ChunkType::kForwardTsn);
  if (capabilities.interleaving) {
    add(ChunkType::kIData);
    if (capabilities.partial_reliability) add(ChunkType::kIForwardTsn);
  }
  std::vector<std::uint8_t> parameters;
  if (capabilities.partial_reliability)
    append_parameter(parameters, ParameterType::kForwardTsnSupported, {});
  if (!chunks.empty()) append_parameter(parameters, ParameterType::kSupportedExtensions, chunks);
  if (capabilities.zero_checksum)
    append_parameter(parameters, ParameterType::kZeroChecksum, Value().u32(kByDtls).bytes());
  return parameters;
}

std::expected<std::vector<ReConfigParameter>, ParseError> parse_re_config(const Chunk& chunk) {
  std::vector<ReConfigParameter> parameters;
  TlvReader reader(chunk.value);
  //= RFC 6525 §3.1
  // Two at most; a third would be a peer's invention.
  for (auto tlv = reader.next(); tlv && parameters.size() < 2; tlv = reader.next()) {
    ByteReader value(tlv->value);
    auto parameter = read_re_config(*tlv, value);
    if (!value.ok()) return std::unexpected(ParseError::kTooShort);
    if (parameter) parameters.push_back(std::move(*parameter));
  }
  if (!reader.ok()) return std::unexpected(ParseError::kBadLength);
  return parameters;
}

void append_re_config(std::vector<std::uint8_t>& to, const ReConfigParameter& parameter) {
  std::visit(ReConfigWriter{to}, parameter);
}

}  // namespace beeline::sctp
