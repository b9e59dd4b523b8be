// The client's side of the long-term credential mechanism (RFC 8489 §9.2): what the server's last
// challenge said, and how requests and answers are protected because of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "beeline/stun/credentials.h"
#include "beeline/stun/message.h"

namespace beeline::turn {

// With what a request was protected; its answer has to be as well.
struct Protection {
  stun::LongTermKey key;
  bool sha256 = false;  // MESSAGE-INTEGRITY-SHA256
};

class ClientAuthenticator {
 public:
  ClientAuthenticator(std::string username, std::string password);

  // Kept beside the ones in use until use_replacement(). A username of more than
  // stun::kMaxUsername bytes cannot be said and is not taken.
  void replace(std::string username, std::string password);
  // False where there is none.
  bool use_replacement();

  // Whether a request that was protected so would be protected with the same key now.
  bool is_current(const Protection& protection) const;

  // Takes over realm, nonce and algorithms of a 401 or 438. False, and nothing is changed, where it
  // makes no sense or has been tampered with.
  bool accept_challenge(const stun::Message& challenge);

  // Adds who we are and the integrity, if there was a challenge; call it last. None: there was not.
  std::optional<Protection> protect(stun::MessageWriter& writer) const;

 private:
  struct Credentials {
    std::string username;
    std::string password;
  };
  struct Challenge {
    std::string realm;
    std::string nonce;
    std::vector<std::uint8_t> offered;  // PASSWORD-ALGORITHMS as they came; empty: none promised
    stun::PasswordAlgorithm algorithm = stun::PasswordAlgorithm::kMd5;
  };
  void make_key();

  Credentials credentials_;
  std::optional<Credentials> replacement_;
  std::optional<Challenge> challenge_;
  stun::LongTermKey key_;
};

// True where the answer has the integrity that the request had, and it is right.
bool is_protected(const stun::Message& answer, const Protection& protection);

}  // namespace beeline::turn
