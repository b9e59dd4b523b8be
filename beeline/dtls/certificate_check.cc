#include "beeline/dtls/certificate_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "beeline/crypto/digest.h"

namespace beeline::dtls {
namespace {

using crypto::CertificateHash;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::expected<CertificateHash, FingerprintError> parse_hash(std::string_view name) {
  const std::string wanted = lower(name);
  constexpr std::array<std::pair<std::string_view, CertificateHash>, 3> kStrong{
      {{"sha-256", CertificateHash::kSha256},
       {"sha-384", CertificateHash::kSha384},
       {"sha-512", CertificateHash::kSha512}}};
  for (const auto& [known, hash] : kStrong)
    if (wanted == known) return hash;
  //= RFC 8122 §5
  if (wanted == "sha-1" || wanted == "md5" || wanted == "md2")
    return std::unexpected(FingerprintError::kWeakHash);
  return std::unexpected(FingerprintError::kUnknownHash);
}

std::size_t digest_size(CertificateHash hash) {
  constexpr std::array<std::size_t, 3> kSizes{32, 48, 64};
  return kSizes.at(static_cast<std::size_t>(hash));
}

std::optional<std::uint8_t> nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

//= RFC 8122 §5
std::expected<Fingerprint, FingerprintError> parse_fingerprint(std::string_view hash,
                                                               std::string_view digest) {
  const auto known = parse_hash(hash);
  if (!known) return std::unexpected(known.error());
  Fingerprint fingerprint{*known, {}};
  const std::size_t size = digest_size(*known);
  if (digest.size() != size * 3 - 1) return std::unexpected(FingerprintError::kMalformed);
  for (std::size_t i = 0; i < size; ++i) {
    const auto high = nibble(digest[i * 3]);
    const auto low = nibble(digest[i * 3 + 1]);
    const bool parted = i + 1 == size || digest[i * 3 + 2] == ':';
    if (!high || !low || !parted) return std::unexpected(FingerprintError::kMalformed);
    fingerprint.value.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return fingerprint;
}

Fingerprint fingerprint_of(const crypto::Identity& identity, CertificateHash hash) {
  return {hash, identity.fingerprint(hash)};
}

//= RFC 8122 §5.1
bool matches(std::span<const Fingerprint> fingerprints, Bytes certificate_der) {
  if (fingerprints.empty()) return false;
  const CertificateHash strongest = std::ranges::max(fingerprints, {}, &Fingerprint::hash).hash;
  const std::vector<std::uint8_t> digest = crypto::certificate_digest(strongest, certificate_der);
  return std::ranges::any_of(fingerprints, [&](const Fingerprint& one) {
    return one.hash == strongest && crypto::equal_in_constant_time(one.value, digest);
  });
}

}  // namespace beeline::dtls
