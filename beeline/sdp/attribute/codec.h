// Codecs: what rtpmap, fmtp (RFC 8866 §6.6, §6.15) and rtcp-fb (RFC 4585 §4.2) say of the payload
// types on the "m=" line. Which of them anybody wants is negotiation's business.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/attribute/parameters.h"
#include "beeline/sdp/media.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

struct PayloadType {
  std::uint8_t value = 0;  // 0 to 127
  auto operator<=>(const PayloadType&) const = default;
};
std::optional<PayloadType> parse_payload_type(std::string_view text);

// "a=rtpmap:111 opus/48000/2"
struct Rtpmap {
  static constexpr Key kKey{'a', "rtpmap"};
  PayloadType payload_type;
  std::string encoding;
  std::uint32_t clock_rate = 0;  // hertz
  std::uint16_t channels = 1;    // of audio

  static std::expected<Rtpmap, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Rtpmap&) const = default;
};

// "a=fmtp:111 minptime=10;useinbandfec=1"
struct Fmtp {
  static constexpr Key kKey{'a', "fmtp"};
  PayloadType payload_type;
  std::vector<Parameter> parameters;  // of red, one without a value: "111/111"

  static std::expected<Fmtp, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Fmtp&) const = default;
};

struct Feedback {
  std::string type;       // "nack", "ccm", "transport-cc", …
  std::string parameter;  // "pli", "fir"; empty: none
  bool operator==(const Feedback&) const = default;
};

// "a=rtcp-fb:96 nack pli"
struct RtcpFb {
  static constexpr Key kKey{'a', "rtcp-fb"};
  std::optional<PayloadType> payload_type;  // none: "*", all of them
  Feedback feedback;

  static std::expected<RtcpFb, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const RtcpFb&) const = default;
};

struct Codec {
  PayloadType payload_type;
  std::string name;  // as written; compare without case
  std::uint32_t clock_rate = 0;
  std::uint16_t channels = 1;
  std::vector<Parameter> parameters;  // of all its fmtp lines; at most kMaxParameters
  std::vector<Feedback> feedback;     // "*" included; at most kMaxFeedback
  bool operator==(const Codec&) const = default;
};
inline constexpr std::size_t kMaxFeedback = 128;

// The codecs of an RTP section in the order of its "m=" line, which is the order of preference.
// Lines about payload types that are not on that line, and lines that cannot be read, are passed
// over, and so is a payload type that has no rtpmap and no fixed meaning (RFC 3551 §6).
std::vector<Codec> codecs(const Media& media);

// The lines that say this codec, behind those that are there, and its format on the "m=" line.
void add_codec(Media& media, const Codec& codec);

}  // namespace beeline::sdp
