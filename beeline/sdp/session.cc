#include "beeline/sdp/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 8866 §5.2
std::expected<Origin, ValueError> Origin::parse(std::string_view text) {
  const auto all = words(text);
  if (all.size() != 6) return std::unexpected(ValueError::kMalformed);
  const bool digits = std::ranges::all_of(all[1], [](char c) { return c >= '0' && c <= '9'; });
  const auto version = number<std::uint64_t>(all[2]);
  if (!digits || !version) return std::unexpected(ValueError::kOutOfRange);
  return Origin{std::string(all[0]), std::string(all[1]), *version,
                std::string(all[3]), std::string(all[4]), std::string(all[5])};
}

std::string Origin::text() const {
  return fmt::format("{} {} {} {} {} {}", username, session_id, session_version, network_type,
                     address_type, address);
}

//= RFC 8866 §5.7
std::expected<Connection, ValueError> Connection::parse(std::string_view text) {
  const auto all = words(text);
  if (all.size() != 3) return std::unexpected(ValueError::kMalformed);
  return Connection{std::string(all[0]), std::string(all[1]), std::string(all[2])};
}

std::string Connection::text() const {
  return fmt::format("{} {} {}", network_type, address_type, address);
}

//= RFC 8866 §5.8
std::expected<Bandwidth, ValueError> Bandwidth::parse(std::string_view text) {
  text = trim(text);
  if (text.find(':') == std::string_view::npos) return std::unexpected(ValueError::kMalformed);
  const std::string_view type = take_until(text, ':');
  const auto value = number<std::uint64_t>(text);
  if (type.empty()) return std::unexpected(ValueError::kMalformed);
  if (!value) return std::unexpected(ValueError::kOutOfRange);
  return Bandwidth{std::string(type), *value};
}

std::string Bandwidth::text() const {
  return fmt::format("{}:{}", type, value);
}

}  // namespace beeline::sdp
