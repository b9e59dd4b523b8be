// Rule D3 from the descriptions on: who is not who signaling announced gets nothing and says
// nothing, whichever side checks, in whichever role of DTLS.
#include <gmock/gmock.h>

#include "beeline/peer/test_call.h"
#include "beeline/sdp/attribute/fingerprint.h"

namespace beeline::peer {
namespace {

using crypto::CertificateHash;
using testing::IsEmpty;

// What DTLS makes of the answerer, and who checks.
struct Case {
  bool answerer_active = true;
  bool answerer_checks = true;
};

std::string line(const std::string& hash, std::vector<std::uint8_t> bytes) {
  return "a=fingerprint:" + sdp::Fingerprint{hash, std::move(bytes)}.text() + "\r\n";
}

class PeerFingerprint : public testing::TestWithParam<Case> {
 protected:
  End& checks() { return GetParam().answerer_checks ? call.ben : call.ana; }
  End& shows() { return call.other(checks()); }
  const crypto::Identity& shown() const {
    return test_identity(GetParam().answerer_checks ? 0 : 1);
  }
  std::string right(const std::string& hash = "sha-256",
                    CertificateHash of = CertificateHash::kSha256) const {
    return line(hash, shown().fingerprint(of));
  }
  static std::string wrong(const std::string& hash = "sha-256",
                           CertificateHash of = CertificateHash::kSha256) {
    return line(hash, test_identity(2).fingerprint(of));
  }

  // A call in which the checking side is told these lines about the other. Whether it took them.
  bool meet(const std::string& lines) {
    const auto instead = [&](std::string sdp) {
      const std::size_t at = sdp.find("a=fingerprint:");
      return sdp.replace(at, sdp.find("\r\n", at) + 2 - at, lines);
    };
    const bool of_offer = GetParam().answerer_checks;
    const auto in_offer = [&](std::string sdp) {
      sdp = with_value(sdp, "a=setup:", GetParam().answerer_active ? "actpass" : "active");
      return of_offer ? instead(sdp) : sdp;
    };
    return call.meet(in_offer, of_offer ? Call::Change(Call::unchanged) : Call::Change(instead));
  }
  void expect_refused_by_name(const std::string& lines) {
    EXPECT_FALSE(meet(lines)) << lines;
    EXPECT_EQ(checks().core.transport().dtls(), nullptr);
    EXPECT_FALSE(call.run_until([&] { return call.connected(); }, std::chrono::seconds(3)));
    EXPECT_THAT(checks().heard, IsEmpty());
  }
  void expect_connected(const std::string& lines) {
    ASSERT_TRUE(meet(lines)) << lines;
    ASSERT_TRUE(call.connect()) << lines;
    EXPECT_EQ(call.ben.core.dtls_role(),
              GetParam().answerer_active ? dtls::Role::kClient : dtls::Role::kServer);
    EXPECT_TRUE(call.talks());
  }
  void expect_impostor(const std::string& lines) {
    ASSERT_TRUE(meet(lines)) << lines;
    ASSERT_TRUE(call.run_until(
        [&] { return checks().core.connection_state() == ConnectionState::kFailed; }));
    EXPECT_EQ(checks().states.back().reason, FailureReason::kFingerprintMismatch);
    EXPECT_EQ(checks().core.transport().dtls()->state(), dtls::State::kFailed);
    EXPECT_EQ(checks().core.transport().dtls()->counters().records_sent, 0);
    EXPECT_EQ(checks().core.transport().dtls()->counters().records_received, 0);
    EXPECT_FALSE(call.run_until([&] { return call.ben.channel || !call.ben.heard.empty(); },
                                std::chrono::seconds(3)));
  }

  Call call;
};

TEST_P(PeerFingerprint, the_right_one_connects) {
  expect_connected(right());
}
TEST_P(PeerFingerprint, one_right_among_several_connects) {
  expect_connected(wrong() + right() + wrong());
}
TEST_P(PeerFingerprint, a_weak_one_beside_the_right_one_is_passed_over) {
  expect_connected(line("sha-1", std::vector<std::uint8_t>(20, 1)) + right() +
                   line("md5", std::vector<std::uint8_t>(16, 1)));
}
TEST_P(PeerFingerprint, sha_384_connects) {
  expect_connected(right("sha-384", CertificateHash::kSha384));
}
TEST_P(PeerFingerprint, sha_512_in_capital_letters_connects) {
  expect_connected(right("SHA-512", CertificateHash::kSha512));
}
TEST_P(PeerFingerprint, a_wrong_one_is_an_impostor) {
  expect_impostor(wrong());
}
TEST_P(PeerFingerprint, several_wrong_ones_are_an_impostor) {
  expect_impostor(wrong() + wrong("sha-384", CertificateHash::kSha384));
}
//= RFC 8122 §5.1 test
TEST_P(PeerFingerprint, a_wrong_one_of_the_strongest_hash_is_an_impostor) {
  expect_impostor(right() + wrong("sha-512", CertificateHash::kSha512));
}
TEST_P(PeerFingerprint, without_one_the_description_is_refused) {
  expect_refused_by_name("");
}
//= RFC 8122 §5 test
TEST_P(PeerFingerprint, with_sha_1_alone_the_description_is_refused) {
  expect_refused_by_name(line("sha-1", std::vector<std::uint8_t>(20, 1)));
}
TEST_P(PeerFingerprint, with_md5_alone_the_description_is_refused) {
  expect_refused_by_name(line("md5", std::vector<std::uint8_t>(16, 1)));
}
TEST_P(PeerFingerprint, with_one_that_is_cut_the_description_is_refused) {
  expect_refused_by_name(right().substr(0, 60) + "\r\n");
}

INSTANTIATE_TEST_SUITE_P(
    Checked, PeerFingerprint,
    testing::Values(Case{true, true}, Case{true, false}, Case{false, true}, Case{false, false}),
    [](const auto& one) {
      return std::string(one.param.answerer_checks ? "by_the_answerer" : "by_the_offerer") +
             (one.param.answerer_active == one.param.answerer_checks ? "_active" : "_passive");
    });

TEST(Impersonation, a_new_fingerprint_in_a_later_offer_ends_the_call) {
  Call call;
  ASSERT_TRUE(call.meet());
  ASSERT_TRUE(call.connect());
  const auto offer = call.ana.tell(
      [](PeerConnection& core, Instant now) { return core.set_local_description(now); });
  ASSERT_TRUE(offer);
  const std::string other =
      line("sha-256", test_identity(2).fingerprint(CertificateHash::kSha256)).substr(14);
  ASSERT_TRUE(
      call.give(call.ben, DescriptionType::kOffer,
                with_value(offer->sdp, "a=fingerprint:", other.substr(0, other.size() - 2))));
  call.answer();
  EXPECT_EQ(call.ben.core.connection_state(), ConnectionState::kFailed);
  EXPECT_EQ(call.ben.states.back().reason, FailureReason::kFingerprintMismatch);
}

}  // namespace
}  // namespace beeline::peer
