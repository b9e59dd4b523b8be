// Bytes as text: hexadecimal, base64 and base64url (RFC 4648), base32 in lower case; and UTF-8
// validity (RFC 3629).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/bytes.h"

namespace beeline {

std::string to_hex(Bytes bytes);  // lower case
// Either case, even length, nothing else; none otherwise.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

std::string to_base64(Bytes bytes);     // padded
std::string to_base64url(Bytes bytes);  // not padded
// Padded standard alphabet only; none otherwise.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

inline constexpr std::string_view kBase32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
inline constexpr std::string_view kBase64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base32(Bytes bytes);  // lower case, not padded

// True where `text` is well-formed UTF-8: no overlong forms, surrogates or values above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace beeline
