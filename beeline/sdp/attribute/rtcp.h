// Where RTCP goes (RFC 5761, RFC 3605) and in which form (RFC 5506).
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/address.h"
#include "beeline/sdp/session.h"

namespace beeline::sdp {

inline constexpr Key kRtcpMux{'a', "rtcp-mux"};           // RFC 5761 §5.1.1
inline constexpr Key kRtcpMuxOnly{'a', "rtcp-mux-only"};  // RFC 8858 §3
inline constexpr Key kRtcpRsize{'a', "rtcp-rsize"};       // RFC 5506 §5

// "a=rtcp:9 IN IP4 0.0.0.0". Where RTCP shares RTP's port, it says nothing.
struct RtcpAddress {
  static constexpr Key kKey{'a', "rtcp"};
  Port port;
  std::optional<Connection> connection;

  static std::expected<RtcpAddress, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const RtcpAddress&) const = default;
};

}  // namespace beeline::sdp
