#include "beeline/turn/authenticator.h"

#include <algorithm>

#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::PasswordAlgorithm;

// The algorithm a request uses. None where it disagrees with what we offered: somebody on the path
// has been at it.
//= RFC 8489 §9.2.4
std::optional<PasswordAlgorithm> algorithm_of(const stun::Message& request,
                                              std::string_view nonce) {
  const auto offered = request.find(AttributeType::kPasswordAlgorithms);
  const auto chosen = request.find(AttributeType::kPasswordAlgorithm);
  const auto features = stun::features_of(nonce);
  if (!features || !features->password_algorithms || (!offered && !chosen))
    return PasswordAlgorithm::kMd5;
  if (!offered || !chosen) return std::nullopt;
  const auto list = stun::read_password_algorithms(offered->value);
  const std::vector<std::uint16_t> ours{static_cast<std::uint16_t>(PasswordAlgorithm::kSha256),
                                        static_cast<std::uint16_t>(PasswordAlgorithm::kMd5)};
  if (!list || *list != ours) return std::nullopt;
  return stun::read_password_algorithm(chosen->value);
}

}  // namespace

Authenticator::Authenticator(std::string realm, std::string secret, const Random& random,
                             Duration nonce_lifetime)
    : realm_(std::move(realm)),
      secret_(std::move(secret)),
      nonces_(random.fork("turn nonce"), nonce_lifetime) {}

std::expected<Authenticated, Refusal> Authenticator::check(const stun::Message& request,
                                                           const TransportAddress& client,
                                                           Instant now) const {
  const bool sha1 = request.has(AttributeType::kMessageIntegrity);
  const bool sha256 = request.has(AttributeType::kMessageIntegritySha256);
  if (!sha1 && !sha256) return std::unexpected(Refusal::kNoCredential);
  const auto username = request.find(AttributeType::kUsername);
  const auto realm = request.find(AttributeType::kRealm);
  const auto nonce = request.find(AttributeType::kNonce);
  if (!realm || !nonce || (!username && !request.has(AttributeType::kUserhash)))
    return std::unexpected(Refusal::kIncomplete);
  const auto name = username ? stun::read_text(username->value, stun::kMaxUsername) : std::nullopt;
  const std::string_view nonce_text = as_text(nonce->value);
  if (!nonces_.is_fresh(nonce_text, client, now)) return std::unexpected(Refusal::kStaleNonce);
  const auto algorithm = algorithm_of(request, nonce_text);
  if (!algorithm) return std::unexpected(Refusal::kAlgorithmMismatch);
  // Names are not kept, so a USERHASH names nobody here; the nonce says so (RFC 8489 §9.2).
  const auto parsed = name ? parse_username(*name) : std::nullopt;
  if (!parsed) return std::unexpected(Refusal::kBadUsername);
  if (as_text(realm->value) != realm_) return std::unexpected(Refusal::kWrongRealm);
  const auto key = stun::long_term_key(*algorithm, *name, realm_, password_for(secret_, *name));
  const bool valid = sha256 ? stun::check_integrity_sha256(request, key.bytes())
                            : stun::check_integrity(request, key.bytes());
  if (!valid) return std::unexpected(Refusal::kWrongPassword);
  return Authenticated{std::string(parsed->user), parsed->expires, key};
}

void Authenticator::add_challenge(stun::MessageWriter& writer, const TransportAddress& client,
                                  Instant now) const {
  writer.add(AttributeType::kRealm, as_bytes(realm_));
  writer.add(AttributeType::kNonce, as_bytes(nonces_.make(client, now)));
  stun::add_password_algorithms(writer, {PasswordAlgorithm::kSha256, PasswordAlgorithm::kMd5});
}

void add_integrity_with(stun::MessageWriter& writer, const stun::LongTermKey& key) {
  key.algorithm() == PasswordAlgorithm::kMd5 ? stun::add_integrity(writer, key.bytes())
                                             : stun::add_integrity_sha256(writer, key.bytes());
}

}  // namespace beeline::turn
