#include "beeline/sdp/attribute/parameters.h"

#include <algorithm>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

std::expected<std::vector<Parameter>, ValueError> parse_parameters(std::string_view text) {
  std::vector<Parameter> parameters;
  while (!text.empty()) {
    std::string_view piece = take_until(text, ';');
    const std::string_view name = trim(take_until(piece, '='));
    const std::string_view value = trim(piece);
    if (name.empty() && value.empty()) continue;  // "="
    if (parameters.size() == kMaxParameters) return std::unexpected(ValueError::kOutOfRange);
    parameters.push_back({std::string(name), std::string(value)});
  }
  return parameters;
}

std::string parameters_text(const std::vector<Parameter>& parameters) {
  std::string out;
  for (const Parameter& parameter : parameters) {
    if (!out.empty()) out.append(1, ';');
    out.append(parameter.name);
    if (!parameter.value.empty()) out.append(1, '=').append(parameter.value);
  }
  return out;
}

const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find_if(parameters, [name](const Parameter& parameter) {
    return equal_ignoring_case(parameter.name, name);
  });
  return found == parameters.end() ? nullptr : &*found;
}

}  // namespace beeline::sdp
