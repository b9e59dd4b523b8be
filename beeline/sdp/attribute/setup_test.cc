#include "beeline/sdp/attribute/setup.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 4145 §4 test
TEST(SdpSetup, is_one_of_four_roles) {
  using enum Setup::Role;
  EXPECT_EQ(Setup::parse("actpass")->role, kActpass);
  EXPECT_EQ(Setup::parse("active")->role, kActive);
  EXPECT_EQ(Setup::parse(" passive ")->role, kPassive);
  EXPECT_EQ(Setup::parse("HOLDCONN")->role, kHoldconn);
  for (const std::string_view text : {"actpass", "active", "passive", "holdconn"})
    expect_round_trip<sdp::Setup>(text);
  for (const std::string_view text : {"", "act", "active passive"})
    expect_refused<sdp::Setup>(text, ValueError::kMalformed);
}

//= RFC 8842 §4 test
TEST(SdpTlsId, has_20_to_255_characters) {
  expect_round_trip<TlsId>("abc3de65cddef001be82");
  EXPECT_TRUE(TlsId::parse(std::string(255, 'i')));
  expect_refused<TlsId>(std::string(19, 'i'), ValueError::kOutOfRange);
  expect_refused<TlsId>(std::string(256, 'i'), ValueError::kOutOfRange);
  expect_refused<TlsId>("abc3de65cddef 01be82", ValueError::kMalformed);
}

}  // namespace
}  // namespace beeline::sdp
