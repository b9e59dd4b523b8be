#include "beeline/sdp/attribute/mid.h"

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 5888 §4
std::expected<Mid, ValueError> Mid::parse(std::string_view text) {
  constexpr std::size_t kMost = 255;
  text = trim(text);
  if (text.size() > kMost) return std::unexpected(ValueError::kOutOfRange);
  if (!is_token(text, kMost)) return std::unexpected(ValueError::kMalformed);
  return Mid{std::string(text)};
}

}  // namespace beeline::sdp
