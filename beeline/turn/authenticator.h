// Who sent a request (RFC 8489 §9.2.4): checks the long-term credential without keeping anything
// about the sender.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "beeline/base/random.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/message.h"
#include "beeline/turn/credentials.h"
#include "beeline/turn/nonce.h"
#include "beeline/turn/refusal.h"

namespace beeline::turn {

struct Authenticated {
  std::string user;  // the part behind the expiry
  WallTime credential_expires;
  stun::LongTermKey key;
};

class Authenticator {
 public:
  Authenticator(std::string realm, std::string secret, const Random& random,
                Duration nonce_lifetime);

  std::expected<Authenticated, Refusal> check(const stun::Message& request,
                                              const TransportAddress& client, Instant now) const;

  // Adds REALM, NONCE and PASSWORD-ALGORITHMS, which a 401 or 438 must carry.
  void add_challenge(stun::MessageWriter& writer, const TransportAddress& client,
                     Instant now) const;

 private:
  std::string realm_;
  std::string secret_;
  NonceMinter nonces_;
};

// Adds MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256, as the key's algorithm says.
void add_integrity_with(stun::MessageWriter& writer, const stun::LongTermKey& key);

}  // namespace beeline::turn
