#include "beeline/sdp/attribute/rtcp.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 3605 §2.1 test
TEST(SdpRtcp, is_a_port_and_maybe_an_address) {
  const auto rtcp = RtcpAddress::parse("9 IN IP4 0.0.0.0");
  ASSERT_TRUE(rtcp);
  EXPECT_EQ(rtcp->port, Port{9});
  EXPECT_EQ(rtcp->connection->address, "0.0.0.0");
  EXPECT_FALSE(RtcpAddress::parse("65535")->connection);
  expect_round_trip<RtcpAddress>("53020 IN IP6 2001:db8::1");
  expect_round_trip<RtcpAddress>("53020");
  expect_refused<RtcpAddress>("65536", ValueError::kOutOfRange);
  expect_refused<RtcpAddress>("9 IN IP4", ValueError::kMalformed);
}

}  // namespace
}  // namespace beeline::sdp
