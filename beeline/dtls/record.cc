#include "beeline/dtls/record.h"

namespace beeline::dtls {
namespace {

std::uint32_t u24(ByteReader& reader) {
  const std::uint32_t high = reader.u8();
  return (high << 16) | reader.u16();
}

}  // namespace

//= RFC 6347 §4.1
std::optional<Record> read_record(ByteReader& datagram) {
  Record record{};
  record.type = static_cast<ContentType>(datagram.u8());
  record.version = datagram.u16();
  record.epoch = datagram.u16();
  record.sequence = std::uint64_t{datagram.u16()} << 32;
  record.sequence |= datagram.u32();
  const std::size_t length = datagram.u16();
  record.fragment = datagram.take(length);
  if (!datagram.ok()) return std::nullopt;
  return record;
}

//= RFC 6347 §4.2.2
std::optional<HandshakeFragment> read_fragment(ByteReader& record) {
  HandshakeFragment fragment{};
  fragment.type = static_cast<HandshakeType>(record.u8());
  fragment.message_length = u24(record);
  fragment.message_sequence = record.u16();
  fragment.offset = u24(record);
  const std::size_t length = u24(record);
  fragment.bytes = record.take(length);
  if (!record.ok()) return std::nullopt;
  return fragment;
}

bool begins_with_client_hello(Bytes datagram) {
  ByteReader reader(datagram);
  const auto record = read_record(reader);
  if (!record || record->type != ContentType::kHandshake || record->epoch != 0) return false;
  ByteReader messages(record->fragment);
  const auto fragment = read_fragment(messages);
  return fragment && fragment->type == HandshakeType::kClientHello;
}

}  // namespace beeline::dtls
