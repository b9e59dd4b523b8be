#include "apps/beeline/host_port.h"

#include <charconv>

namespace beeline::cli {

std::optional<HostPort> parse_host_port(std::string_view text, std::optional<Port> otherwise) {
  const bool bracketed = text.starts_with('[');
  // An IPv6 address without brackets has no port behind it.
  const bool bare_v6 = !bracketed && text.find(':') != text.rfind(':');
  const std::size_t closing = bracketed ? text.find(']') : 0;
  if (closing == std::string_view::npos) return std::nullopt;
  const std::size_t colon = bare_v6 ? std::string_view::npos : text.find(':', closing);
  std::string_view host = text.substr(0, colon);
  if (bracketed) {
    if (closing + 1 != host.size()) return std::nullopt;
    host = host.substr(1, closing - 1);
  }
  const bool has_spaces = host.find_first_of(" \t\r\n/") != std::string_view::npos;
  if (host.empty() || has_spaces || (bare_v6 && !IpAddress::parse(host))) return std::nullopt;
  if (colon == std::string_view::npos) {
    if (!otherwise) return std::nullopt;
    return HostPort{std::string(host), *otherwise};
  }
  Port port;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port.value);
  if (read.ec != std::errc{} || read.ptr != end || port.value == 0) return std::nullopt;
  return HostPort{std::string(host), port};
}

}  // namespace beeline::cli
