#include "beeline/crypto/identity.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "beeline/crypto/blank_certificate.h"
#include "beeline/crypto/digest.h"

namespace beeline::crypto {

struct Identity::Parts {
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
  std::vector<std::uint8_t> der;
  WallTime expires;
};

std::vector<std::uint8_t> certificate_digest(CertificateHash hash, Bytes certificate_der) {
  const auto listed = [](const auto& digest) {
    return std::vector<std::uint8_t>(digest.begin(), digest.end());
  };
  switch (hash) {
    case CertificateHash::kSha256:
      return listed(sha256({certificate_der}));
    case CertificateHash::kSha384:
      return listed(sha384({certificate_der}));
    case CertificateHash::kSha512:
      return listed(sha512({certificate_der}));
  }
  return {};
}

Bytes Identity::certificate_der() const {
  return parts_->der;
}
std::vector<std::uint8_t> Identity::fingerprint(CertificateHash hash) const {
  return certificate_digest(hash, parts_->der);
}
WallTime Identity::expires() const {
  return parts_->expires;
}
Identity::Native Identity::native() const {
  return {parts_->certificate, parts_->key};
}

//= RFC 8827 §6.5
Identity make_identity(WallTime now, std::chrono::days lifetime) {
  const auto parts = std::make_shared<Identity::Parts>();
  parts->key = EVP_EC_gen("P-256");
  ensure(parts->key != nullptr, "a key");
  // The name browsers use: a certificate that says which program made it tells too much.
  parts->certificate = blank_certificate("WebRTC", parts->key, now, lifetime);
  // Some peers refuse a certificate without an issuer.
  X509_set_issuer_name(parts->certificate, X509_get_subject_name(parts->certificate));
  ensure(X509_sign(parts->certificate, parts->key, EVP_sha256()) > 0, "sign");
  const int size = i2d_X509(parts->certificate, nullptr);
  ensure(size > 0, "encode certificate");
  parts->der.resize(static_cast<std::size_t>(size));
  unsigned char* out = parts->der.data();
  i2d_X509(parts->certificate, &out);
  parts->expires = now + lifetime;
  return Identity(parts);
}

}  // namespace beeline::crypto
