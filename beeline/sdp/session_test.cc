#include "beeline/sdp/session.h"

#include <gtest/gtest.h>

#include "beeline/sdp/attribute/extmap.h"
#include "beeline/sdp/attribute/fingerprint.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/setup.h"
#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 8866 §5.2 test
TEST(SdpOrigin, is_six_words) {
  const auto origin = Origin::parse("- 4611731400430051336 2 IN IP4 127.0.0.1");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->username, "-");
  EXPECT_EQ(origin->session_id, "4611731400430051336");
  EXPECT_EQ(origin->session_version, 2U);
  EXPECT_EQ(origin->network_type, "IN");
  EXPECT_EQ(origin->address_type, "IP4");
  EXPECT_EQ(origin->address, "127.0.0.1");
  expect_round_trip<Origin>("mozilla...THIS_IS_SDPARTA-99.0 1 0 IN IP6 ::1");
  expect_refused<Origin>("- 1 2 IN IP4", ValueError::kMalformed);
  expect_refused<Origin>("- 1 2 IN IP4 127.0.0.1 x", ValueError::kMalformed);
}

TEST(SdpOrigin, numbers_are_numbers_and_the_version_fits) {
  EXPECT_TRUE(Origin::parse("- 99999999999999999999999 18446744073709551615 IN IP4 0.0.0.0"));
  expect_refused<Origin>("- 1 18446744073709551616 IN IP4 0.0.0.0", ValueError::kOutOfRange);
  expect_refused<Origin>("- 1 -1 IN IP4 0.0.0.0", ValueError::kOutOfRange);
  expect_refused<Origin>("- x 1 IN IP4 0.0.0.0", ValueError::kOutOfRange);
}

//= RFC 8866 §5.7 test
TEST(SdpConnection, is_three_words) {
  expect_round_trip<Connection>("IN IP4 233.252.0.1/127");
  EXPECT_EQ(Connection::parse(" IN  IP6 ::1 ")->address, "::1");
  expect_refused<Connection>("IN IP4", ValueError::kMalformed);
}

//= RFC 8866 §5.8 test
TEST(SdpBandwidth, is_a_type_and_a_number) {
  expect_round_trip<Bandwidth>("TIAS:2000000");
  EXPECT_EQ(Bandwidth::parse("AS:4000")->value, 4000U);
  expect_refused<Bandwidth>("AS", ValueError::kMalformed);
  expect_refused<Bandwidth>(":1", ValueError::kMalformed);
  expect_refused<Bandwidth>("AS:", ValueError::kOutOfRange);
  expect_refused<Bandwidth>("AS:18446744073709551616", ValueError::kOutOfRange);
}

struct TwoLevels : testing::Test {
  Session session;
  TwoLevels() { session.media.resize(1); }
  Media& media() { return session.media[0]; }
};

//= RFC 8866 §5.13 test
TEST_F(TwoLevels, a_section_has_what_the_session_says_until_it_says_something_itself) {
  EXPECT_EQ(effective<sdp::Setup>(session, media()).error(), ValueError::kAbsent);
  session.lines = {{'c', "IN IP4 192.0.2.1"}, {'a', "setup:actpass"}};
  EXPECT_EQ(effective<sdp::Setup>(session, media())->role, Setup::Role::kActpass);
  EXPECT_EQ(effective<Connection>(session, media())->address, "192.0.2.1");
  media().lines = {{'c', "IN IP4 192.0.2.2"}, {'a', "setup:active"}};
  EXPECT_EQ(effective<sdp::Setup>(session, media())->role, Setup::Role::kActive);
  EXPECT_EQ(effective<Connection>(session, media())->address, "192.0.2.2");
}

//= RFC 8839 §5.4 test
TEST_F(TwoLevels, credentials_are_overridden_one_by_one) {
  session.lines = {{'a', "ice-ufrag:sess"}, {'a', "ice-pwd:ssssssssssssssssssssss"}};
  media().lines = {{'a', "ice-ufrag:medi"}};
  EXPECT_EQ(effective<IceUfrag>(session, media())->value, "medi");
  EXPECT_EQ(effective<IcePwd>(session, media())->value, "ssssssssssssssssssssss");
}

TEST_F(TwoLevels, what_cannot_be_read_in_the_section_hides_what_the_session_says) {
  session.lines = {{'a', "setup:actpass"}};
  media().lines = {{'a', "setup:nobody"}};
  EXPECT_EQ(effective<sdp::Setup>(session, media()).error(), ValueError::kMalformed);
}

TEST_F(TwoLevels, fingerprints_are_those_of_one_level_and_never_mixed) {
  const std::string one =
      "fingerprint:sha-1 " + Fingerprint{"", std::vector<std::uint8_t>(20)}.text().substr(1);
  session.lines = {{'a', one}, {'a', one}};
  EXPECT_EQ(effective_all<Fingerprint>(session, media())->size(), 2U);
  media().lines = {{'a', one}};
  EXPECT_EQ(effective_all<Fingerprint>(session, media())->size(), 1U);
  media().lines = {{'a', "fingerprint:broken"}};
  EXPECT_FALSE(effective_all<Fingerprint>(session, media()));
  session.lines.clear();
  media().lines.clear();
  EXPECT_TRUE(effective_all<Fingerprint>(session, media())->empty());
}

TEST_F(TwoLevels, flags_hold_wherever_they_are_said) {
  EXPECT_FALSE(effective_has(session, media(), kExtmapAllowMixed));
  session.add(kExtmapAllowMixed);
  EXPECT_TRUE(effective_has(session, media(), kExtmapAllowMixed));
  session.lines.clear();
  media().add(kExtmapAllowMixed);
  EXPECT_TRUE(effective_has(session, media(), kExtmapAllowMixed));
}

}  // namespace
}  // namespace beeline::sdp
