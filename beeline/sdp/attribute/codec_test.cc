#include "beeline/sdp/attribute/codec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Media section(std::string_view line, std::vector<std::string> attributes) {
  Media media = *Media::parse_line(line);
  for (std::string& text : attributes) media.lines.push_back({'a', std::move(text)});
  return media;
}

std::vector<std::string> names(const std::vector<Codec>& codecs) {
  std::vector<std::string> out;
  for (const Codec& codec : codecs)
    out.push_back(fmt::format("{} {}", codec.payload_type.value, codec.name));
  return out;
}

//= RFC 3550 §5.1 test
TEST(SdpCodec, payload_types_have_7_bits) {
  EXPECT_EQ(parse_payload_type("0"), PayloadType{0});
  EXPECT_EQ(parse_payload_type("127"), PayloadType{127});
  for (const std::string_view text : {"128", "256", "-1", "", "x", "1x"})
    EXPECT_FALSE(parse_payload_type(text)) << text;
}

//= RFC 8866 §6.6 test
TEST(SdpCodec, an_rtpmap_is_a_name_a_rate_and_maybe_channels) {
  const auto map = Rtpmap::parse("111 opus/48000/2");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->payload_type, PayloadType{111});
  EXPECT_EQ(map->encoding, "opus");
  EXPECT_EQ(map->clock_rate, 48000U);
  EXPECT_EQ(map->channels, 2);
  expect_round_trip<Rtpmap>("111 opus/48000/2");
  expect_round_trip<Rtpmap>("96 VP8/90000");
  EXPECT_EQ(Rtpmap::parse("9 G722/8000/1")->channels, 1);
  for (const std::string_view text : {"128 VP8/90000", "96 VP8", "96 VP8/0", "96 VP8/x",
                                      "96 VP8/4294967296", "96 x/1/0", "96 x/1/65536"})
    expect_refused<Rtpmap>(text, ValueError::kOutOfRange);
  expect_refused<Rtpmap>("96 /90000", ValueError::kMalformed);
  expect_refused<Rtpmap>("96", ValueError::kMalformed);
}

//= RFC 8866 §6.15 test
TEST(SdpCodec, an_fmtp_is_parameters_of_a_payload_type) {
  expect_round_trip<Fmtp>("111 minptime=10;useinbandfec=1");
  expect_round_trip<Fmtp>("63 111/111");
  EXPECT_THAT(Fmtp::parse("96")->parameters, IsEmpty());
  expect_refused<Fmtp>("aa x=1", ValueError::kOutOfRange);
}

//= RFC 4585 §4.2 test
TEST(SdpCodec, feedback_is_of_one_payload_type_or_of_all) {
  const auto one = RtcpFb::parse("96 nack pli");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->payload_type, PayloadType{96});
  EXPECT_TRUE(one->feedback == (Feedback{"nack", "pli"}));
  EXPECT_FALSE(RtcpFb::parse("* nack")->payload_type);
  for (const std::string_view text :
       {"96 nack pli", "* ccm fir", "96 transport-cc", "96 ccm vbcm 1 2"})
    expect_round_trip<RtcpFb>(text);
  expect_refused<RtcpFb>("x nack", ValueError::kOutOfRange);
  expect_refused<RtcpFb>("96", ValueError::kMalformed);
}

TEST(SdpCodec, codecs_are_in_the_order_of_the_media_line_wherever_their_attributes_stand) {
  const auto list =
      codecs(section("video 9 UDP/TLS/RTP/SAVPF 120 97",
                     {"fmtp:97 apt=120", "rtcp-fb:* nack", "fmtp:120 max-fs=12288;max-fr=60",
                      "rtcp-fb:120 nack pli", "rtpmap:97 rtx/90000", "rtpmap:120 VP8/90000"}));
  ASSERT_THAT(names(list), ElementsAre("120 VP8", "97 rtx"));
  EXPECT_THAT(list[0].parameters,
              ElementsAre(Parameter{"max-fs", "12288"}, Parameter{"max-fr", "60"}));
  EXPECT_THAT(list[0].feedback, ElementsAre(Feedback{"nack", "pli"}, Feedback{"nack", ""}));
  EXPECT_THAT(list[1].parameters, ElementsAre(Parameter{"apt", "120"}));
  EXPECT_THAT(list[1].feedback, ElementsAre(Feedback{"nack", ""}));
}

TEST(SdpCodec, stale_lines_of_payload_types_that_are_gone_are_passed_over) {
  // As Firefox leaves them behind after setCodecPreferences.
  const auto list = codecs(section("video 9 UDP/TLS/RTP/SAVPF 99",
                                   {"rtcp-fb:120 nack", "rtpmap:99 AV1/90000", "fmtp:97 apt=120",
                                    "rtpmap:120 VP8/90000", "rtcp-fb:99 nack"}));
  EXPECT_THAT(names(list), ElementsAre("99 AV1"));
  EXPECT_THAT(list[0].feedback, SizeIs(1));
}

//= RFC 3551 §6 test
TEST(SdpCodec, old_payload_types_need_no_rtpmap_and_may_have_one) {
  const auto list = codecs(section("audio 9 RTP/AVP 0 10 8 13 77", {"rtpmap:8 pcma/16000"}));
  EXPECT_THAT(names(list), ElementsAre("0 PCMU", "10 L16", "8 pcma", "13 CN"));
  EXPECT_EQ(list[0].clock_rate, 8000U);
  EXPECT_EQ(list[1].channels, 2);
  EXPECT_EQ(list[2].clock_rate, 16000U);
}

TEST(SdpCodec, lines_that_cannot_be_read_are_missed_and_no_more) {
  const auto list = codecs(section("audio 9 RTP/AVP 96 97 96 x 300",
                                   {"rtpmap:96 opus", "rtpmap:96 opus/48000/2", "rtpmap:97 x",
                                    "rtpmap:96 other/1", "fmtp:96 a=1", "fmtp:96 b=2"}));
  ASSERT_THAT(names(list), ElementsAre("96 opus"));
  EXPECT_THAT(list[0].parameters, ElementsAre(Parameter{"a", "1"}, Parameter{"b", "2"}));
}

TEST(SdpCodec, parameters_have_a_limit_in_all_lines_together) {
  Media media = section("audio 9 RTP/AVP 0", {});
  add(media, Fmtp{PayloadType{0}, std::vector(kMaxParameters - 1, Parameter{"a", "1"})});
  add(media, Fmtp{PayloadType{0}, {{"b", ""}}});
  EXPECT_THAT(codecs(media)[0].parameters, SizeIs(kMaxParameters));
  add(media, Fmtp{PayloadType{0}, {{"c", ""}}});
  EXPECT_THAT(codecs(media)[0].parameters, SizeIs(kMaxParameters));
}

TEST(SdpCodec, only_rtp_has_codecs) {
  EXPECT_THAT(codecs(section("application 9 DTLS/SCTP 0", {})), IsEmpty());
  EXPECT_THAT(codecs(section("audio 9 TCP/TLS/RTP/SAVPF 0", {})), SizeIs(1));
}

TEST(SdpCodec, feedback_for_all_does_not_multiply_without_end) {
  Media media = section("audio 9 RTP/AVP 0 8", {});
  for (std::size_t i = 0; i < kMaxFeedback; ++i)
    add(media, RtcpFb{std::nullopt, {"nack", fmt::format("{}", i)}});
  EXPECT_THAT(codecs(media)[1].feedback, SizeIs(kMaxFeedback));
  add(media, RtcpFb{PayloadType{8}, {"one", "more"}});
  EXPECT_THAT(codecs(media)[1].feedback, SizeIs(kMaxFeedback));
  EXPECT_TRUE(codecs(media)[1].feedback[0] == (Feedback{"one", "more"}));
}

TEST(SdpCodec, a_codec_that_was_written_is_read_again) {
  Media media = section("video 9 UDP/TLS/RTP/SAVPF", {});
  const Codec video{PayloadType{96}, "VP8", 90000, 1, {}, {{"nack", "pli"}, {"transport-cc", ""}}};
  const Codec other{PayloadType{97}, "rtx", 90000, 1, {{"apt", "96"}}, {}};
  add_codec(media, video);
  add_codec(media, other);
  EXPECT_EQ(media.line_text(), "video 9 UDP/TLS/RTP/SAVPF 96 97");
  EXPECT_TRUE(codecs(media) == (std::vector{video, other}));
}

}  // namespace
}  // namespace beeline::sdp
