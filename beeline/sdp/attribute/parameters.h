// "name=value;name;name=value", as formats (RFC 8866 §6.15) and RTP streams (RFC 8851 §5) have
// them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

struct Parameter {
  std::string name;
  std::string value;  // empty: there was no equals sign, or nothing behind it
  bool operator==(const Parameter&) const = default;
};

inline constexpr std::size_t kMaxParameters = 256;

// In their order. Spaces around them and empty ones are left out. kOutOfRange: more than
// kMaxParameters.
std::expected<std::vector<Parameter>, ValueError> parse_parameters(std::string_view text);
std::string parameters_text(const std::vector<Parameter>& parameters);

// The first of that name, in any case; null where it is not there. Borrowed.
const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name);

}  // namespace beeline::sdp
