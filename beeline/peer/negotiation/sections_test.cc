// What descriptions have to hold and what is read out of them: sections that are rejected, moved
// and recycled, bundles, roles of DTLS, ICE that begins anew, sizes.
#include <gmock/gmock.h>

#include "beeline/peer/negotiation/test_negotiation.h"
#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/sctp.h"
#include "beeline/sdp/attribute/setup.h"

namespace beeline::peer {
namespace {

using Cause = NegotiationError::Cause;
using Type = DescriptionType;
using Role = sdp::Setup::Role;
using testing::ElementsAre;

Role setup_of(const Description& description, std::size_t index = 0) {
  const auto session = read(description);
  return sdp::first<sdp::Setup>(session.media.at(index)).value_or(sdp::Setup{}).role;
}

sdp::Media audio(const std::string& mid) {
  sdp::Media media;
  media.kind = "audio";
  media.port = Port{9};
  media.protocol = "UDP/TLS/RTP/SAVPF";
  media.formats = {"111"};
  sdp::set(media, sdp::Mid{mid});
  return media;
}

// A session with one section of data channels, named "0", of another end.
sdp::Session data_session() {
  return read(NegotiatingEnd(5).make_offer());
}

// --- roles of DTLS
// --------------------------------------------------------------------------------

//= RFC 5763 §5 test
TEST(DtlsRole, is_chosen_by_the_answer) {
  struct Case {
    std::optional<Role> offered;
    Role answered;
    dtls::Role ours;
  };
  for (const Case& one : {Case{Role::kActpass, Role::kActive, dtls::Role::kClient},
                          Case{Role::kPassive, Role::kActive, dtls::Role::kClient},
                          Case{Role::kActive, Role::kPassive, dtls::Role::kServer},
                          Case{std::nullopt, Role::kActive, dtls::Role::kClient}}) {
    sdp::Session session = data_session();
    session.media[0].remove(sdp::Setup::kKey);
    if (one.offered) sdp::set(session.media[0], sdp::Setup{*one.offered});
    NegotiatingEnd end(0);
    ASSERT_TRUE(end.core.set_remote(offer_of(session)));
    EXPECT_EQ(setup_of(end.answer()), one.answered);
    EXPECT_EQ(end.core.dtls_role(), one.ours);
  }
}

TEST(DtlsRole, of_the_offerer_is_the_other_one) {
  for (const auto& [answered, ours] : {std::pair{Role::kActive, dtls::Role::kServer},
                                       std::pair{Role::kPassive, dtls::Role::kClient},
                                       std::pair{Role::kActpass, dtls::Role::kServer}}) {
    NegotiatingEnd ana(0), ben(1);
    ASSERT_TRUE(ben.core.set_remote(ana.offer()));
    sdp::Session session = read(ben.answer());
    sdp::set(session.media[0], sdp::Setup{answered});
    ASSERT_TRUE(ana.core.set_remote({Type::kAnswer, sdp::write(session)}));
    EXPECT_EQ(ana.core.dtls_role(), ours);
  }
}

//= RFC 8842 §5.3 test
TEST(DtlsRole, stays_as_it_is_whoever_offers_later) {
  for (const Role first : {Role::kActpass, Role::kActive}) {
    NegotiatingEnd ana(0), ben(1);
    sdp::Session session = read(ana.offer());
    sdp::set(session.media[0], sdp::Setup{first});
    ASSERT_TRUE(ben.core.set_remote(offer_of(session)));
    ASSERT_TRUE(ana.core.set_remote(ben.answer()));
    const auto of_ana = ana.core.dtls_role();
    const auto of_ben = ben.core.dtls_role();
    ASSERT_NE(of_ana, of_ben);
    for (const bool ana_offers : {false, true, false}) {
      NegotiatingEnd& offerer = ana_offers ? ana : ben;
      NegotiatingEnd& answerer = ana_offers ? ben : ana;
      const Description offer = offerer.offer();
      EXPECT_EQ(setup_of(offer), Role::kActpass);
      ASSERT_TRUE(answerer.core.set_remote(offer));
      const Description answer = answerer.answer();
      EXPECT_EQ(setup_of(answer) == Role::kActive,
                answerer.core.dtls_role() == dtls::Role::kClient);
      ASSERT_TRUE(offerer.core.set_remote(answer));
      EXPECT_EQ(ana.core.dtls_role(), of_ana);
      EXPECT_EQ(ben.core.dtls_role(), of_ben);
    }
  }
}

TEST(DtlsRole, is_not_changed_by_an_answer_that_says_otherwise) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  sdp::Session session = read(ben.answer());
  sdp::set(session.media[0], sdp::Setup{Role::kPassive});
  ASSERT_TRUE(ana.core.set_remote({Type::kAnswer, sdp::write(session)}));
  EXPECT_EQ(ana.core.dtls_role(), dtls::Role::kServer);
}

// --- answers that do not fit
// ----------------------------------------------------------------------

class AnswerToOurs : public testing::Test {
 protected:
  AnswerToOurs() {
    EXPECT_TRUE(ben.core.set_remote(ana.offer()));
    session = read(ben.answer());
  }
  Description answer() const { return {Type::kAnswer, sdp::write(session)}; }
  void expect_refused(Cause cause) {
    EXPECT_EQ(ana.refusal_of_remote(answer()), cause);
    EXPECT_EQ(ana.core.state(), SignalingState::kHaveLocalOffer);
    EXPECT_FALSE(ana.core.remote());
    EXPECT_FALSE(ana.core.dtls_role());
  }
  NegotiatingEnd ana{0}, ben{1};
  sdp::Session session;
};

TEST_F(AnswerToOurs, with_more_sections_is_none) {
  session.media.push_back(audio("1"));
  expect_refused(Cause::kSections);
}
TEST_F(AnswerToOurs, with_fewer_sections_is_none) {
  session.media.clear();
  expect_refused(Cause::kSections);
}
TEST_F(AnswerToOurs, with_a_section_of_another_kind_is_none) {
  session.media[0].kind = "audio";
  expect_refused(Cause::kSections);
}
TEST_F(AnswerToOurs, with_a_section_of_another_name_is_none) {
  sdp::set(session.media[0], sdp::Mid{"other"});
  expect_refused(Cause::kSections);
}
TEST_F(AnswerToOurs, without_names_is_one) {
  session.media[0].remove(sdp::Mid::kKey);
  EXPECT_TRUE(ana.core.set_remote(answer()));
}
TEST_F(AnswerToOurs, that_rejects_the_data_channels_leaves_nothing_to_connect) {
  session.media[0].port = Port{0};
  expect_refused(Cause::kNothing);
}
TEST_F(AnswerToOurs, needs_ice) {
  session.media[0].remove(sdp::IcePwd::kKey);
  expect_refused(Cause::kNoIce);
}

// --- sections
// -------------------------------------------------------------------------------------

TEST(Sections, without_data_channels_are_nothing_to_connect) {
  sdp::Session session = data_session();
  session.media[0] = audio("0");
  NegotiatingEnd end(0);
  EXPECT_EQ(end.refusal_of_remote(offer_of(session)), Cause::kNothing);
  EXPECT_EQ(end.core.make_offer(end.transport, false).error().cause, Cause::kNothing);
}

TEST(Sections, that_are_rejected_are_answered_with_port_0_and_their_name) {
  sdp::Session session = data_session();
  sdp::set(session.media[0], sdp::Mid{"data"});
  session.media.insert(session.media.begin(), audio("gone"));
  session.media[0].port = Port{0};
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  const sdp::Session answer = read(end.answer());
  ASSERT_EQ(answer.media.size(), 2U);
  EXPECT_EQ(answer.media[0].port, Port{0});
  EXPECT_EQ(name_of(answer.media[0]), "gone");
  EXPECT_EQ(answer.media[0].formats, session.media[0].formats);
  EXPECT_EQ(end.core.mid(), "data");
  EXPECT_EQ(end.core.index(), 1U);
}

//= RFC 9429 §5.2.2 test
TEST(Sections, of_data_channels_that_are_rejected_may_come_back_elsewhere) {
  sdp::Session session = data_session();
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  end.answer();
  sdp::Media data = session.media[0];
  session.media[0].port = Port{0};
  sdp::set(data, sdp::Mid{"again"});
  session.media.push_back(data);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  const sdp::Session answer = read(end.answer());
  ASSERT_EQ(answer.media.size(), 2U);
  EXPECT_EQ(answer.media[0].port, Port{0});
  EXPECT_NE(answer.media[1].port, Port{0});
  EXPECT_EQ(name_of(answer.media[1]), "again");
  const sdp::Session offer = read(end.offer());
  ASSERT_EQ(offer.media.size(), 2U);
  EXPECT_EQ(offer.media[0].port, Port{0});
  EXPECT_EQ(name_of(offer.media[1]), "again");
}

TEST(Sections, that_are_recycled_for_something_else_keep_their_place) {
  sdp::Session session = data_session();
  session.media.push_back(audio("1"));
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  end.answer();
  session.media[1] = audio("2");
  session.media[1].kind = "video";
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  const sdp::Session answer = read(end.answer());
  EXPECT_EQ(answer.media[1].kind, "video");
  EXPECT_EQ(name_of(answer.media[1]), "2");
  EXPECT_EQ(answer.media[1].port, Port{0});
  EXPECT_EQ(end.core.index(), 0U);
}

//= RFC 9429 §5.3.1 test
TEST(Sections, without_a_name_are_answered_without_one) {
  sdp::Session session = data_session();
  session.media[0].remove(sdp::Mid::kKey);  // the group still speaks of a "0"
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  const sdp::Session answer = read(end.answer());
  EXPECT_FALSE(answer.media.at(0).has(sdp::Mid::kKey));
  EXPECT_FALSE(answer.has(sdp::Group::kKey));
  EXPECT_EQ(end.core.mid(), "0") << "for candidates, which have to name something";
}

//= RFC 3264 §6 test
// As aiortc wrote it until 1.13 and mediasoup's tests have it.
TEST(Sections, in_the_form_of_the_drafts_are_answered_in_it) {
  sdp::Session session = data_session();
  sdp::Media& offered = session.media[0];
  offered.protocol = "DTLS/SCTP";
  offered.formats = {"5000"};
  offered.remove(sdp::SctpPort::kKey);
  sdp::set(offered, sdp::SctpMap{Port{5000}, "webrtc-datachannel", 65535});
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  for (const Description& said : {end.answer(), end.offer()}) {
    const sdp::Media media = read(said).media.at(0);
    EXPECT_EQ(media.protocol, "DTLS/SCTP");
    EXPECT_THAT(media.formats, ElementsAre("5000"));
    EXPECT_EQ(sdp::first<sdp::SctpMap>(media)->protocol, "webrtc-datachannel");
    EXPECT_FALSE(media.has(sdp::SctpPort::kKey));
    EXPECT_TRUE(sdp::is_data_channel(media));
  }
}

TEST(Sections, over_tcp_are_answered_over_tcp) {
  sdp::Session session = data_session();
  session.media[0].protocol = "TCP/DTLS/SCTP";
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  EXPECT_EQ(read(end.answer()).media.at(0).protocol, "TCP/DTLS/SCTP");
}

TEST(Sections, keep_their_order_and_names_in_offers_of_ours) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  for (NegotiatingEnd* end : {&ben, &ana, &ben}) {
    NegotiatingEnd& other = end == &ana ? ben : ana;
    agree(*end, other);
    EXPECT_EQ(name_of(read({Type::kOffer, end->core.local_description()}).media.at(0)), "0");
  }
}

// --- bundle
// ---------------------------------------------------------------------------------------

TEST(Bundle, is_answered_where_it_is_offered_and_only_there) {
  sdp::Session session = data_session();
  NegotiatingEnd with(0);
  ASSERT_TRUE(with.core.set_remote(offer_of(session)));
  EXPECT_THAT(sdp::first<sdp::Group>(read(with.answer()))->mids, ElementsAre("0"));
  session.remove(sdp::Group::kKey);
  NegotiatingEnd without(0);
  ASSERT_TRUE(without.core.set_remote(offer_of(session)));
  EXPECT_FALSE(sdp::first<sdp::Group>(read(without.answer())));
}

//= RFC 9143 §7.2.1 test
TEST(Bundle, has_its_transport_in_the_section_that_speaks_for_it) {
  sdp::Session session = data_session();
  sdp::Media tagged = audio("a");
  for (const sdp::Line& line : session.media[0].lines)
    for (const char* name : {"ice-ufrag", "ice-pwd", "fingerprint", "setup"})
      if (line.is({'a', name})) tagged.add({'a', name}, line.value());
  for (const char* name : {"ice-ufrag", "ice-pwd", "fingerprint", "setup"})
    session.media[0].remove({'a', name});
  session.media.insert(session.media.begin(), tagged);
  sdp::set(session, sdp::Group{std::string(sdp::kBundle), {"a", "0"}});
  NegotiatingEnd end(0);
  ASSERT_TRUE(end.core.set_remote(offer_of(session)));
  EXPECT_EQ(end.core.remote()->ice.ufrag, "fbcd");
  EXPECT_EQ(end.core.remote()->fingerprints.at(0).value, std::vector<std::uint8_t>(32, 5));
  end.answer();
}

TEST(Bundle, that_does_not_have_the_data_channels_in_it_says_nothing_of_them) {
  sdp::Session session = data_session();
  session.media[0].remove(sdp::IceUfrag::kKey);
  sdp::Media other = audio("a");
  sdp::set(other, sdp::IceUfrag{"wrong"});
  session.media.push_back(other);
  sdp::set(session, sdp::Group{std::string(sdp::kBundle), {"a"}});
  NegotiatingEnd end(0);
  EXPECT_EQ(end.refusal_of_remote(offer_of(session)), Cause::kNoIce);
}

// --- ICE
// ------------------------------------------------------------------------------------------

TEST(IceRestart, is_an_offer_with_other_credentials) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  EXPECT_FALSE(ben.core.is_remote_restart());
  ASSERT_TRUE(ana.core.set_remote(ben.answer()));
  ana.transport.ice = {.ufrag = "anew", .password = "z123456789012345678901"};
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  EXPECT_TRUE(ben.core.is_remote_restart());
  EXPECT_EQ(ben.core.remote()->ice.ufrag, "anew");
  ben.transport.ice.ufrag = "also";
  ASSERT_TRUE(ana.core.set_remote(ben.answer()));
  EXPECT_FALSE(ben.core.is_remote_restart()) << "agreed on";
  EXPECT_EQ(ana.core.remote()->ice.ufrag, "also");
}

TEST(IceCandidates, of_an_offer_that_waits_are_kept_up_to_256) {
  NegotiatingEnd ana(0), ben(1);
  ASSERT_TRUE(ben.core.set_remote(ana.offer()));
  ice::Candidate candidate;
  for (std::uint16_t i = 0; i < 300; ++i) {
    candidate.address = {IpAddress::loopback(IpFamily::kV4), Port{i}};
    ben.core.add_remote_candidate(candidate);
  }
  EXPECT_EQ(ben.core.remote()->candidates.size(), 256U);
  ben.answer();
  ben.core.add_remote_candidate(candidate);
  EXPECT_EQ(ben.core.remote()->candidates.size(), 256U) << "no offer waits";
}

TEST(IceCandidates, of_ours_are_in_the_description_that_waits_or_else_in_the_one_agreed_on) {
  NegotiatingEnd ana(0), ben(1);
  agree(ana, ben);
  const sdp::Candidate candidate =
      *sdp::Candidate::parse("candidate:1 1 udp 1 192.0.2.1 5000 typ host");
  ana.core.add_local_candidate(candidate);
  ana.core.end_local_candidates();
  ana.core.end_local_candidates();
  sdp::Session session = read({Type::kOffer, ana.core.local_description()});
  EXPECT_EQ(sdp::all<sdp::Candidate>(session.media[0])->size(), 1U);
  EXPECT_TRUE(session.media[0].has(sdp::kEndOfCandidates));
  ana.offer();
  session = read({Type::kOffer, ana.core.local_description()});
  EXPECT_TRUE(sdp::all<sdp::Candidate>(session.media[0])->empty()) << "another description";
}

// --- size
// -----------------------------------------------------------------------------------------

//= RFC 8841 §6.1 test
TEST(MaxMessageSize, is_64_kilobytes_where_nothing_is_said_and_0_means_any) {
  for (const auto& [said, wanted] : {std::pair<const char*, std::uint64_t>{nullptr, 65536},
                                     {"0", 0},
                                     {"1", 1},
                                     {"262144", 262144},
                                     {"1073741823", 1073741823},
                                     {"nonsense", 65536}}) {
    sdp::Session session = data_session();
    session.media[0].remove(sdp::MaxMessageSize::kKey);
    if (said != nullptr) session.media[0].add(sdp::MaxMessageSize::kKey, said);
    NegotiatingEnd end(0);
    ASSERT_TRUE(end.core.set_remote(offer_of(session)));
    EXPECT_EQ(end.core.remote()->max_message, wanted) << (said == nullptr ? "absent" : said);
  }
}

TEST(MaxMessageSize, of_ours_is_in_offers_and_answers) {
  NegotiatingEnd ana(0), ben(1);
  const Description answer = agree(ana, ben);
  EXPECT_EQ(sdp::max_message_size(read(answer).media[0]), 1000U);
  EXPECT_EQ(ana.core.remote()->max_message, 1000U);
  EXPECT_EQ(ben.core.remote()->max_message, 1000U);
}

}  // namespace
}  // namespace beeline::peer
