// Whether a certificate is the one that signaling announced (RFC 8122 §5): the only thing that ties
// a DTLS association to a person. Certificates here are signed by nobody else; names and dates in
// them are not looked at.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/crypto/identity.h"

namespace beeline::dtls {

struct Fingerprint {
  crypto::CertificateHash hash;
  std::vector<std::uint8_t> value;
  bool operator==(const Fingerprint&) const = default;
};

enum class FingerprintError : std::uint8_t {
  kWeakHash,     // MD2, MD5 or SHA-1: proves nothing
  kUnknownHash,  // another of the IANA registry, or none
  kMalformed,    // not pairs of hexadecimal digits with colons between, or too many or few
};

// What stands in "a=fingerprint:" of SDP: the hash function ("sha-256", any case) and the digest
// ("AB:cd:…").
std::expected<Fingerprint, FingerprintError> parse_fingerprint(std::string_view hash,
                                                               std::string_view digest);

Fingerprint fingerprint_of(const crypto::Identity& identity,
                           crypto::CertificateHash hash = crypto::CertificateHash::kSha256);

// Whether the certificate (DER) has one of the fingerprints. Only those of the strongest hash
// function among them count; false where there are none.
bool matches(std::span<const Fingerprint> fingerprints, Bytes certificate_der);

}  // namespace beeline::dtls
