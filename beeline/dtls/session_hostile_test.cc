// What strangers may try who can forge the address of the other side: rules D1, D4, D5 and D6, and
// the alerts and hellos anybody can make.
#include <gmock/gmock.h>

#include "beeline/base/random.h"
#include "beeline/dtls/test_pair.h"

namespace beeline::dtls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

Datagram record(std::uint8_t type, std::uint16_t epoch, std::uint64_t sequence, Bytes fragment,
                std::uint16_t version = kDtls12) {
  std::array<std::uint8_t, 2100> buffer{};
  ByteWriter writer(buffer);
  writer.u8(type);
  writer.u16(version);
  writer.u16(epoch);
  writer.u16(static_cast<std::uint16_t>(sequence >> 32));
  writer.u32(static_cast<std::uint32_t>(sequence));
  writer.u16(static_cast<std::uint16_t>(fragment.size()));
  writer.append(fragment);
  return copy(writer.written());
}

Datagram random_bytes(std::size_t size, std::uint64_t seed = 7) {
  Datagram bytes(size);
  Random::from_number(seed).fill(bytes);
  return bytes;
}

// The 17 records of rule D1.
std::vector<Datagram> hostile_records() {
  std::vector<Datagram> all;
  for (const std::size_t size : {0U, 1U, 4U, 7U, 8U, 15U, 16U, 23U, 24U, 25U, 40U})
    all.push_back(record(23, 1, 100, random_bytes(size)));
  const Datagram fatal_handshake_failure{2, 40};
  all.push_back(record(21, 1, 101, fatal_handshake_failure));
  all.push_back(record(21, 0, 101, fatal_handshake_failure));
  all.push_back(record(20, 0, 102, Datagram{1}));
  all.push_back(record(22, 0, 103, random_bytes(50)));
  all.push_back(record(99, 1, 104, random_bytes(50)));
  all.push_back(record(23, 1, 0x7FFFFFFF, random_bytes(50)));
  return all;
}

class DtlsHostile : public testing::TestWithParam<Role> {};

TEST_P(DtlsHostile, none_of_17_records_does_anything_and_a_good_one_arrives_after_each) {
  ASSERT_THAT(hostile_records(), SizeIs(17));
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Side& victim = pair.side(GetParam());
  for (const Datagram& bad : hostile_records()) {
    const std::size_t carried = pair.carried.size();
    const std::size_t events = victim.events;
    pair.give(victim, bad);
    pair.advance(seconds(1));
    EXPECT_THAT(pair.carried, SizeIs(carried)) << "no answer";
    EXPECT_EQ(victim.events, events);
    ASSERT_TRUE(pair.talks());
  }
  const Counters counters = victim.session.counters();
  EXPECT_EQ(counters.dropped.too_short, 10) << "nine of application data, one alert";
  EXPECT_EQ(counters.dropped.stale_plaintext, 3);
  EXPECT_EQ(counters.dropped.unknown_type, 1);
  EXPECT_EQ(counters.not_authentic, 3) << "25 and 40 bytes, and the one from the future";
}

// The same without the filter before it would show whether OpenSSL is repaired; here: all at once,
// in one datagram, with a good record behind.
TEST_P(DtlsHostile, a_good_record_behind_bad_ones_in_one_datagram_arrives) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Side& victim = pair.side(GetParam());
  Datagram joined;
  for (const Datagram& bad : hostile_records()) joined.insert(joined.end(), bad.begin(), bad.end());
  const Datagram good = pair.record(Pair::other(GetParam()), "good");
  joined.insert(joined.end(), good.begin(), good.end());
  pair.give(victim, joined);
  EXPECT_THAT(victim.received, testing::ElementsAre("good"));
}

TEST_P(DtlsHostile, none_of_17_records_disturbs_a_handshake_under_way) {
  for (int steps = 0; steps < 4; ++steps) {
    Pair pair;
    pair.start();
    for (int i = 0; i < steps; ++i) pair.step(pair.now + seconds(1));
    for (const Datagram& bad : hostile_records()) pair.give(pair.side(GetParam()), bad);
    EXPECT_TRUE(pair.connect(seconds(1))) << steps;
    pair.advance(seconds(3));
    EXPECT_TRUE(pair.talks()) << steps;
  }
}

TEST_P(DtlsHostile, a_forged_plaintext_record_from_the_far_future_does_not_shut_the_others_out) {
  for (int steps = 0; steps < 4; ++steps) {
    Pair pair;
    pair.start();
    for (int i = 0; i < steps; ++i) pair.step(pair.now + seconds(1));
    pair.give(pair.side(GetParam()), record(20, 0, 0xFFFFFFFFFFFF, Datagram{1}));
    EXPECT_TRUE(pair.connect(milliseconds(50))) << steps;
  }
}

// Rule D6.
//= RFC 6347 §4.1.2.6 test
TEST_P(DtlsHostile, a_forged_record_from_the_far_future_does_not_move_the_replay_window) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Side& victim = pair.side(GetParam());
  Datagram forged = pair.record(Pair::other(GetParam()), "forged");
  for (std::size_t i = 5; i < 11; ++i) forged[i] = 0xFE;
  pair.give(victim, forged);
  EXPECT_THAT(victim.received, IsEmpty());
  ASSERT_TRUE(pair.talks());
  EXPECT_EQ(victim.session.counters().not_authentic, 1);
}

TEST_P(DtlsHostile, every_flipped_bit_of_a_record_makes_it_worthless) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Side& victim = pair.side(GetParam());
  const Datagram good = pair.record(Pair::other(GetParam()), "good");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Datagram bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1U << bit % 8);
    pair.give(victim, bad);
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    pair.give(victim, Datagram(good.begin(), good.begin() + static_cast<long>(size)));
  EXPECT_THAT(victim.received, IsEmpty());
  EXPECT_FALSE(victim.failed);
  pair.give(victim, good);
  EXPECT_THAT(victim.received, testing::ElementsAre("good"));
}

TEST_P(DtlsHostile, a_hundred_thousand_forged_records_are_counted_and_no_more) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Side& victim = pair.side(GetParam());
  for (std::uint64_t i = 0; i < 100'000; ++i)
    pair.give(victim, record(23, 1, i, random_bytes(60, i)));
  EXPECT_EQ(victim.session.counters().not_authentic, 100'000);
  EXPECT_TRUE(pair.talks());
}

// Rule D3: a second handshake cannot swap keys.
TEST_P(DtlsHostile, the_flights_of_another_handshake_change_nothing) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  Pair another;
  ASSERT_TRUE(another.connect());
  const auto keys = pair.client->session.export_keying_material("label", 32);
  for (const auto& one : another.carried) {
    const std::size_t carried = pair.carried.size();
    pair.give(pair.side(GetParam()), one.datagram);
    // A server may take a protected record for a client's question, and repeats what it said.
    const bool asks = GetParam() == Role::kServer && one.flight >= 3;
    EXPECT_THAT(pair.carried, SizeIs(carried + (asks && carried == 4 ? 1 : 0)));
  }
  EXPECT_EQ(keys, pair.client->session.export_keying_material("label", 32));
  EXPECT_TRUE(pair.talks());
}

TEST_P(DtlsHostile, a_forged_alert_in_the_clear_is_contradicted_by_progress) {
  for (int steps = 0; steps < 4; ++steps) {
    Pair pair;
    pair.start();
    for (int i = 0; i < steps; ++i) pair.step(pair.now + seconds(1));
    pair.give(pair.side(GetParam()), record(21, 0, 9, Datagram{2, 40}));
    EXPECT_TRUE(pair.connect(seconds(1))) << steps;
    pair.advance(seconds(5));
    EXPECT_TRUE(pair.talks()) << steps;
  }
}

INSTANTIATE_TEST_SUITE_P(Victim, DtlsHostile, testing::Values(Role::kClient, Role::kServer),
                         [](const auto& one) {
                           return one.param == Role::kClient ? "is_the_client" : "is_the_server";
                         });

TEST(DtlsAlert, in_the_clear_is_believed_when_patience_ends_and_not_before) {
  Pair pair;
  pair.path = [](const Pair::Carried&) { return std::vector<Duration>(); };
  pair.start();
  const Instant begin = pair.now;
  pair.give(*pair.client, record(21, 0, 1, Datagram{2, 70}));
  pair.advance(milliseconds(500));
  pair.give(*pair.client, record(21, 0, 2, Datagram{2, 70}));  // patience does not begin again
  pair.advance(begin + seconds(2) - kTick - pair.now);
  EXPECT_FALSE(pair.client->failed);
  pair.advance(kTick);
  ASSERT_TRUE(pair.client->failed);
  EXPECT_EQ(pair.client->failed->reason, FailureReason::kRefused);
  EXPECT_EQ(pair.client->failed->alert, 70) << "protocol_version";
}

TEST(DtlsAlert, a_warning_in_the_clear_is_noted_and_nothing_else) {
  Pair pair;
  pair.path = [](const Pair::Carried&) { return std::vector<Duration>(); };
  pair.start();
  pair.give(*pair.client, record(21, 0, 1, Datagram{1, 90}));
  pair.advance(seconds(10));
  EXPECT_FALSE(pair.client->failed);
  EXPECT_EQ(pair.client->session.explain().last_plaintext_alert, 90);
}

// Rule D2: who comes first with a hello that is none does not keep the right one out.
TEST(DtlsHello, a_bad_one_is_refused_and_the_good_one_still_answered) {
  Pair pair;
  pair.start();
  Datagram bad = pair.carried[0].datagram;
  for (std::size_t i = 60; i < bad.size(); ++i) bad[i] = 0;  // no cipher suites, no extensions
  pair.give(*pair.server, bad);
  pair.give(*pair.server, bad);
  EXPECT_EQ(pair.server->session.counters().hellos_refused, 2);
  EXPECT_EQ(pair.server->session.state(), State::kHandshaking);
  EXPECT_TRUE(pair.connect(seconds(1)));
  pair.advance(seconds(5));
  EXPECT_TRUE(pair.talks());
}

TEST(DtlsHello, a_server_that_hears_no_better_one_says_so_when_patience_ends) {
  Pair pair;
  pair.start();
  Datagram bad = pair.carried[0].datagram;
  for (std::size_t i = 60; i < bad.size(); ++i) bad[i] = 0;
  pair.path = [](const Pair::Carried&) { return std::vector<Duration>(); };
  Pair waiting;
  const Instant begin = waiting.now;
  waiting.give(*waiting.server, bad);
  EXPECT_THAT(waiting.carried, SizeIs(1)) << "one alert, smaller than the hello";
  EXPECT_LT(waiting.carried[0].datagram.size(), bad.size());
  waiting.advance(begin + seconds(2) - kTick - waiting.now);
  EXPECT_FALSE(waiting.server->failed);
  waiting.advance(kTick);
  ASSERT_TRUE(waiting.server->failed);
  EXPECT_EQ(waiting.server->failed->reason, FailureReason::kProtocol);
}

TEST(DtlsHello, a_server_makes_nothing_of_what_is_no_hello) {
  Pair pair;
  for (const Datagram& bad : hostile_records()) pair.give(*pair.server, bad);
  EXPECT_EQ(pair.server->session.state(), State::kNew);
  EXPECT_EQ(pair.server->session.counters().before_the_start, 17);
  EXPECT_THAT(pair.carried, IsEmpty());
  EXPECT_TRUE(pair.connect());
}

TEST(DtlsHello, a_client_that_has_not_started_hears_nothing) {
  Pair another;
  ASSERT_TRUE(another.connect());
  Pair pair;
  for (const auto& one : another.carried) pair.give(*pair.client, one.datagram);
  EXPECT_EQ(pair.client->session.state(), State::kNew);
  EXPECT_TRUE(pair.connect());
}

// Rule D5. OpenSSL counts from a random number, so that the first is no counter's.
TEST(DtlsNonce, grows_by_one_with_each_of_a_hundred_thousand_records) {
  for (const Role who : {Role::kClient, Role::kServer}) {
    Pair pair;
    ASSERT_TRUE(pair.connect());
    Side& side = pair.side(who);
    std::optional<std::uint64_t> last_nonce;
    std::optional<std::uint64_t> last_sequence;
    for (int i = 0; i < 100'000; ++i) {
      ASSERT_TRUE(side.session.send(pair.packets.make(as_bytes("x")), pair.now));
      const auto packet = side.session.poll_transmit();
      ByteReader reader(packet->bytes());
      const auto made = read_record(reader);
      ASSERT_TRUE(made);
      const std::uint64_t nonce = ByteReader(made->fragment).u64();
      if (last_nonce) {
        ASSERT_EQ(nonce, *last_nonce + 1);
        ASSERT_EQ(made->sequence, *last_sequence + 1);
      }
      last_nonce = nonce;
      last_sequence = made->sequence;
    }
  }
}

}  // namespace
}  // namespace beeline::dtls
