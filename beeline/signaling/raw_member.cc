#include "beeline/signaling/raw_member.h"

#include <algorithm>

namespace beeline::signaling {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// `at`: the opening quote. The position of the closing one.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (std::size_t quote = text.find('"', at + 1);; quote = text.find('"', quote + 1)) {
    const std::size_t before = text.find_last_not_of('\\', quote - 1);
    if ((quote - 1 - before) % 2 == 0) return quote;
  }
}

// `at`: where a value starts. The position behind it.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  int depth = 0;
  for (;; ++at) {
    switch (text[at]) {
      case '"':
        at = end_of_string(text, at);
        break;
      case '{':
      case '[':
        ++depth;
        continue;
      case '}':
      case ']':
        if (depth == 0) return at;  // of what the value stands in
        --depth;
        break;
      case ',':
        if (depth == 0) return at;
        continue;
      default:
        continue;  // of a number or a word, between the parts of a value
    }
    if (depth == 0) return at + 1;
  }
}

}  // namespace

std::string_view raw_member(std::string_view object, std::string_view name) {
  const auto skip_space = [&](std::size_t at) { return object.find_first_not_of(kSpace, at); };
  std::string_view found;
  for (std::size_t at = skip_space(object.find('{') + 1); object[at] == '"';) {
    const std::size_t name_ends = end_of_string(object, at);
    const std::string_view its_name = object.substr(at + 1, name_ends - at - 1);
    if (its_name.contains('\\')) return {};
    const std::size_t value = skip_space(skip_space(name_ends + 1) + 1);
    const std::size_t value_ends = end_of_value(object, value);
    if (its_name == name) found = object.substr(value, value_ends - value);
    at = skip_space(value_ends);
    if (object[at] == ',') at = skip_space(at + 1);
  }
  return found.contains('\n') || found.contains('\r') ? std::string_view() : found;
}

}  // namespace beeline::signaling
