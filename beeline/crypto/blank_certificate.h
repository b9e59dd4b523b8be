// What the certificates of this module have in common before they are signed. For .cc files of the
// module; OpenSSL's types are only named here.
#pragma once

#include <chrono>
#include <string_view>

#include "beeline/base/instant.h"

struct x509_st;      // OpenSSL's X509
struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace beeline::crypto {

// A version 3 certificate over `key` with a random serial number (RFC 5280 §4.1.2.2) and a subject
// of one common name, valid from one day before `now`, for clocks that are behind. No issuer, no
// extensions, no signature. The caller frees it.
x509_st* blank_certificate(std::string_view common_name, evp_pkey_st* key, WallTime now,
                           std::chrono::days lifetime);

}  // namespace beeline::crypto
