#include "beeline/sdp/attribute/group.h"

#include <algorithm>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 5888 §5
std::expected<Group, ValueError> Group::parse(std::string_view text) {
  Group group;
  group.semantics = take_word(text);
  if (group.semantics.empty()) return std::unexpected(ValueError::kMalformed);
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    if (group.mids.size() == kMaxMids) return std::unexpected(ValueError::kOutOfRange);
    group.mids.emplace_back(word);
  }
  return group;
}

std::string Group::text() const {
  std::string out = semantics;
  for (const std::string& mid : mids) out.append(1, ' ').append(mid);
  return out;
}

bool Group::has(std::string_view mid) const {
  return std::ranges::find(mids, mid) != mids.end();
}

}  // namespace beeline::sdp
