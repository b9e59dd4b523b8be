#include "beeline/sdp/attribute/fingerprint.h"

#include "beeline/base/encoding.h"
#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::size_t kMaxDigest = 128;  // bytes, of functions that are not known here

}  // namespace

std::size_t digest_bytes(std::string_view hash) {
  if (hash == "sha-1") return 20;
  if (hash == "sha-224") return 28;
  if (hash == "sha-256") return 32;
  if (hash == "sha-384") return 48;
  if (hash == "sha-512") return 64;
  return 0;
}

//= RFC 8122 §5
std::expected<Fingerprint, ValueError> Fingerprint::parse(std::string_view text) {
  Fingerprint fingerprint;
  fingerprint.hash = lower(take_word(text));
  std::string_view digits = take_word(text);
  if (digits.empty() || !trim(text).empty()) return std::unexpected(ValueError::kMalformed);
  if (digits.size() > 3 * kMaxDigest) return std::unexpected(ValueError::kOutOfRange);
  if (digits.ends_with(':')) return std::unexpected(ValueError::kMalformed);
  while (!digits.empty()) {
    const auto byte = from_hex(take_until(digits, ':'));
    if (!byte || byte->size() != 1) return std::unexpected(ValueError::kMalformed);
    fingerprint.bytes.push_back(byte->front());
  }
  const std::size_t wanted = digest_bytes(fingerprint.hash);
  if (wanted != 0 && wanted != fingerprint.bytes.size())
    return std::unexpected(ValueError::kOutOfRange);
  return fingerprint;
}

std::string Fingerprint::text() const {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out = hash;
  char separator = ' ';
  for (const std::uint8_t byte : bytes) {
    out.append(1, separator).append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    separator = ':';
  }
  return out;
}

}  // namespace beeline::sdp
