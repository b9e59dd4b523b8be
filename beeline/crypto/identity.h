// What an endpoint of a call is known by: a key pair and the certificate over it that DTLS shows
// (RFC 8827 §6.5), and the fingerprints that go into signaling (RFC 8122). Certificates that people
// or browsers check names on are in certificate.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/base/instant.h"

struct x509_st;      // OpenSSL's X509
struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace beeline::crypto {

// The hash functions of RFC 8122 §5 that prove something; MD5 and SHA-1 have no value here. From
// weak to strong.
enum class CertificateHash : std::uint8_t { kSha256, kSha384, kSha512 };

// The digest of a certificate's DER encoding: 32, 48 or 64 bytes.
std::vector<std::uint8_t> certificate_digest(CertificateHash hash, Bytes certificate_der);

// Copies share what is inside, which never changes: one identity may serve any number of sessions
// on any thread. The private key has no way out of it as bytes.
class Identity {
 public:
  // The view lives as long as any copy.
  Bytes certificate_der() const;
  std::vector<std::uint8_t> fingerprint(CertificateHash hash) const;
  WallTime expires() const;

  // For the modules that hand it to OpenSSL; borrowed, for as long as any copy lives.
  struct Native {
    x509_st* certificate;
    evp_pkey_st* key;
  };
  Native native() const;

 private:
  struct Parts;
  explicit Identity(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  friend Identity make_identity(WallTime now, std::chrono::days lifetime);

  std::shared_ptr<const Parts> parts_;
};

// A new ECDSA key on P-256 and a certificate over it that is signed by itself with SHA-256, with a
// random serial number and a subject that says nothing about who it is. Valid from one day before
// `now` until `now` + `lifetime`. The key comes from OpenSSL's generator.
Identity make_identity(WallTime now, std::chrono::days lifetime);

}  // namespace beeline::crypto
