// RTP header extensions (RFC 8285 §5): which number means which.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/sdp/attribute/direction.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// One-byte and two-byte headers may be mixed (RFC 8285 §6). For the whole session or a section;
// write it for the session, or Chromium drops extensions.
inline constexpr Key kExtmapAllowMixed{'a', "extmap-allow-mixed"};

// "a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:sdes:mid"
struct Extmap {
  static constexpr Key kKey{'a', "extmap"};
  // 1 to 255; or 4096 to 4351 in offers that have more than fit, which an answer may not keep.
  std::uint16_t id = 0;
  std::optional<Direction> direction;  // none: that of the section
  std::string uri;
  std::string attributes;  // of the extension; empty: none

  bool is_usable() const { return id <= 255; }
  static std::expected<Extmap, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Extmap&) const = default;
};

}  // namespace beeline::sdp
