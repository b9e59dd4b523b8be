// A handshake on a path that loses, repeats and reorders (RFC 6347 §4.2.4).
#include <gmock/gmock.h>

#include <numeric>

#include "beeline/base/random.h"
#include "beeline/dtls/test_pair.h"

namespace beeline::dtls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::SizeIs;

constexpr std::size_t kFlights = 4;

// Loses the first `times[n - 1]` copies of flight n.
class LosesFlights {
 public:
  explicit LosesFlights(std::array<int, kFlights> times) : times_(times) {}

  std::vector<Duration> operator()(const Pair::Carried& one) {
    if (one.flight == 0) return {kOneWay};
    int& left = times_.at(static_cast<std::size_t>(one.flight - 1));
    return left-- > 0 ? std::vector<Duration>() : std::vector{kOneWay};
  }

 private:
  std::array<int, kFlights> times_;
};

//= RFC 6347 §4.2.4 test
TEST(DtlsLoss, every_combination_of_the_four_flights_may_be_lost_up_to_three_times) {
  for (int combination = 0; combination < 4 * 4 * 4 * 4; ++combination) {
    Pair pair;
    const std::array<int, kFlights> times{combination % 4, combination / 4 % 4,
                                          combination / 16 % 4, combination / 64};
    pair.path = LosesFlights(times);
    const Instant begin = pair.now;
    ASSERT_TRUE(pair.connect(seconds(30))) << combination;
    // A flight and its answer share one timer: 0.1 + 0.2 + 0.4 + 0.8 + 1 + 1 s for six losses.
    EXPECT_LE(pair.now - begin, milliseconds(3500) * 2 + kOneWay * 4) << combination;
    EXPECT_TRUE(pair.talks()) << combination;
  }
}

TEST(DtlsLoss, one_lost_flight_costs_one_timeout) {
  for (std::size_t lost = 0; lost < kFlights; ++lost) {
    Pair pair;
    std::array<int, kFlights> times{};
    times.at(lost) = 1;
    pair.path = LosesFlights(times);
    const Instant begin = pair.now;
    ASSERT_TRUE(pair.connect());
    // A client that waits for flight 2 and a server that has sent it come at the same time. Where
    // flight 4 is lost the client waits from flight 3 on, and asks for it.
    EXPECT_LE(pair.now - begin, milliseconds(100) + kOneWay * 6) << lost;
    EXPECT_GE(pair.now - begin, milliseconds(100)) << lost;
  }
}

// OpenSSL's own count ends at twelve; see Session::retransmit().
TEST(DtlsLoss, long_silence_in_the_middle_of_any_flight_is_survived) {
  for (std::size_t flight = 0; flight < kFlights; ++flight) {
    Pair pair;
    const Instant end_of_silence = pair.now + seconds(50);
    pair.path = [&](const Pair::Carried& one) {
      const bool silent = one.flight == static_cast<int>(flight + 1) && pair.now < end_of_silence;
      return silent ? std::vector<Duration>() : std::vector{kOneWay};
    };
    EXPECT_TRUE(pair.connect(seconds(59))) << flight;
    EXPECT_TRUE(pair.talks()) << flight;
  }
}

TEST(DtlsLoss, a_client_that_never_hears_the_end_asks_until_the_limit) {
  Pair pair;
  pair.path = [](const Pair::Carried& one) {
    return one.flight == 4 ? std::vector<Duration>() : std::vector{kOneWay};
  };
  EXPECT_FALSE(pair.connect(seconds(61)));
  ASSERT_TRUE(pair.client->failed);
  EXPECT_EQ(pair.client->failed->reason, FailureReason::kHandshakeTimeout);
  EXPECT_TRUE(pair.server->connected);
  EXPECT_FALSE(pair.server->failed) << "only the client knows";
}

// The last flight of the client has protected records. Sent again as they are, they would be taken
// for replays and not be answered; this fails where making them anew has stopped working.
TEST(DtlsLoss, the_last_flight_of_a_server_is_asked_for_with_new_records) {
  Pair pair;
  pair.path = LosesFlights({0, 0, 0, 1});
  ASSERT_TRUE(pair.connect());
  std::set<std::uint64_t> numbers;
  for (const auto& one : pair.carried)
    if (one.from_client)
      for (const Record& record : records_of(one.datagram))
        if (record.epoch == 1) numbers.insert(record.sequence);
  EXPECT_THAT(numbers, SizeIs(2)) << "two Finisheds";
  EXPECT_EQ(pair.client->session.counters().retransmissions, 1);
  EXPECT_EQ(pair.server->session.counters().retransmissions, 0);
}

TEST(DtlsLoss, each_datagram_of_a_cut_flight_may_be_lost_alone) {
  auto client = Pair::client_settings();
  auto server = Pair::server_settings();
  client.mtu = server.mtu = 300;
  Pair whole(client, server);
  ASSERT_TRUE(whole.connect());
  const std::size_t datagrams = whole.carried.size();
  ASSERT_GE(datagrams, 7U);
  for (std::size_t lost = 0; lost < datagrams; ++lost) {
    Pair pair(client, server);
    std::size_t number = 0;
    pair.path = [&](const Pair::Carried&) {
      return number++ == lost ? std::vector<Duration>() : std::vector{kOneWay};
    };
    EXPECT_TRUE(pair.connect(seconds(3))) << lost;
    EXPECT_TRUE(pair.talks()) << lost;
  }
}

TEST(DtlsLoss, copies_and_disorder_do_no_harm) {
  auto client = Pair::client_settings();
  auto server = Pair::server_settings();
  client.mtu = server.mtu = 256;  // more datagrams to disorder
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Pair pair(client, server);
    Random random = Random::from_number(seed);
    pair.path = [&](const Pair::Carried&) {
      std::vector<Duration> copies;
      if (random.below(100) < 20) return copies;
      for (std::uint32_t i = 0; i <= random.below(3); ++i)
        copies.push_back(milliseconds(1 + random.below(150)));
      return copies;
    };
    ASSERT_TRUE(pair.connect(seconds(59))) << seed;
    pair.path = [](const Pair::Carried&) { return std::vector{kOneWay}; };
    pair.advance(milliseconds(500));
    EXPECT_TRUE(pair.talks()) << seed;
  }
}

TEST(DtlsLoss, a_timeout_shorter_than_the_round_trip_is_harmless) {
  auto client = Pair::client_settings();
  auto server = Pair::server_settings();
  client.first_timeout = server.first_timeout = milliseconds(20);
  Pair pair(client, server);
  pair.path = [](const Pair::Carried&) { return std::vector<Duration>{milliseconds(150)}; };
  const Instant begin = pair.now;
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.now - begin, milliseconds(600)) << "as if there had been no repetition";
  EXPECT_GT(pair.client->session.counters().retransmissions, 2U);
  pair.advance(seconds(1));
  pair.path = [](const Pair::Carried&) { return std::vector{kOneWay}; };
  EXPECT_TRUE(pair.talks());
}

TEST(DtlsLoss, application_records_may_be_lost_repeated_and_reordered) {
  Pair pair;
  ASSERT_TRUE(pair.connect());
  std::vector<Datagram> records;
  for (int i = 0; i < 40; ++i) records.push_back(pair.record(Role::kClient, std::to_string(i)));
  std::ranges::reverse(records);
  for (int round = 0; round < 2; ++round)
    for (const Datagram& record : records) pair.give(*pair.server, record);
  EXPECT_THAT(pair.server->received, SizeIs(40)) << "each once";
  EXPECT_EQ(pair.server->session.counters().not_authentic, 40);
}

}  // namespace
}  // namespace beeline::dtls
