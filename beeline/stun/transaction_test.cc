// Retransmission on the RFC's schedule; credentials' bid-down check.
#include "beeline/stun/transaction.h"

#include <gtest/gtest.h>

#include "beeline/stun/credentials.h"

namespace beeline::stun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

//= RFC 8489 §6.2.1 test
TEST(Transaction, repeats_at_the_rfcs_times_and_gives_up_at_39500_ms) {
  const Instant start{std::chrono::seconds(5)};
  Transaction transaction({}, {}, false, start);
  for (const int at : {500, 1500, 3500, 7500, 15500, 31500}) {
    const Instant due = start + milliseconds(at);
    EXPECT_EQ(transaction.next_timeout(), due);
    EXPECT_EQ(transaction.handle_timeout(due - microseconds(1)), Transaction::Due::kNothing);
    EXPECT_EQ(transaction.handle_timeout(due), Transaction::Due::kSendAgain);
  }
  const Instant end = start + milliseconds(39500);
  EXPECT_EQ(transaction.handle_timeout(end - microseconds(1)), Transaction::Due::kNothing);
  EXPECT_EQ(transaction.handle_timeout(end), Transaction::Due::kFailed);
}

//= RFC 8489 §6.2.2 test
TEST(Transaction, over_a_reliable_transport_it_only_waits) {
  const Instant start{};
  Transaction transaction({}, {}, true, start);
  EXPECT_EQ(transaction.next_timeout(), start + milliseconds(39500));
  EXPECT_EQ(transaction.handle_timeout(start + milliseconds(39500)), Transaction::Due::kFailed);
}

TEST(Transaction, a_round_trip_is_measured_only_without_repeats) {
  const Instant start{};
  Transaction transaction({}, {}, false, start);
  EXPECT_EQ(transaction.round_trip(start + milliseconds(40)), milliseconds(40));
  transaction.handle_timeout(start + milliseconds(500));
  EXPECT_FALSE(transaction.round_trip(start + milliseconds(540)));
}

//= RFC 8489 §9.2.5 test
TEST(ChooseAlgorithm, a_stripped_challenge_is_noticed) {
  const std::string promising = nonce_cookie({.password_algorithms = true}) + "rest";
  EXPECT_EQ(choose_algorithm(promising, std::vector<std::uint16_t>{1, 2}),
            PasswordAlgorithm::kSha256);
  EXPECT_EQ(choose_algorithm(promising, std::vector<std::uint16_t>{1}), PasswordAlgorithm::kMd5);
  EXPECT_FALSE(choose_algorithm(promising, std::nullopt)) << "somebody removed the list";
  EXPECT_FALSE(choose_algorithm(promising, std::vector<std::uint16_t>{99}));
  EXPECT_EQ(choose_algorithm("old nonce", std::nullopt), PasswordAlgorithm::kMd5);
  EXPECT_FALSE(features_of("obMatJos2"));
  EXPECT_FALSE(features_of("obMatJos2!!!!"));
  EXPECT_TRUE(features_of(nonce_cookie({.username_anonymity = true}))->username_anonymity);
}

}  // namespace
}  // namespace beeline::stun
