#include "beeline/sdp/attribute/sctp.h"

#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

Media section(std::string_view line, std::vector<std::string> attributes) {
  Media media = *Media::parse_line(line);
  for (std::string& text : attributes) media.lines.push_back({'a', std::move(text)});
  return media;
}

constexpr std::string_view kNew = "application 9 UDP/DTLS/SCTP webrtc-datachannel";
constexpr std::string_view kOld = "application 9 DTLS/SCTP 5000";

//= RFC 8841 §5 test
TEST(SdpSctp, the_port_is_a_number_of_16_bits) {
  expect_round_trip<SctpPort>("5000");
  EXPECT_EQ(sctp_port(section(kNew, {"sctp-port:65535"})), Port{65535});
  EXPECT_EQ(sctp_port(section(kNew, {"sctp-port:65536"})).error(), ValueError::kOutOfRange);
  EXPECT_EQ(sctp_port(section(kNew, {})).error(), ValueError::kAbsent) << "there is no default";
}

TEST(SdpSctp, the_drafts_said_the_port_elsewhere) {
  EXPECT_EQ(sctp_port(section(kOld, {"sctpmap:5001 webrtc-datachannel 1024"})), Port{5001});
  EXPECT_EQ(sctp_port(section(kOld, {})), Port{5000});
  EXPECT_EQ(sctp_port(section(kOld, {"sctpmap:x webrtc-datachannel"})).error(),
            ValueError::kOutOfRange);
  EXPECT_EQ(sctp_port(section("audio 9 RTP/AVP 0", {})).error(), ValueError::kAbsent);
  const auto map = SctpMap::parse("5000 webrtc-datachannel 1024");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->protocol, "webrtc-datachannel");
  EXPECT_EQ(map->streams, 1024U);
  expect_round_trip<SctpMap>("5000 webrtc-datachannel 1024");
  expect_round_trip<SctpMap>("5000 webrtc-datachannel");
  expect_refused<SctpMap>("5000", ValueError::kMalformed);
  expect_refused<SctpMap>("5000 webrtc-datachannel x", ValueError::kOutOfRange);
}

TEST(SdpSctp, data_channels_are_known_in_either_form) {
  EXPECT_TRUE(is_data_channel(section(kNew, {})));
  EXPECT_TRUE(is_data_channel(section(kOld, {"sctpmap:5000 webrtc-datachannel 1024"})));
  EXPECT_FALSE(is_data_channel(section(kOld, {"sctpmap:5000 bfcp 1024"})));
  EXPECT_FALSE(is_data_channel(section(kOld, {})));
  EXPECT_FALSE(is_data_channel(section("application 9 RTP/AVP webrtc-datachannel", {})));
}

//= RFC 8841 §6, §6.1 test
TEST(SdpSctp, messages_have_64_kilobytes_unless_somebody_says_otherwise) {
  expect_round_trip<MaxMessageSize>("1073741823");
  EXPECT_EQ(max_message_size(section(kNew, {})), 65536U);
  EXPECT_EQ(max_message_size(section(kNew, {"max-message-size:262144"})), 262144U);
  EXPECT_EQ(max_message_size(section(kNew, {"max-message-size:0"})), 0U) << "any";
  EXPECT_EQ(max_message_size(section(kNew, {"max-message-size:18446744073709551615"})),
            18446744073709551615U);
  EXPECT_EQ(max_message_size(section(kNew, {"max-message-size:18446744073709551616"})).error(),
            ValueError::kOutOfRange);
}

TEST(SdpSctp, an_init_chunk_is_padded_base64) {
  const auto init = SctpInit::parse("AQAAHmJEYLcAUAAA//////rdh2vAAAAEgAgABoLA");
  ASSERT_TRUE(init);
  ASSERT_EQ(init->chunk.size(), 30U);
  EXPECT_EQ(init->chunk[0], 1) << "INIT";
  EXPECT_EQ(init->chunk[3], 30) << "its length";
  expect_round_trip<SctpInit>("AQAAHmJEYLcAUAAA//////rdh2vAAAAEgAgABoLA");
  expect_round_trip<SctpInit>("AQ==");
  expect_refused<SctpInit>("AQ", ValueError::kMalformed);
  expect_refused<SctpInit>("A_==", ValueError::kMalformed);
  expect_refused<SctpInit>("", ValueError::kOutOfRange);
  EXPECT_TRUE(SctpInit::parse(SctpInit{std::vector<std::uint8_t>(65535)}.text()));
  expect_refused<SctpInit>(SctpInit{std::vector<std::uint8_t>(65536)}.text(),
                           ValueError::kOutOfRange);
}

}  // namespace
}  // namespace beeline::sdp
