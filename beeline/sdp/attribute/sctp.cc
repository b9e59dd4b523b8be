#include "beeline/sdp/attribute/sctp.h"

#include <fmt/format.h>

#include <algorithm>

#include "beeline/base/encoding.h"
#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::size_t kMaxChunk = 65535;

std::expected<Port, ValueError> read_port(std::string_view text) {
  const auto port = number<std::uint16_t>(text);
  if (!port) return std::unexpected(ValueError::kOutOfRange);
  return Port{*port};
}

}  // namespace

//= RFC 8841 §5
std::expected<SctpPort, ValueError> SctpPort::parse(std::string_view text) {
  const auto port = read_port(trim(text));
  if (!port) return std::unexpected(port.error());
  return SctpPort{*port};
}

std::string SctpPort::text() const {
  return fmt::format("{}", port.value);
}

//= RFC 8841 §6
std::expected<MaxMessageSize, ValueError> MaxMessageSize::parse(std::string_view text) {
  const auto bytes = number<std::uint64_t>(trim(text));
  if (!bytes) return std::unexpected(ValueError::kOutOfRange);
  return MaxMessageSize{*bytes};
}

std::string MaxMessageSize::text() const {
  return fmt::format("{}", bytes);
}

std::expected<SctpMap, ValueError> SctpMap::parse(std::string_view text) {
  const auto all = words(text);
  if (all.size() < 2) return std::unexpected(ValueError::kMalformed);
  const auto port = read_port(all[0]);
  const auto streams = all.size() > 2 ? number<std::uint32_t>(all[2]) : std::uint32_t{0};
  if (!port || !streams) return std::unexpected(ValueError::kOutOfRange);
  return SctpMap{*port, std::string(all[1]), *streams};
}

std::string SctpMap::text() const {
  std::string out = fmt::format("{} {}", port.value, protocol);
  if (streams != 0) out += fmt::format(" {}", streams);
  return out;
}

std::expected<SctpInit, ValueError> SctpInit::parse(std::string_view text) {
  auto chunk = from_base64(trim(text));
  if (!chunk) return std::unexpected(ValueError::kMalformed);
  if (chunk->empty() || chunk->size() > kMaxChunk) return std::unexpected(ValueError::kOutOfRange);
  return SctpInit{std::move(*chunk)};
}

std::string SctpInit::text() const {
  return to_base64(chunk);
}

bool is_data_channel(const Media& media) {
  if (!media.uses_sctp()) return false;
  if (std::ranges::find(media.formats, kDataChannel) != media.formats.end()) return true;
  const auto map = first<SctpMap>(media);
  return map && map->protocol == kDataChannel;
}

std::expected<Port, ValueError> sctp_port(const Media& media) {
  const auto port = first<SctpPort>(media);
  if (port) return port->port;
  if (port.error() != ValueError::kAbsent) return std::unexpected(port.error());
  const auto map = first<SctpMap>(media);
  if (map) return map->port;
  if (map.error() != ValueError::kAbsent) return std::unexpected(map.error());
  // Older still: the port alone, as the format.
  const bool has_number = media.uses_sctp() && !media.formats.empty();
  const auto format = has_number ? number<std::uint16_t>(media.formats.front()) : std::nullopt;
  if (!format) return std::unexpected(ValueError::kAbsent);
  return Port{*format};
}

//= RFC 8841 §6.1
std::expected<std::uint64_t, ValueError> max_message_size(const Media& media) {
  const auto size = first<MaxMessageSize>(media);
  if (size) return size->bytes;
  if (size.error() == ValueError::kAbsent) return MaxMessageSize{}.bytes;
  return std::unexpected(size.error());
}

}  // namespace beeline::sdp
