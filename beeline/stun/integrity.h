// What protects a STUN message: MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC
// 8489 §14.5 to §14.7).
#pragma once

#include "beeline/stun/message.h"

namespace beeline::stun {

// Adds the attribute over everything written so far. Integrity first, FINGERPRINT last.
void add_integrity(MessageWriter& writer, Bytes key);
// `size`: 16 to 32, a multiple of four; smaller than 32 truncates the HMAC.
void add_integrity_sha256(MessageWriter& writer, Bytes key, std::size_t size = 32);
void add_fingerprint(MessageWriter& writer);

// True where the attribute is there and right.
bool check_integrity(const Message& message, Bytes key);
bool check_integrity_sha256(const Message& message, Bytes key);
// True where the attribute is there, last, and right.
bool check_fingerprint(const Message& message);

}  // namespace beeline::stun
