// Who begins the DTLS handshake (RFC 4145 §4, RFC 5763 §5), and which DTLS association is meant
// (RFC 8842 §4).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

struct Setup {
  enum class Role : std::uint8_t { kActpass, kActive, kPassive, kHoldconn };
  static constexpr Key kKey{'a', "setup"};
  Role role = Role::kActpass;

  static std::expected<Setup, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Setup&) const = default;
};

// A new value asks for a new DTLS association: 20 to 255 characters.
struct TlsId {
  static constexpr Key kKey{'a', "tls-id"};
  std::string value;

  static std::expected<TlsId, ValueError> parse(std::string_view text);
  std::string text() const { return value; }
  bool operator==(const TlsId&) const = default;
};

}  // namespace beeline::sdp
