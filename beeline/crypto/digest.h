// Digests and keyed digests that the protocols need: MD5, SHA-1, SHA-256, SHA-384 and SHA-512, HMAC
// over SHA-1 and SHA-256, and a comparison that takes the same time whatever differs. MD5 and SHA-1
// are here because STUN and TURN say so (RFC 8489 §9.2, §14.5).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "beeline/base/bytes.h"

namespace beeline::crypto {

using Md5 = std::array<std::uint8_t, 16>;
using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;
using Sha384 = std::array<std::uint8_t, 48>;
using Sha512 = std::array<std::uint8_t, 64>;

// The digest of the parts, one after the other.
Md5 md5(std::initializer_list<Bytes> parts);
Sha1 sha1(std::initializer_list<Bytes> parts);
Sha256 sha256(std::initializer_list<Bytes> parts);
Sha384 sha384(std::initializer_list<Bytes> parts);
Sha512 sha512(std::initializer_list<Bytes> parts);

// HMAC (RFC 2104) over the parts, one after the other. Any key length.
Sha1 hmac_sha1(Bytes key, std::initializer_list<Bytes> parts);
Sha256 hmac_sha256(Bytes key, std::initializer_list<Bytes> parts);

//= RFC 8018 §5.2
// PBKDF2 with HMAC-SHA-256: 32 bytes that cost whoever guesses `iterations` tries each.
Sha256 pbkdf2_sha256(std::string_view password, Bytes salt, unsigned iterations);

// False for different sizes; otherwise takes a time that depends on the size alone.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace beeline::crypto
