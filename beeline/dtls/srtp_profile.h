// The SRTP protection profiles that the use_srtp extension agrees on (RFC 5764 §4.1.2, RFC 7714
// §14.2). What they do is the business of srtp.
#pragma once

#include <cstdint>

namespace beeline::dtls {

enum class SrtpProfile : std::uint16_t {
  kAes128CmHmacSha1_80 = 0x0001,
  kAes128CmHmacSha1_32 = 0x0002,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

}  // namespace beeline::dtls
