// Which stream and track of an application a media section carries (RFC 8830 §2).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// Written once for every stream that the track is in.
struct Msid {
  static constexpr Key kKey{'a', "msid"};
  std::string stream;  // "-": in no stream (RFC 9429 §5.2.1)
  std::string track;   // empty: not said

  static std::expected<Msid, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Msid&) const = default;
};

}  // namespace beeline::sdp
