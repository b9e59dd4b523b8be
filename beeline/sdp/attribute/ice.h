// The ICE attributes beside the candidates (RFC 8839 §5.4, §5.6): credentials and options.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// Of the session: this agent answers checks and makes none (RFC 8839 §5.3).
inline constexpr Key kIceLite{'a', "ice-lite"};

// The user name fragment: 4 to 256 characters.
struct IceUfrag {
  static constexpr Key kKey{'a', "ice-ufrag"};
  std::string value;

  static std::expected<IceUfrag, ValueError> parse(std::string_view text);
  std::string text() const { return value; }
  bool operator==(const IceUfrag&) const = default;
};

// The password: 22 to 256 characters. Must never reach a log line.
struct IcePwd {
  static constexpr Key kKey{'a', "ice-pwd"};
  std::string value;

  static std::expected<IcePwd, ValueError> parse(std::string_view text);
  std::string text() const { return value; }
  bool operator==(const IcePwd&) const = default;
};

// What the agent can do beyond RFC 8445: "trickle", "ice2", "renomination", "sped", and words that
// nobody here knows.
struct IceOptions {
  static constexpr Key kKey{'a', "ice-options"};
  static constexpr std::size_t kMaxTokens = 64;
  std::vector<std::string> tokens;

  static std::expected<IceOptions, ValueError> parse(std::string_view text);
  std::string text() const;
  bool has(std::string_view token) const;
  bool operator==(const IceOptions&) const = default;
};

}  // namespace beeline::sdp
