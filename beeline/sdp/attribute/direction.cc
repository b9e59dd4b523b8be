#include "beeline/sdp/attribute/direction.h"

#include <algorithm>
#include <array>

namespace beeline::sdp {
namespace {

constexpr std::array<std::string_view, 4> kNames{"inactive", "sendonly", "recvonly", "sendrecv"};

std::optional<Direction> direction_of(const Line& line) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (line.is({'a', kNames[i]})) return static_cast<Direction>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Direction direction) {
  return kNames[static_cast<std::size_t>(direction)];
}

std::optional<Direction> parse_direction(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == text) return static_cast<Direction>(i);
  return std::nullopt;
}

//= RFC 8866 §6.7
std::optional<Direction> direction_of(const Section& section) {
  for (const Line& line : section.lines)
    if (const auto direction = direction_of(line)) return direction;
  return std::nullopt;
}

Direction effective_direction(const Session& session, const Media& media) {
  if (const auto own = direction_of(media)) return *own;
  return direction_of(session).value_or(Direction::kSendrecv);
}

void set_direction(Section& section, Direction direction) {
  const auto is_one = [](const Line& line) { return direction_of(line).has_value(); };
  const auto first = std::ranges::find_if(section.lines, is_one);
  if (first == section.lines.end()) return section.add({'a', to_string(direction)});
  first->text = to_string(direction);
  section.lines.erase(std::remove_if(std::next(first), section.lines.end(), is_one),
                      section.lines.end());
}

}  // namespace beeline::sdp
