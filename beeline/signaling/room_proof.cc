#include "beeline/signaling/room_proof.h"

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"

namespace beeline::signaling {

std::string password_proof(std::string_view room, std::string_view password) {
  constexpr unsigned kIterations = 210'000;
  const std::string salt = "beeline password " + std::string(room);
  return to_base64url(crypto::pbkdf2_sha256(password, as_bytes(salt), kIterations));
}

}  // namespace beeline::signaling
