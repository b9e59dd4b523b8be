// The name of a media section (RFC 5888 §4), which other attributes and RTP packets call it by.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

struct Mid {
  static constexpr Key kKey{'a', "mid"};
  std::string value;  // 1 to 255 characters, for an RTP header extension carries it (RFC 9143 §15)

  static std::expected<Mid, ValueError> parse(std::string_view text);
  std::string text() const { return value; }
  bool operator==(const Mid&) const = default;
};

}  // namespace beeline::sdp
