#include "tests/scenarios/describe.h"

#include <fmt/format.h>

#include "beeline/stun/attributes.h"

namespace beeline::scenarios {
namespace {

const char* name_of(stun::Method method) {
  switch (method) {
    case stun::Method::kBinding:
      return "Binding";
    case stun::Method::kAllocate:
      return "Allocate";
    case stun::Method::kRefresh:
      return "Refresh";
    case stun::Method::kSend:
      return "Send";
    case stun::Method::kData:
      return "Data";
    case stun::Method::kCreatePermission:
      return "CreatePermission";
    case stun::Method::kChannelBind:
      return "ChannelBind";
  }
  return "unknown method";
}

const char* name_of(stun::Class message_class) {
  switch (message_class) {
    case stun::Class::kRequest:
      return "request";
    case stun::Class::kIndication:
      return "indication";
    case stun::Class::kSuccess:
      return "success";
    case stun::Class::kError:
      break;
  }
  return "error";
}

std::string describe_stun(const stun::Message& message) {
  std::string text =
      fmt::format("{} {}", name_of(message.method()), name_of(message.message_class()));
  if (const auto error = message.find(stun::AttributeType::kErrorCode))
    if (const auto code = stun::read_error_code(error->value))
      text += fmt::format(" {}", code->code);
  if (message.has(stun::AttributeType::kUseCandidate)) text += ", nominates";
  const auto peer = message.find(stun::AttributeType::kXorPeerAddress);
  if (peer)
    if (const auto address = stun::read_xor_address(peer->value, message.transaction_id()))
      text += " " + address->to_string();
  return text;
}

}  // namespace

std::string describe(const sim::IpPacket& packet) {
  const Bytes bytes = packet.payload ? packet.payload.bytes() : Bytes();
  if (packet.protocol == sim::Protocol::kTcp) return "TCP";
  if (const auto message = stun::Message::parse(bytes)) return describe_stun(*message);
  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  if (first >= 0x80 && bytes.size() == 17) return fmt::format("data {}", reader.u64());
  if (first >= 0x40 && first < 0x80) {
    const std::uint16_t channel = static_cast<std::uint16_t>(first << 8 | reader.u8());
    return fmt::format("ChannelData {:#x}, {} bytes", channel, reader.u16());
  }
  return fmt::format("{} bytes", bytes.size());
}

std::string describe(const ice::Explanation& explanation) {
  const auto name = [](const ice::Candidate& candidate) {
    return fmt::format("{} {}", ice::to_string(candidate.type), candidate.address.to_string());
  };
  std::string text = fmt::format(
      "{}, {}, {}\n", ice::to_string(explanation.state),
      explanation.role == ice::Role::kControlling ? "controlling" : "controlled",
      explanation.path ? name(explanation.path->local) + " > " + name(explanation.path->remote)
                       : "no path");
  for (const ice::Candidate& candidate : explanation.local)
    text += "  local  " + name(candidate) + "\n";
  for (const ice::Candidate& candidate : explanation.remote)
    text += "  remote " + name(candidate) + "\n";
  for (const ice::ServerReport& server : explanation.servers)
    text += fmt::format("  server {} from {}: {} {}\n", server.server,
                        server.from ? server.from->to_string() : "anywhere",
                        ice::to_string(server.result), server.code);
  for (const ice::PairReport& pair : explanation.pairs)
    text += fmt::format("  pair {} > {}: {}, {}, {} sent, {} answered, {} heard{}{}\n",
                        name(pair.local), name(pair.remote), ice::to_string(pair.state),
                        ice::to_string(pair.reason), pair.checks_sent, pair.answers,
                        pair.requests_heard,
                        pair.nomination ? fmt::format(", nomination {}", pair.nomination) : "",
                        pair.doubted ? ", doubted" : "");
  return text;
}

}  // namespace beeline::scenarios
