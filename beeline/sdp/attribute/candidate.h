// The candidate attribute (RFC 8839 §5.1; RFC 6544 §4.5 for TCP), in descriptions and as the
// string that applications carry. Words and numbers: what they mean is ice/'s.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// Nothing follows (RFC 8840 §8).
inline constexpr Key kEndOfCandidates{'a', "end-of-candidates"};

struct Candidate {
  static constexpr Key kKey{'a', "candidate"};
  // "generation 0", "network-cost 999", "ufrag x", whatever there is. A last word without another
  // behind it has an empty value.
  struct Extension {
    std::string name;
    std::string value;
    bool operator==(const Extension&) const = default;
  };

  std::string foundation;         // 1 to 32 characters
  std::uint16_t component = 1;    // 1 to 256
  std::string transport = "udp";  // lower case
  std::uint32_t priority = 0;
  std::string address;  // IPv4, IPv6 or a name ("….local"), as written
  Port port;
  std::string type = "host";    // lower case: "host", "srflx", "prflx", "relay", or new ones
  std::string related_address;  // empty: not said
  std::optional<Port> related_port;
  std::string tcp_type;               // lower case: "active", "passive", "so"; empty for UDP
  std::vector<Extension> extensions;  // in their order

  // The value of the attribute, and also "candidate:…" and "a=candidate:…", for that is what
  // applications hand over. At most kMaxCandidateBytes of it.
  static std::expected<Candidate, ValueError> parse(std::string_view text);
  std::string text() const;  // the value alone

  std::string_view extension(std::string_view name) const;  // empty where it is not there
  bool operator==(const Candidate&) const = default;
};
inline constexpr std::size_t kMaxCandidateBytes = 2048;

// "candidate:…", as applications carry it.
std::string candidate_string(const Candidate& candidate);

// True for what applications hand over to say that no candidates follow: an empty string, or the
// attribute end-of-candidates.
bool is_end_of_candidates(std::string_view text);

}  // namespace beeline::sdp
