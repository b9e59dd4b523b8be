#include "beeline/sctp/data_channel/dcep.h"

#include <gmock/gmock.h>

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

std::vector<ChannelOptions> all_kinds() {
  std::vector<ChannelOptions> all;
  for (const bool ordered : {true, false})
    for (const Reliability& reliability :
         {Reliability{}, Reliability{.lifetime = 250ms}, Reliability{.retransmissions = 3}})
      all.push_back({"label ✓", "proto", ordered, reliability, 512});
  all.push_back({});
  return all;
}

//= RFC 8832 §5.1 test
TEST(Dcep, an_opening_survives_a_round_trip) {
  for (const ChannelOptions& options : all_kinds()) {
    const auto parsed = parse_dcep(write_open(options));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(std::get<ChannelOptions>(*parsed), options);
  }
}

TEST(Dcep, an_opening_cut_short_or_too_long_is_none) {
  auto message = write_open({"label", "protocol", true, {}, 256});
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(parse_dcep(Bytes(message).first(size))) << size;
  message.push_back(0);
  EXPECT_EQ(parse_dcep(message).error(), DcepError::kBadLength);
}

TEST(Dcep, text_that_is_not_utf8_is_refused) {
  for (const char* bad : {"\xff", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xf0\x80\x80\x80", "\xc3"})
    EXPECT_EQ(parse_dcep(write_open({bad, "", true, {}, 256})).error(), DcepError::kNotUtf8) << bad;
  EXPECT_TRUE(parse_dcep(write_open({"蜂 🐝 é", "", true, {}, 256})));
}

TEST(Dcep, survives_flipped_bits) {
  const auto message = write_open({"label", "protocol", false, {.lifetime = 1s}, 256});
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    auto flipped = message;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    std::ignore = parse_dcep(flipped);
  }
}

}  // namespace
}  // namespace beeline::sctp
