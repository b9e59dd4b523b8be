// X.509 certificates for the server: a small certificate authority of one's own, and server
// certificates that it signs. PEM text in and out; where it is kept and who serves it is the host's
// business.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"

namespace beeline::crypto {

// A certificate with its private key (ECDSA P-256), both PEM. The key must never reach a log line.
struct KeyPair {
  std::string certificate_pem;
  std::string private_key_pem;
};

// What a server certificate is valid for; every name and address people type must be here (RFC
// 6125).
struct SubjectNames {
  std::vector<std::string> dns_names;
  std::vector<IpAddress> addresses;
};

enum class CertificateError { kUnreadable, kKeyMismatch };

// A self-signed authority that may sign server certificates and nothing else (path length 0). Valid
// from one day before `now`, for clocks that are behind.
KeyPair make_authority(std::string_view common_name, WallTime now, std::chrono::days lifetime);

// A server certificate signed by `authority`, valid from one day before `now`. Browsers refuse more
// than 825 days.
std::expected<KeyPair, CertificateError> make_server_certificate(const KeyPair& authority,
                                                                 const SubjectNames& names,
                                                                 WallTime now,
                                                                 std::chrono::days lifetime);

struct CertificateSummary {
  std::string subject;
  SubjectNames names;
  WallTime expires;
  std::string sha256_fingerprint;  // "AB:CD:…", as browsers show it
};

// Reads the first certificate of a PEM text.
std::expected<CertificateSummary, CertificateError> summarize(std::string_view certificate_pem);

}  // namespace beeline::crypto
