// Answers to offers in which the data channels are not alone, as a browser's with a camera.
#include <gtest/gtest.h>

#include "beeline/peer/negotiation/negotiation.h"
#include "beeline/sdp/attribute/direction.h"
#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/attribute/rtcp.h"

namespace beeline::peer {
namespace {

LocalTransport transport() {
  return {.ice = {.ufrag = "abcd", .password = "0123456789012345678901"},
          .fingerprint = {crypto::CertificateHash::kSha256, std::vector<std::uint8_t>(32, 7)},
          .max_message = 1000,
          .sctp_init = {}};
}

// Of a meeting in the browser: sound, picture, and the data channels last.
constexpr const char* kMeeting =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 talk\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 "
    "opus/48000/2\r\na=mid:0\r\na=ice-ufrag:wxyz\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=ice-ufrag:wxyz\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:talk\r\n"
    "a=ice-ufrag:wxyz\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 "
    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
    "01"
    "\r\na=sctp-port:5000\r\n";

std::string mid_of(const sdp::Media& media) {
  return sdp::first<sdp::Mid>(media).value_or(sdp::Mid{}).value;
}

TEST(Answer, has_the_names_of_the_offer_section_for_section) {
  Negotiation negotiation(1);
  ASSERT_TRUE(negotiation.set_remote({DescriptionType::kOffer, kMeeting}));
  const auto answer = negotiation.make_answer(transport());
  ASSERT_TRUE(answer);
  const auto session = sdp::parse(answer->sdp);
  ASSERT_TRUE(session);
  ASSERT_EQ(session->media.size(), 3U);
  EXPECT_EQ(mid_of(session->media[0]), "0");
  EXPECT_EQ(mid_of(session->media[1]), "1");
  EXPECT_EQ(mid_of(session->media[2]), "talk");
  EXPECT_EQ(session->media[1].port, Port{0});
  EXPECT_NE(session->media[2].port, Port{0});
  ASSERT_TRUE(negotiation.set_local(*answer));
  EXPECT_EQ(negotiation.mid(), "talk");
  EXPECT_EQ(negotiation.index(), 2U);
}

TEST(Answer, the_port_of_the_other_sides_sctp_is_the_one_it_announced) {
  std::string offer = kMeeting;
  offer.replace(offer.find("sctp-port:5000"), 14, "sctp-port:6000");
  Negotiation negotiation(1);
  ASSERT_TRUE(negotiation.set_remote({DescriptionType::kOffer, offer}));
  ASSERT_TRUE(negotiation.set_local(*negotiation.make_answer(transport())));
  EXPECT_EQ(negotiation.remote()->sctp_port, 6000);
}

//= RFC 9143 §7.3.1 test
// Chromium takes no answer that rejects the section which speaks for the bundle.
TEST(Answer, keeps_the_section_that_speaks_for_the_bundle_and_sends_nothing_in_it) {
  Negotiation negotiation(1);
  ASSERT_TRUE(negotiation.set_remote({DescriptionType::kOffer, kMeeting}));
  const auto answer = negotiation.make_answer(transport());
  ASSERT_TRUE(answer);
  const auto session = sdp::parse(answer->sdp);
  ASSERT_TRUE(session);
  EXPECT_NE(session->media[0].port, Port{0});
  EXPECT_EQ(sdp::direction_of(session->media[0]), sdp::Direction::kInactive);
  EXPECT_TRUE(session->media[0].has({'a', "rtpmap"}));
  EXPECT_TRUE(session->media[0].has(sdp::kRtcpMux));
  EXPECT_EQ(sdp::first<sdp::Group>(*session)->mids, (std::vector<std::string>{"0", "talk"}));
  EXPECT_EQ(sdp::first<sdp::IceUfrag>(session->media[0])->value, "abcd");
}

TEST(Answer, rejects_all_but_the_data_channels_where_these_speak_for_the_bundle) {
  std::string meeting = kMeeting;
  meeting.replace(meeting.find("BUNDLE 0 1 talk"), 15, "BUNDLE talk 0 1");
  Negotiation negotiation(1);
  ASSERT_TRUE(negotiation.set_remote({DescriptionType::kOffer, meeting}));
  const auto answer = negotiation.make_answer(transport());
  ASSERT_TRUE(answer);
  const auto session = sdp::parse(answer->sdp);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->media[0].port, Port{0});
  EXPECT_EQ(sdp::first<sdp::Group>(*session)->mids, (std::vector<std::string>{"talk"}));
}

TEST(Answer, offers_made_after_it_keep_the_names) {
  Negotiation negotiation(1);
  ASSERT_TRUE(negotiation.set_remote({DescriptionType::kOffer, kMeeting}));
  const auto answer = negotiation.make_answer(transport());
  ASSERT_TRUE(answer && negotiation.set_local(*answer));
  const auto offer = negotiation.make_offer(transport(), true);
  ASSERT_TRUE(offer);
  const auto session = sdp::parse(offer->sdp);
  ASSERT_TRUE(session);
  ASSERT_EQ(session->media.size(), 3U);
  EXPECT_EQ(mid_of(session->media[2]), "talk");
  EXPECT_NE(session->media[0].port, Port{0}) << "it still speaks for the bundle";
  EXPECT_EQ(session->media[1].port, Port{0});
}

}  // namespace
}  // namespace beeline::peer
