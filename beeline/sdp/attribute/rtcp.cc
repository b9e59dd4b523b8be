#include "beeline/sdp/attribute/rtcp.h"

#include <fmt/format.h>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 3605 §2.1
std::expected<RtcpAddress, ValueError> RtcpAddress::parse(std::string_view text) {
  const auto port = number<std::uint16_t>(take_word(text));
  if (!port) return std::unexpected(ValueError::kOutOfRange);
  RtcpAddress rtcp{Port{*port}, std::nullopt};
  if (trim(text).empty()) return rtcp;
  auto connection = Connection::parse(text);
  if (!connection) return std::unexpected(connection.error());
  rtcp.connection = std::move(*connection);
  return rtcp;
}

std::string RtcpAddress::text() const {
  return connection ? fmt::format("{} {}", port.value, connection->text())
                    : fmt::format("{}", port.value);
}

}  // namespace beeline::sdp
