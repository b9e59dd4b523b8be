#include "beeline/sdp/attribute/msid.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 8830 §2 test
TEST(SdpMsid, is_a_stream_and_maybe_a_track) {
  const auto msid = Msid::parse("{4ead678d} {f26e0f55}");
  ASSERT_TRUE(msid);
  EXPECT_EQ(msid->stream, "{4ead678d}");
  EXPECT_EQ(msid->track, "{f26e0f55}");
  expect_round_trip<Msid>("- b0d80075-72b7");
  expect_round_trip<Msid>("stream");
  EXPECT_EQ(Msid::parse("stream track more")->track, "track");
  expect_refused<Msid>("", ValueError::kMalformed);
}

}  // namespace
}  // namespace beeline::sdp
