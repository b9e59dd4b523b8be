#include "beeline/crypto/entropy.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace beeline::crypto {

Random::Seed system_seed() {
  Random::Seed seed{};
  if (RAND_bytes(seed.data(), static_cast<int>(seed.size())) != 1)
    throw std::runtime_error("no randomness: the operating system gave none");
  return seed;
}

}  // namespace beeline::crypto
