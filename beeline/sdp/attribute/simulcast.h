// Several encodings of one source at once (RFC 8853 §5.1): which streams of rid.h they are.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// "a=simulcast:send h;~m,n;l recv x"
struct Simulcast {
  struct Choice {
    std::string rid;
    bool is_paused = false;  // "~": not sent to begin with
    bool operator==(const Choice&) const = default;
  };
  // One encoding: any one of these, the first is liked best. Never empty.
  using Alternatives = std::vector<Choice>;

  static constexpr Key kKey{'a', "simulcast"};
  static constexpr std::size_t kMaxBytes = 4096;  // of the value
  std::vector<Alternatives> send;
  std::vector<Alternatives> receive;

  // An older draft's "rid=" in front of the names is passed over.
  static std::expected<Simulcast, ValueError> parse(std::string_view text);
  std::string text() const;
  bool operator==(const Simulcast&) const = default;
};

}  // namespace beeline::sdp
