// Why a TURN client has no allocation, or no permission (RFC 8656 §7.4, §8.3, §10.3, §19).
#pragma once

#include <cstdint>

namespace beeline::turn {

enum class ClientError : std::uint8_t {
  kNoAnswer,              // silence
  kForged,                // only answers of somebody who does not know the password
  kMalformed,             // an answer that says too little
  kBrokenStream,          // what the server sends is neither STUN nor ChannelData
  kUnauthorized,          // 401: name or password
  kWrongCredentials,      // 441: not the name that made the allocation
  kForbidden,             // 403
  kMismatch,              // 437: the server has no such allocation, or has one of somebody else
  kUnsupportedFamily,     // 440, 443
  kUnsupportedTransport,  // 442
  kQuota,                 // 486
  kNoCapacity,            // 508
  kAlternateServer,       // 300: ask that one
  kRefused,               // any other code
  kExpired,               // could not be refreshed in time
  kLimit,                 // one of our own limits
};

}  // namespace beeline::turn
