#include "beeline/sdp/attribute/ssrc.h"

#include <fmt/format.h>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 5576 §4.1
std::expected<SsrcAttribute, ValueError> SsrcAttribute::parse(std::string_view text) {
  SsrcAttribute attribute;
  const auto ssrc = number<std::uint32_t>(take_word(text));
  text = trim(text);
  attribute.name = trim(take_until(text, ':'));
  attribute.value = trim(text);
  if (!ssrc) return std::unexpected(ValueError::kOutOfRange);
  if (attribute.name.empty()) return std::unexpected(ValueError::kMalformed);
  attribute.ssrc = Ssrc{*ssrc};
  return attribute;
}

std::string SsrcAttribute::text() const {
  std::string out = fmt::format("{} {}", ssrc.value, name);
  if (!value.empty()) out.append(1, ':').append(value);
  return out;
}

//= RFC 5576 §4.2
std::expected<SsrcGroup, ValueError> SsrcGroup::parse(std::string_view text) {
  SsrcGroup group;
  group.semantics = take_word(text);
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    const auto ssrc = number<std::uint32_t>(word);
    if (!ssrc) return std::unexpected(ValueError::kOutOfRange);
    group.ssrcs.push_back(Ssrc{*ssrc});
  }
  if (group.ssrcs.empty()) return std::unexpected(ValueError::kMalformed);
  return group;
}

std::string SsrcGroup::text() const {
  std::string out = semantics;
  for (const Ssrc ssrc : ssrcs) out += fmt::format(" {}", ssrc.value);
  return out;
}

}  // namespace beeline::sdp
