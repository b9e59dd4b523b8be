// OpenSSL's random generator under a seed, for tests and the simulator and nothing else: keys made
// under it are known to whoever knows the seed. It is a library of its own
// (beeline::seeded_generator), so that a program that does not link it cannot have it.
#pragma once

#include "beeline/base/random.h"

namespace beeline::crypto {

// While one of these lives, everything OpenSSL draws on its thread (keys, nonces of signatures,
// hello randoms, serial numbers) comes from its stream, so that the same calls in the same order
// give the same bytes. One at a time on a thread; threads without one draw from OpenSSL's own.
// Production has none: there keys come from that and never from an injected Random.
class SeededGenerator {
 public:
  explicit SeededGenerator(Random random);
  SeededGenerator(const SeededGenerator&) = delete;
  SeededGenerator& operator=(const SeededGenerator&) = delete;
  ~SeededGenerator();
};

}  // namespace beeline::crypto
