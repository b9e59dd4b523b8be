#include "beeline/sdp/attribute/extmap.h"

#include <fmt/format.h>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

bool is_id(std::uint16_t id) {
  return (id >= 1 && id <= 255) || (id >= 4096 && id <= 4351);
}

}  // namespace

//= RFC 8285 §5
std::expected<Extmap, ValueError> Extmap::parse(std::string_view text) {
  Extmap extmap;
  std::string_view direction = take_word(text);
  const auto id = number<std::uint16_t>(take_until(direction, '/'));
  extmap.uri = take_word(text);
  extmap.attributes = trim(text);
  if (extmap.uri.empty()) return std::unexpected(ValueError::kMalformed);
  if (!id || !is_id(*id)) return std::unexpected(ValueError::kOutOfRange);
  extmap.id = *id;
  if (direction.empty()) return extmap;
  extmap.direction = parse_direction(direction);
  if (!extmap.direction) return std::unexpected(ValueError::kMalformed);
  return extmap;
}

std::string Extmap::text() const {
  std::string out = fmt::format("{}", id);
  if (direction) out.append(1, '/').append(to_string(*direction));
  out.append(1, ' ').append(uri);
  if (!attributes.empty()) out.append(1, ' ').append(attributes);
  return out;
}

}  // namespace beeline::sdp
