#include "beeline/turn/client_authenticator.h"

#include <algorithm>
#include <utility>

#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/client_rules.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;

// More than any server says, and few enough that requests fit a packet: a challenge decides nothing
// about memory.
constexpr std::size_t kMaxChallenge = 1024;  // realm, nonce and algorithms together

}  // namespace

ClientAuthenticator::ClientAuthenticator(std::string username, std::string password)
    : credentials_{std::move(username), std::move(password)} {}

void ClientAuthenticator::replace(std::string username, std::string password) {
  if (username.size() > stun::kMaxUsername) return;
  replacement_ = Credentials{std::move(username), std::move(password)};
}

bool ClientAuthenticator::use_replacement() {
  if (!replacement_) return false;
  credentials_ = std::move(*replacement_);
  replacement_.reset();
  make_key();
  return true;
}

bool ClientAuthenticator::accept_challenge(const stun::Message& challenge) {
  const auto realm_attribute = challenge.find(AttributeType::kRealm);
  const auto nonce_attribute = challenge.find(AttributeType::kNonce);
  if (!realm_attribute || !nonce_attribute) return false;
  const auto realm = stun::read_text(realm_attribute->value, stun::kMaxRealm);
  const auto nonce = stun::read_text(nonce_attribute->value, stun::kMaxNonce);
  if (!realm || !nonce) return false;
  const auto list_attribute = challenge.find(AttributeType::kPasswordAlgorithms);
  const auto list =
      list_attribute ? stun::read_password_algorithms(list_attribute->value) : std::nullopt;
  if (list_attribute && !list) return false;
  //= RFC 8489 §9.2.5
  // The nonce says whether a list belongs to it: nobody on the path can take the list away.
  const auto algorithm = stun::choose_algorithm(*nonce, list);
  if (!algorithm) return false;
  const auto before = challenge_ ? std::optional(challenge_->algorithm) : std::nullopt;
  if (!rules::accepts_algorithm(before, *algorithm)) return false;
  const auto features = stun::features_of(*nonce);
  const bool promised = features && features->password_algorithms;
  const Bytes offered = promised ? list_attribute->value : Bytes{};
  if (realm->size() + nonce->size() + offered.size() > kMaxChallenge) return false;
  challenge_ = Challenge{
      std::string(*realm), std::string(*nonce), {offered.begin(), offered.end()}, *algorithm};
  make_key();
  return true;
}

bool ClientAuthenticator::is_current(const Protection& protection) const {
  return std::ranges::equal(protection.key.bytes(), key_.bytes());
}

void ClientAuthenticator::make_key() {
  if (challenge_)
    key_ = stun::long_term_key(challenge_->algorithm, credentials_.username, challenge_->realm,
                               credentials_.password);
}

//= RFC 8489 §9.2.5
std::optional<Protection> ClientAuthenticator::protect(stun::MessageWriter& writer) const {
  if (!challenge_) return std::nullopt;
  writer.add(AttributeType::kUsername, as_bytes(credentials_.username));
  writer.add(AttributeType::kRealm, as_bytes(challenge_->realm));
  writer.add(AttributeType::kNonce, as_bytes(challenge_->nonce));
  if (challenge_->offered.empty()) {
    stun::add_integrity(writer, key_.bytes());
    return Protection{key_, false};
  }
  // The list goes back as it came, so that the server sees whether somebody changed it.
  writer.add(AttributeType::kPasswordAlgorithms, challenge_->offered);
  stun::add_password_algorithm(writer, challenge_->algorithm);
  stun::add_integrity_sha256(writer, key_.bytes());
  return Protection{key_, true};
}

bool is_protected(const stun::Message& answer, const Protection& protection) {
  return protection.sha256 ? stun::check_integrity_sha256(answer, protection.key.bytes())
                           : stun::check_integrity(answer, protection.key.bytes());
}

}  // namespace beeline::turn
