// RTP streams that have names instead of numbers (RFC 8851 §4, §10).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/attribute/codec.h"
#include "beeline/sdp/attribute/parameters.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// "a=rid:h send pt=96,97;max-width=1280"
struct Rid {
  enum class Way : std::uint8_t { kSend, kRecv };
  static constexpr Key kKey{'a', "rid"};
  std::string id;  // 1 to 255 characters, for an RTP header extension carries it (RFC 8852 §3)
  Way way = Way::kSend;
  std::vector<PayloadType> payload_types;  // none: any
  std::vector<Parameter> restrictions;     // "max-width" and others

  static std::expected<Rid, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Rid&) const = default;
};

// Those of a section that can be read, the first of each name: some clients write them twice.
std::vector<Rid> rids(const Media& media);

}  // namespace beeline::sdp
