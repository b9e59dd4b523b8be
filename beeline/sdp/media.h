// A media section (RFC 8866 §5.14): the "m=" line as data, and the lines below it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// RFC 9143 §6: port 0 here does not mean that the section is rejected.
inline constexpr Key kBundleOnly{'a', "bundle-only"};

struct Media : Section {
  std::string kind;                  // "audio", "video", "application"; whatever was written
  Port port;                         // 0: rejected, unless it is bundle-only; 9: not known yet
  std::uint16_t port_count = 1;      // "m=audio 5000/2": a relic
  std::string protocol;              // "UDP/TLS/RTP/SAVPF"; any word, or none in broken sections
  std::vector<std::string> formats;  // payload types, or "webrtc-datachannel"

  // What stands behind "m=". Only the kind and the port have to be there.
  static std::expected<Media, ValueError> parse_line(std::string_view text);
  std::string line_text() const;

  bool is_rejected() const { return port.value == 0 && !has(kBundleOnly); }
  bool uses_rtp() const;   // by the protocol
  bool uses_sctp() const;  // by the protocol

  bool operator==(const Media&) const = default;
};

}  // namespace beeline::sdp
