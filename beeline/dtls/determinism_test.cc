// Under a seeded generator the same calls give the same bytes, and no clock is looked at: what the
// simulator stands on. Also that records cost no memory after a warm-up.
#include <gmock/gmock.h>
#include <openssl/crypto.h>
#include <sys/time.h>

#include <cstdlib>
#include <limits>

#include "beeline/crypto/seeded_generator.h"
#include "beeline/dtls/test_pair.h"

namespace {

// The wall clock of this program as OpenSSL sees it: it jumps to and fro by years with each look.
std::uint64_t clock_looks = 0;

// What OpenSSL asks the heap for.
std::uint64_t allocations = 0;
void* allocate(std::size_t size, const char*, int) {
  ++allocations;
  return std::malloc(size);
}
void* reallocate(void* old, std::size_t size, const char*, int) {
  ++allocations;
  return std::realloc(old, size);
}
void release(void* memory, const char*, int) {
  std::free(memory);
}
// Before main(), because OpenSSL takes it only before it has allocated anything.
const bool kCounts = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

}  // namespace

extern "C" int gettimeofday(struct timeval* now, void*) noexcept {
  ++clock_looks;
  now->tv_sec = static_cast<time_t>(clock_looks * 0x9E3779B97F4A7C15U % 4'000'000'000U);
  now->tv_usec = 0;
  return 0;
}

namespace beeline::dtls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Everything that two sides say to each other, certificates and all, on a lossy path.
std::vector<Datagram> conversation(std::uint64_t seed) {
  const crypto::SeededGenerator generator(Random::from_number(seed));
  const auto client = crypto::make_identity(kToday, std::chrono::days(30));
  const auto server = crypto::make_identity(kToday, std::chrono::days(30));
  Pair pair(
      {.role = Role::kClient, .identity = client, .remote_fingerprints = {fingerprint_of(server)}},
      {.role = Role::kServer, .identity = server, .remote_fingerprints = {fingerprint_of(client)}});
  int number = 0;
  pair.path = [&](const Pair::Carried&) {
    return ++number % 3 == 0 ? std::vector<Duration>() : std::vector{kOneWay};
  };
  EXPECT_TRUE(pair.connect());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(pair.say(Role::kClient, "text " + std::to_string(i)));
  pair.client->session.close(pair.now);
  pair.advance(seconds(5));
  std::vector<Datagram> said;
  for (auto& one : pair.carried) {
    const auto at = static_cast<std::uint64_t>(one.at.since_start.count());
    for (int shift = 0; shift < 64; shift += 8)
      one.datagram.push_back(static_cast<std::uint8_t>(at >> shift));
    said.push_back(std::move(one.datagram));
  }
  return said;
}

TEST(Determinism, the_same_seed_gives_the_same_bytes_at_the_same_times) {
  prepare();
  const std::vector<Datagram> first = conversation(1);
  EXPECT_GT(first.size(), 14);
  EXPECT_TRUE(first == conversation(1)) << "hellos, keys, signatures and nonces";
  EXPECT_TRUE(first[0] != conversation(2)[0]);
}

// The test before would not see a session that looks at a clock in vain. This one asks whether the
// clock that lies is the one OpenSSL looks at, and whether it can do anything.
TEST(Determinism, a_clock_that_jumps_by_years_sends_nothing_again) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  ASSERT_GT(clock_looks, 0) << "OpenSSL looks at another clock, and this file proves nothing";
  EXPECT_EQ(pair.carried.size(), 4);
  Pair waiting;
  waiting.path = [](const Pair::Carried&) { return std::vector<Duration>(); };
  waiting.start();
  for (int i = 0; i < 1000; ++i) waiting.give(*waiting.client, Datagram{22, 1, 2, 3});
  EXPECT_EQ(waiting.carried.size(), 1);
}

TEST(Determinism, a_record_costs_no_memory_after_a_warm_up) {
  ASSERT_TRUE(kCounts);
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Session& client = pair.client->session;
  Session& server = pair.server->session;
  const std::string text(1200, 'x');
  const auto one_record = [&] {
    ASSERT_TRUE(client.send(pair.packets.make(as_bytes(text)), pair.now));
    server.handle_input(*client.poll_transmit(), pair.now);
    ASSERT_EQ(std::get<Received>(*server.poll_event()).packet.size(), text.size());
  };
  for (int i = 0; i < 100; ++i) one_record();
  const std::uint64_t before = allocations;
  for (int i = 0; i < 1000; ++i) one_record();
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace beeline::dtls
