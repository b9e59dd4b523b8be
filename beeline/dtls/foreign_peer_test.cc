// Sessions against OpenSSL used as a foreign peer uses it: other settings, other certificates, and
// things our own sessions never do.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "beeline/dtls/test_openssl_peer.h"

namespace beeline::dtls {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Adjust = std::function<void(SSL_CTX*)>;

struct Meeting {
  // `ours` is the role of our session.
  // `known`: what the peer shows, if it is not client_identity().
  explicit Meeting(Role ours, const Adjust& adjust = nullptr, std::vector<Fingerprint> known = {})
      : peer(Pair::other(ours), adjust, !known.empty()),
        side({.role = ours,
              .identity = server_identity(),
              .remote_fingerprints = known.empty() ? std::vector{fingerprint_of(client_identity())}
                                                   : std::move(known)},
             packets) {
    if (ours == Role::kClient)
      side.session.start(now);
    else
      peer.start();
    settle();
  }
  void settle() { peer.settle(side, packets, now); }
  void pass(Duration span) {
    for (const Instant end = now + span; side.session.next_timeout() <= end;) {
      const auto next = side.session.next_timeout();
      if (!next) break;
      now = std::max(now, *next);
      side.session.handle_timeout(now);
      settle();
    }
    now = now + span;
  }
  bool connected() const { return side.connected && peer.connected(); }
  bool talks() {
    const std::size_t ours = side.received.size();
    const std::size_t theirs = peer.received.size();
    if (SSL_write(peer.ssl(), "hello", 5) != 5) return false;
    if (!side.session.send(packets.make(as_bytes("hello")), now)) return false;
    settle();
    return side.received.size() == ours + 1 && peer.received.size() == theirs + 1;
  }

  PacketPool packets;
  Instant now{seconds(1000)};
  OpensslPeer peer;
  Side side;
};

// A certificate on a key of `type`, with what is needed to announce it.
struct ForeignIdentity {
  ForeignIdentity(const char* type, int bits, const EVP_MD* digest) {
    key.reset(bits > 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, type, static_cast<std::size_t>(bits))
                       : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", type));
    certificate.reset(X509_new());
    X509_set_version(certificate.get(), 2);
    X509_set_pubkey(certificate.get(), key.get());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -100);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 100);
    EXPECT_GT(X509_sign(certificate.get(), key.get(), digest), 0);
  }
  Adjust adjust() const {
    return [this](SSL_CTX* context) {
      SSL_CTX_set_security_level(context, 0);
      EXPECT_EQ(SSL_CTX_use_certificate(context, certificate.get()), 1);
      EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key.get()), 1);
    };
  }
  Fingerprint fingerprint() const {
    std::vector<std::uint8_t> value(32);
    X509_digest(certificate.get(), EVP_sha256(), value.data(), nullptr);
    return {crypto::CertificateHash::kSha256, value};
  }
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate{nullptr, X509_free};
};

class DtlsForeign : public testing::TestWithParam<Role> {};

TEST_P(DtlsForeign, connects_and_talks) {
  Meeting meeting(GetParam());
  EXPECT_TRUE(meeting.connected());
  EXPECT_TRUE(meeting.talks());
  EXPECT_STREQ(SSL_get_version(meeting.peer.ssl()), "DTLSv1.2");
}

TEST_P(DtlsForeign, every_cipher_suite_of_ours_works) {
  // An RSA certificate for the ones that need it.
  const ForeignIdentity rsa("RSA", 2048, EVP_sha256());
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
                            "ECDHE-ECDSA-AES256-GCM-SHA384"}) {
    Meeting meeting(GetParam(), [&](SSL_CTX* context) {
      EXPECT_EQ(SSL_CTX_set_cipher_list(context, suite), 1);
    });
    EXPECT_TRUE(meeting.connected()) << suite;
    EXPECT_TRUE(meeting.talks()) << suite;
    // The least there can be, which is smaller without a nonce in the record.
    ASSERT_EQ(SSL_write(meeting.peer.ssl(), "x", 1), 1);
    meeting.settle();
    EXPECT_EQ(meeting.side.received.back(), "x");
    EXPECT_EQ(meeting.side.session.counters().dropped.too_short, 0);
  }
}

TEST_P(DtlsForeign, certificates_of_other_kinds_are_taken) {
  const std::array kinds{ForeignIdentity("RSA", 2048, EVP_sha256()),
                         ForeignIdentity("P-256", 0, EVP_sha512()),
                         ForeignIdentity("P-384", 0, EVP_sha384())};
  for (const ForeignIdentity& kind : kinds) {
    Meeting meeting(GetParam(), kind.adjust(), {kind.fingerprint()});
    EXPECT_TRUE(meeting.connected());
    EXPECT_TRUE(meeting.talks());
  }
}

TEST_P(DtlsForeign, who_has_only_the_old_is_refused) {
  const std::array<Adjust, 5> old{
      [](SSL_CTX* context) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_max_proto_version(context, DTLS1_VERSION);
      },
      [](SSL_CTX* context) { SSL_CTX_set_cipher_list(context, "AES128-GCM-SHA256"); },
      [](SSL_CTX* context) { SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-SHA"); },
      [](SSL_CTX* context) { SSL_CTX_set_cipher_list(context, "DHE-RSA-AES128-GCM-SHA256"); },
      [](SSL_CTX* context) {
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_cipher_list(context, "NULL");
      }};
  for (const Adjust& adjust : old) {
    Meeting meeting(GetParam(), adjust);
    EXPECT_FALSE(meeting.side.connected);
    meeting.pass(seconds(3));
    ASSERT_TRUE(meeting.side.failed);
    EXPECT_FALSE(meeting.side.connected);
  }
}

//= RFC 8122 §5 test
TEST(DtlsForeignClient, that_shows_no_certificate_is_refused) {
  for (const bool announced : {true, false}) {
    OpensslPeer peer(Role::kClient, nullptr, true);
    PacketPool packets;
    {
      auto settings = Pair::server_settings();
      if (!announced) settings.remote_fingerprints = {};
      Side side(settings, packets);
      peer.start();
      peer.settle(side, packets, Instant{});
      ASSERT_TRUE(side.failed);
      EXPECT_EQ(side.failed->reason, FailureReason::kNoCertificate);
      EXPECT_FALSE(side.connected);
      EXPECT_FALSE(peer.connected());
    }
  }
}

// CVE-2022-29222: the certificate of somebody else, without the proof.
TEST(DtlsForeignClient, that_does_not_prove_to_have_the_key_is_refused) {
  Pair pair;
  // Drops the CertificateVerify out of the client's flight.
  std::size_t dropped = 0;
  pair.path = [&](const Pair::Carried& one) {
    if (one.flight != 3) return std::vector{kOneWay};
    Datagram without;
    for (const Record& record : records_of(one.datagram)) {
      const bool proof =
          record.type == ContentType::kHandshake && record.epoch == 0 && record.fragment[0] == 15;
      if (proof) {
        ++dropped;
        continue;
      }
      const std::uint8_t* begin = record.fragment.data() - kRecordHeaderSize;
      without.insert(without.end(), begin, record.fragment.data() + record.fragment.size());
    }
    pair.server->session.handle_input(pair.packets.make(without), pair.now);
    return std::vector<Duration>();
  };
  EXPECT_FALSE(pair.connect(seconds(20)));
  EXPECT_GT(dropped, 0);
  EXPECT_FALSE(pair.server->connected);
}

TEST_P(DtlsForeign, renegotiation_is_not_answered_and_changes_no_key) {
  Meeting meeting(GetParam());
  ASSERT_TRUE(meeting.connected());
  const auto keys = meeting.side.session.export_keying_material("label", 32);
  SSL_renegotiate(meeting.peer.ssl());
  SSL_do_handshake(meeting.peer.ssl());
  meeting.settle();
  meeting.peer.repeat();
  meeting.settle();
  EXPECT_EQ(keys, meeting.side.session.export_keying_material("label", 32));
  EXPECT_GT(meeting.side.session.counters().dropped.unexpected_handshake, 0);
  EXPECT_FALSE(meeting.side.failed);
  EXPECT_EQ(meeting.side.events, 1) << "Connected";
}

TEST_P(DtlsForeign, its_goodbye_is_answered) {
  Meeting meeting(GetParam());
  ASSERT_TRUE(meeting.connected());
  EXPECT_EQ(SSL_shutdown(meeting.peer.ssl()), 0);
  meeting.settle();
  EXPECT_TRUE(meeting.side.closed);
  EXPECT_EQ(SSL_get_shutdown(meeting.peer.ssl()), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TEST_P(DtlsForeign, srtp_is_agreed_on) {
  OpensslPeer peer(Pair::other(GetParam()), [](SSL_CTX* context) {
    EXPECT_EQ(SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AES128_CM_SHA1_80"), 0);
  });
  PacketPool packets;
  Side side({.role = GetParam(),
             .identity = server_identity(),
             .remote_fingerprints = {fingerprint_of(client_identity())},
             .srtp_profiles = {SrtpProfile::kAeadAes128Gcm, SrtpProfile::kAes128CmHmacSha1_80}},
            packets);
  if (GetParam() == Role::kClient)
    side.session.start(Instant{});
  else
    peer.start();
  peer.settle(side, packets, Instant{});
  ASSERT_TRUE(side.connected);
  EXPECT_EQ(side.connected->srtp_profile, SrtpProfile::kAes128CmHmacSha1_80);
  std::vector<std::uint8_t> theirs(60);
  ASSERT_EQ(SSL_export_keying_material(peer.ssl(), theirs.data(), theirs.size(),
                                       "EXTRACTOR-dtls_srtp", 19, nullptr, 0, 0),
            1);
  EXPECT_EQ(side.session.export_keying_material("EXTRACTOR-dtls_srtp", 60), theirs);
}

TEST(DtlsForeignServer, may_ask_for_a_cookie) {
  Meeting meeting(Role::kClient, [](SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_COOKIE_EXCHANGE);
    SSL_CTX_set_cookie_generate_cb(context, [](SSL*, unsigned char* cookie, unsigned* size) {
      *cookie = 7;
      *size = 1;
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(context, [](SSL*, const unsigned char* cookie, unsigned size) {
      return size == 1 && *cookie == 7 ? 1 : 0;
    });
  });
  EXPECT_TRUE(meeting.connected());
  EXPECT_TRUE(meeting.talks());
}

// The client's repetitions of its last flight have new numbers, so that a foreign server takes
// them for a question.
TEST(DtlsForeignServer, whose_last_flight_is_lost_is_asked_for_it) {
  OpensslPeer peer(Role::kServer);
  PacketPool packets;
  Side side({.role = Role::kClient,
             .identity = server_identity(),
             .remote_fingerprints = {fingerprint_of(client_identity())}},
            packets);
  Instant now;
  side.session.start(now);
  for (int lost = 0; lost < 5;) {
    beeline::drain(side.session, side, now);
    for (const Datagram& one : std::exchange(side.sent, {})) peer.give(one);
    for (const Datagram& one : std::exchange(peer.sent, {})) {
      if (peer.connected())
        lost += flight_of(one, false) == 4 ? 1 : 0;
      else
        side.session.handle_input(packets.make(one), now);
    }
    beeline::drain(side.session, side, now);
    if (side.sent.empty()) {
      ASSERT_TRUE(side.session.next_timeout()) << "it was not answered in time";
      now = *side.session.next_timeout();
      side.session.handle_timeout(now);
    }
  }
  EXPECT_FALSE(side.connected);
  now = *side.session.next_timeout();
  side.session.handle_timeout(now);
  peer.settle(side, packets, now);
  EXPECT_TRUE(side.connected);
}

// A foreign client makes its repetitions anew; OpenSSL as the server would end the association with
// the thirteenth.
TEST(DtlsForeignClient, that_asks_for_the_end_again_and_again_is_answered) {
  OpensslPeer peer(Role::kClient);
  PacketPool packets;
  auto settings = Pair::server_settings();
  Side side(settings, packets);
  Instant now{seconds(1)};
  peer.start();
  while (!side.connected) {
    for (const Datagram& one : std::exchange(peer.sent, {}))
      side.session.handle_input(packets.make(one), now);
    beeline::drain(side.session, side, now);
    if (!side.connected)
      for (const Datagram& one : std::exchange(side.sent, {})) peer.give(one);
  }
  side.sent.clear();  // the end is lost
  for (int asked = 0; asked < 10; ++asked) {
    now = now + std::chrono::milliseconds(100);
    peer.repeat();
    for (const Datagram& one : std::exchange(peer.sent, {}))
      for (int copy = 0; copy < 2; ++copy) side.session.handle_input(packets.make(one), now);
    beeline::drain(side.session, side, now);
    ASSERT_EQ(side.sent.size(), 1) << "one answer to all of it";
    if (asked < 9) side.sent.clear();
  }
  peer.settle(side, packets, now);
  EXPECT_TRUE(peer.connected());
  ASSERT_EQ(SSL_write(peer.ssl(), "at last", 7), 7);
  peer.settle(side, packets, now);
  EXPECT_THAT(side.received, ElementsAre("at last"));
}

// Early records wait inside of OpenSSL as long as there are no keys.
TEST(DtlsForeignClient, whose_finished_overtakes_the_rest_is_understood) {
  OpensslPeer peer(Role::kClient);
  PacketPool packets;
  Side side(Pair::server_settings(), packets);
  peer.start();
  for (const Datagram& one : std::exchange(peer.sent, {}))
    side.session.handle_input(packets.make(one), {});
  beeline::drain(side.session, side, {});
  for (const Datagram& one : std::exchange(side.sent, {})) peer.give(one);
  std::vector<Datagram> records;
  for (const Datagram& datagram : std::exchange(peer.sent, {}))
    for (const Record& record : records_of(datagram))
      records.emplace_back(record.fragment.data() - kRecordHeaderSize,
                           record.fragment.data() + record.fragment.size());
  std::ranges::rotate(records, records.end() - 1);  // the Finished first
  for (const Datagram& one : records) side.session.handle_input(packets.make(one), {});
  peer.settle(side, packets, {});
  EXPECT_TRUE(side.connected);
  EXPECT_TRUE(peer.connected());
}

INSTANTIATE_TEST_SUITE_P(Ours, DtlsForeign, testing::Values(Role::kClient, Role::kServer),
                         [](const auto& one) {
                           return one.param == Role::kClient ? "is_the_client" : "is_the_server";
                         });

}  // namespace
}  // namespace beeline::dtls
