// Who the other side is: rule D3. Certificates and fingerprints in both roles, before, during and
// after the handshake.
#include <gmock/gmock.h>

#include "beeline/dtls/early_datagrams.h"
#include "beeline/dtls/test_pair.h"

namespace beeline::dtls {
namespace {

using crypto::CertificateHash;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const crypto::Identity& stranger() {
  static const crypto::Identity kIdentity = crypto::make_identity(kToday, std::chrono::days(30));
  return kIdentity;
}

const crypto::Identity& identity_of(Role role) {
  return role == Role::kClient ? client_identity() : server_identity();
}

class DtlsFingerprint : public testing::TestWithParam<Role> {
 protected:
  Role checks() const { return GetParam(); }
  Role shows() const { return Pair::other(GetParam()); }
  Fingerprint right(CertificateHash hash = CertificateHash::kSha256) const {
    return fingerprint_of(identity_of(shows()), hash);
  }
  static Fingerprint wrong(CertificateHash hash = CertificateHash::kSha256) {
    return fingerprint_of(stranger(), hash);
  }
  // A pair whose checking side was told `fingerprints`.
  std::unique_ptr<Pair> pair_with(std::vector<Fingerprint> fingerprints) const {
    auto client = Pair::client_settings();
    auto server = Pair::server_settings();
    (checks() == Role::kClient ? client : server).remote_fingerprints = std::move(fingerprints);
    return std::make_unique<Pair>(client, server);
  }
};

//= RFC 8122 §5.1 test
TEST_P(DtlsFingerprint, a_wrong_one_ends_the_handshake_on_both_sides) {
  const auto pair = pair_with({wrong()});
  EXPECT_FALSE(pair->connect(seconds(5)));
  ASSERT_TRUE(pair->side(checks()).failed);
  EXPECT_EQ(pair->side(checks()).failed->reason, FailureReason::kFingerprintMismatch);
  EXPECT_EQ(pair->side(checks()).failed->alert, 42) << "bad_certificate";
  EXPECT_FALSE(pair->client->connected);
  EXPECT_FALSE(pair->server->connected);
  ASSERT_TRUE(pair->side(shows()).failed) << "told by an alert in the clear, believed in the end";
  EXPECT_EQ(pair->side(shows()).failed->reason, FailureReason::kRefused);
  EXPECT_EQ(pair->side(shows()).failed->alert, 42);
}

// Found by seed 236 of random data calls: one side tried on for ever.
TEST_P(DtlsFingerprint, the_alert_is_said_again_to_who_has_not_heard_it) {
  const auto pair = pair_with({wrong()});
  int alerts = 0;
  pair->path = [&](const Pair::Carried& one) {
    const bool is_alert = one.from_client == (checks() == Role::kClient) &&
                          one.datagram[0] == static_cast<std::uint8_t>(ContentType::kAlert);
    return is_alert && ++alerts <= 2 ? std::vector<Duration>() : std::vector{kOneWay};
  };
  EXPECT_FALSE(pair->connect(seconds(20)));
  ASSERT_TRUE(pair->side(shows()).failed);
  EXPECT_EQ(pair->side(shows()).failed->reason, FailureReason::kRefused);
  EXPECT_LE(alerts, 9) << "and not for ever";
}

TEST_P(DtlsFingerprint, one_of_several_is_enough) {
  EXPECT_TRUE(pair_with({wrong(), right(), wrong()})->connect());
}

TEST_P(DtlsFingerprint, every_strong_hash_will_do) {
  for (const auto hash :
       {CertificateHash::kSha256, CertificateHash::kSha384, CertificateHash::kSha512})
    EXPECT_TRUE(pair_with({right(hash)})->connect());
}

TEST_P(DtlsFingerprint, only_those_of_the_strongest_hash_count) {
  EXPECT_FALSE(pair_with({right(), wrong(CertificateHash::kSha512)})->connect(seconds(5)));
  EXPECT_TRUE(pair_with({wrong(), right(CertificateHash::kSha512)})->connect(seconds(5)));
}

TEST_P(DtlsFingerprint, a_cut_one_matches_nothing) {
  Fingerprint cut = right();
  cut.value.pop_back();
  EXPECT_FALSE(pair_with({cut})->connect(seconds(5)));
  EXPECT_FALSE(pair_with({{CertificateHash::kSha256, {}}})->connect(seconds(5)));
}

TEST_P(DtlsFingerprint, without_any_the_handshake_is_answered_and_nothing_goes_up_or_out) {
  const auto pair = pair_with({});
  Side& side = pair->side(checks());
  EXPECT_FALSE(pair->connect(seconds(5)));
  EXPECT_TRUE(pair->side(shows()).connected) << "it knows whom it talks to";
  EXPECT_EQ(side.session.state(), State::kUnverified);
  EXPECT_EQ(side.events, 0);
  ASSERT_TRUE(pair->say(shows(), "hello?"));
  pair->advance(seconds(1));
  EXPECT_THAT(side.received, IsEmpty());
  EXPECT_EQ(pair->say(checks(), "hello").error(), SendError::kNotConnected);
  EXPECT_EQ(side.session.export_keying_material("EXTRACTOR-dtls_srtp", 60).error(),
            ExportError::kNotConnected);

  side.session.set_remote_fingerprints({right()}, pair->now);
  pair->settle();
  EXPECT_TRUE(side.connected);
  EXPECT_THAT(side.received, ElementsAre("hello?")) << "it was held";
  EXPECT_TRUE(pair->talks());
}

TEST_P(DtlsFingerprint, a_wrong_one_after_the_handshake_ends_it_with_nothing_gone_up) {
  const auto pair = pair_with({});
  pair->connect(seconds(5));
  ASSERT_TRUE(pair->say(shows(), "hello?"));
  pair->advance(seconds(1));
  Side& side = pair->side(checks());
  side.session.set_remote_fingerprints({wrong()}, pair->now);
  pair->settle();
  ASSERT_TRUE(side.failed);
  EXPECT_EQ(side.failed->reason, FailureReason::kFingerprintMismatch);
  EXPECT_FALSE(side.connected);
  EXPECT_THAT(side.received, IsEmpty());
  pair->advance(seconds(1));
  EXPECT_TRUE(pair->side(shows()).closed) << "the other side is not left waiting";
}

TEST_P(DtlsFingerprint, they_may_come_in_the_middle_of_the_handshake) {
  for (const bool good : {true, false}) {
    for (int steps = 0; steps < 4; ++steps) {
      const auto pair = pair_with({});
      pair->start();
      for (int i = 0; i < steps; ++i) pair->step(pair->now + seconds(1));
      Side& side = pair->side(checks());
      side.session.set_remote_fingerprints({good ? right() : wrong()}, pair->now);
      pair->settle();
      pair->advance(seconds(5));
      EXPECT_EQ(pair->both_connected(), good) << steps;
      EXPECT_EQ(side.failed.has_value(), !good) << steps;
    }
  }
}

TEST_P(DtlsFingerprint, an_empty_list_means_that_nothing_was_announced_that_proves_anything) {
  const auto pair = pair_with({});
  pair->start();
  Side& side = pair->side(checks());
  side.session.set_remote_fingerprints({}, pair->now);
  pair->settle();
  ASSERT_TRUE(side.failed);
  EXPECT_EQ(side.failed->reason, FailureReason::kNoFingerprint);
}

//= RFC 8842 §3.1 test
TEST_P(DtlsFingerprint, another_one_later_needs_another_association) {
  const auto pair = pair_with({right()});
  ASSERT_TRUE(pair->connect());
  Side& side = pair->side(checks());
  side.session.set_remote_fingerprints({right(CertificateHash::kSha384)}, pair->now);
  pair->settle();
  EXPECT_FALSE(side.failed) << "the same certificate under another hash";
  EXPECT_TRUE(pair->talks());
  side.session.set_remote_fingerprints({wrong()}, pair->now);
  pair->settle();
  ASSERT_TRUE(side.failed);
  EXPECT_EQ(side.failed->reason, FailureReason::kFingerprintMismatch);
}

INSTANTIATE_TEST_SUITE_P(Checked, DtlsFingerprint, testing::Values(Role::kClient, Role::kServer),
                         [](const auto& one) {
                           return one.param == Role::kClient ? "by_the_client" : "by_the_server";
                         });

//= RFC 5763 §5 test
TEST(EarlyDatagrams, a_hello_from_before_there_is_a_session_costs_no_timer) {
  auto settings = Pair::server_settings();
  settings.remote_fingerprints = {};
  Pair pair(Pair::client_settings(), settings);
  EarlyDatagrams early;
  pair.path = [&](const Pair::Carried& one) {
    if (one.from_client && one.flight == 1) {
      EXPECT_TRUE(early.keep(pair.packets.make(one.datagram)));
      return std::vector<Duration>();
    }
    return std::vector{kOneWay};
  };
  pair.start();
  const Instant there_is_a_session = pair.now + kOneWay;
  pair.now = there_is_a_session;
  while (auto datagram = early.take())
    pair.server->session.handle_input(std::move(*datagram), pair.now);
  pair.settle();
  pair.advance(kOneWay * 3);
  EXPECT_TRUE(pair.client->connected);
  EXPECT_EQ(pair.client->session.counters().retransmissions, 0);
  EXPECT_FALSE(pair.server->connected) << "the answer is not here";
  pair.server->session.set_remote_fingerprints({fingerprint_of(client_identity())}, pair.now);
  pair.settle();
  EXPECT_TRUE(pair.server->connected);
}

TEST(EarlyDatagrams, keeps_four_hellos_in_their_order_and_nothing_else) {
  Pair pair;
  pair.start();
  Datagram hello = pair.carried[0].datagram;
  EarlyDatagrams early;
  EXPECT_FALSE(early.keep(pair.packets.make(as_bytes("no hello"))));
  EXPECT_FALSE(early.keep(pair.packets.make()));
  for (std::uint8_t i = 0; i < 5; ++i) {
    hello[10] = i;  // in the sequence number
    EXPECT_EQ(early.keep(pair.packets.make(hello)), i < 4);
  }
  EXPECT_EQ(early.size(), 4);
  EXPECT_EQ(early.dropped(), 3);
  for (std::uint8_t i = 0; i < 4; ++i) EXPECT_EQ(early.take()->bytes()[10], i);
  EXPECT_EQ(early.take(), std::nullopt);
  EXPECT_TRUE(early.keep(pair.packets.make(hello))) << "there is room again";
}

}  // namespace
}  // namespace beeline::dtls
