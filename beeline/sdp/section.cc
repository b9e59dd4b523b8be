#include "beeline/sdp/section.h"

#include <algorithm>

namespace beeline::sdp {
namespace {

//= RFC 8866 §5
// The order of a session's lines, which is that of a media section's as well. Unknown ones: last.
std::size_t rank(char type) {
  constexpr std::string_view kOrder = "osiuepcbtrzka";
  return std::min(kOrder.find(type), kOrder.size() - 1);
}

std::string text_of(Key key, std::string_view value) {
  if (key.type != 'a') return std::string(value);
  std::string text(key.name);
  if (!value.empty()) text.append(1, ':').append(value);
  return text;
}

}  // namespace

//= RFC 8866 §5.13
std::string_view Line::name() const {
  if (type != 'a') return {};
  return std::string_view(text).substr(0, text.find(':'));
}

std::string_view Line::value() const {
  if (type != 'a') return text;
  return std::string_view(text).substr(std::min(name().size() + 1, text.size()));
}

const Line* Section::find(Key key) const {
  const auto found = std::ranges::find_if(lines, [key](const Line& line) { return line.is(key); });
  return found == lines.end() ? nullptr : &*found;
}

void Section::add(Key key, std::string_view value) {
  auto place = lines.end();
  while (place != lines.begin() && rank(std::prev(place)->type) > rank(key.type)) --place;
  lines.insert(place, Line{key.type, text_of(key, value)});
}

void Section::set(Key key, std::string_view value) {
  const auto first = std::ranges::find_if(lines, [key](const Line& line) { return line.is(key); });
  if (first == lines.end()) return add(key, value);
  std::string text = text_of(key, value);  // which may be borrowed from a line that goes
  lines.erase(std::remove_if(std::next(first), lines.end(),
                             [key](const Line& line) { return line.is(key); }),
              lines.end());
  first->text = std::move(text);
}

void Section::remove(Key key) {
  std::erase_if(lines, [key](const Line& line) { return line.is(key); });
}

}  // namespace beeline::sdp
