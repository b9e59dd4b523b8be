#include "beeline/crypto/seeded_generator.h"

// RAND_METHOD is the old way and the only one in OpenSSL 3.0 that reaches every draw, public and
// private, of the providers too. A RAND provider would need a library context of its own.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include <optional>

namespace beeline::crypto {
namespace {

thread_local std::optional<Random> stream;

int draw(unsigned char* out, int size) {
  if (size < 0) return 0;
  if (!stream) return RAND_OpenSSL()->bytes(out, size);  // another thread's
  stream->fill({out, static_cast<std::size_t>(size)});
  return 1;
}
int ignore_seed(const void*, int) {
  return 1;
}
int ignore_entropy(const void*, int, double) {
  return 1;
}
int always_ready() {
  return 1;
}

constexpr RAND_METHOD kMethod{ignore_seed, draw, nullptr, ignore_entropy, draw, always_ready};

}  // namespace

SeededGenerator::SeededGenerator(Random random) {
  ensure(!stream.has_value(), "one seeded generator at a time");
  stream.emplace(std::move(random));
  // For good: who has no stream gets what there was before.
  ensure(RAND_set_rand_method(&kMethod) == 1, "the generator can be replaced");
}

SeededGenerator::~SeededGenerator() {
  stream.reset();
}

}  // namespace beeline::crypto
