// Media sections that belong together (RFC 5888 §5): BUNDLE (RFC 9143 §5), lip synchronisation and
// others.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

inline constexpr std::string_view kBundle = "BUNDLE";

inline constexpr std::size_t kMaxMids = 512;  // as many as there may be sections

struct Group {
  static constexpr Key kKey{'a', "group"};
  std::string semantics;          // kBundle, "LS", "FID", …
  std::vector<std::string> mids;  // in their order; maybe none, at most kMaxMids

  static std::expected<Group, ValueError> parse(std::string_view text);
  std::string text() const;
  bool has(std::string_view mid) const;
  bool operator==(const Group&) const = default;
};

}  // namespace beeline::sdp
