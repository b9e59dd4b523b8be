#include "beeline/sdp/attribute/mid.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

//= RFC 5888 §4 test
TEST(SdpMid, is_one_word_of_at_most_255_characters) {
  expect_round_trip<Mid>("sdparta_0");
  EXPECT_EQ(Mid::parse(" 0 ")->value, "0");
  EXPECT_TRUE(Mid::parse(std::string(255, 'm')));
  expect_refused<Mid>(std::string(256, 'm'), ValueError::kOutOfRange);
  expect_refused<Mid>("", ValueError::kMalformed);
  expect_refused<Mid>("a b", ValueError::kMalformed);
}

}  // namespace
}  // namespace beeline::sdp
