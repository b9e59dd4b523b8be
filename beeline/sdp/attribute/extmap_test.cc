#include "beeline/sdp/attribute/extmap.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 8285 §5 test
TEST(SdpExtmap, gives_a_number_to_a_uri) {
  const auto extmap = Extmap::parse("4/recvonly urn:ietf:params:rtp-hdrext:sdes:mid long=yes x");
  ASSERT_TRUE(extmap);
  EXPECT_EQ(extmap->id, 4);
  EXPECT_EQ(extmap->direction, Direction::kRecvonly);
  EXPECT_EQ(extmap->uri, "urn:ietf:params:rtp-hdrext:sdes:mid");
  EXPECT_EQ(extmap->attributes, "long=yes x");
  EXPECT_FALSE(Extmap::parse("4 urn:x")->direction);
  for (const std::string_view text :
       {"4 urn:x", "8/sendonly https://example.org/#x", "255/inactive urn:x a b", "14 a"})
    expect_round_trip<Extmap>(text);
  expect_refused<Extmap>("4", ValueError::kMalformed);
  expect_refused<Extmap>("4/both urn:x", ValueError::kMalformed);
}

TEST(SdpExtmap, numbers_are_those_of_two_byte_headers_or_of_offers_with_too_many) {
  for (const int id : {1, 14, 15, 255}) {
    const auto extmap = Extmap::parse(fmt::format("{} urn:x", id));
    EXPECT_TRUE(extmap && extmap->is_usable()) << id;
  }
  for (const int id : {4096, 4351}) {
    const auto extmap = Extmap::parse(fmt::format("{} urn:x", id));
    EXPECT_TRUE(extmap && !extmap->is_usable()) << id;
  }
  for (const int id : {0, 256, 4095, 4352, 65536, -1})
    expect_refused<Extmap>(fmt::format("{} urn:x", id), ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
