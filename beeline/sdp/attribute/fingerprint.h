// The fingerprint of a DTLS certificate (RFC 8122 §5). Whether a certificate has it is dtls/'s to
// find out.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/sdp/typed.h"

namespace beeline::sdp {

// There may be several in a section, by different functions or of different certificates.
struct Fingerprint {
  static constexpr Key kKey{'a', "fingerprint"};
  std::string hash;                 // lower case: "sha-256", or one that is not known here
  std::vector<std::uint8_t> bytes;  // as many as the function has, where it is known

  // Digits in either case.
  static std::expected<Fingerprint, ValueError> parse(std::string_view text);
  std::string text() const;  // "sha-256 AB:CD:…"
  bool operator==(const Fingerprint&) const = default;
};

// The bytes of a digest by "sha-1", "sha-224", "sha-256", "sha-384" or "sha-512", in lower case; 0
// for all others, MD2 and MD5 among them (RFC 8122 §5 forbids those).
std::size_t digest_bytes(std::string_view hash);

}  // namespace beeline::sdp
