// What is said of single RTP sources (RFC 5576 §4.1), and which of them belong together (§4.2).
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

struct Ssrc {
  std::uint32_t value = 0;
  auto operator<=>(const Ssrc&) const = default;
};

// "a=ssrc:314159 cname:somebody"
struct SsrcAttribute {
  static constexpr Key kKey{'a', "ssrc"};
  Ssrc ssrc;
  std::string name;   // "cname", "msid", …
  std::string value;  // empty: none

  static std::expected<SsrcAttribute, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const SsrcAttribute&) const = default;
};

// "a=ssrc-group:FID 314159 271828"
struct SsrcGroup {
  static constexpr Key kKey{'a', "ssrc-group"};
  std::string semantics;    // "FID", "SIM", "FEC-FR"
  std::vector<Ssrc> ssrcs;  // at least one

  static std::expected<SsrcGroup, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const SsrcGroup&) const = default;
};

}  // namespace beeline::sdp
