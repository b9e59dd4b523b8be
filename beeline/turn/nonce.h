// Nonces without memory: a time and a MAC over it and the client's address, so that a challenge
// costs the server nothing and is worth nothing to anybody else (RFC 8489 §9.2).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/base/random.h"

namespace beeline::turn {

class NonceMinter {
 public:
  NonceMinter(Random random, Duration lifetime);

  std::string make(const TransportAddress& client, Instant now) const;
  // True for a nonce that make() gave this very address within the lifetime.
  bool is_fresh(std::string_view nonce, const TransportAddress& client, Instant now) const;

 private:
  std::string make_at(const TransportAddress& client, std::uint32_t second) const;

  std::array<std::uint8_t, 32> key_{};
  Duration lifetime_;
};

}  // namespace beeline::turn
