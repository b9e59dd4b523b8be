#include "beeline/sdp/media.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::sdp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

//= RFC 8866 §5.14 test
TEST(SdpMedia, a_media_line_is_kind_port_protocol_and_formats) {
  const auto media = Media::parse_line("audio 49170 UDP/TLS/RTP/SAVPF 111 63");
  ASSERT_TRUE(media);
  EXPECT_EQ(media->kind, "audio");
  EXPECT_EQ(media->port, Port{49170});
  EXPECT_EQ(media->port_count, 1);
  EXPECT_EQ(media->protocol, "UDP/TLS/RTP/SAVPF");
  EXPECT_THAT(media->formats, ElementsAre("111", "63"));
  EXPECT_TRUE(media->uses_rtp());
  EXPECT_FALSE(media->uses_sctp());
}

TEST(SdpMedia, media_lines_come_back_as_they_were) {
  for (const std::string_view text :
       {"application 9 UDP/DTLS/SCTP webrtc-datachannel", "application 9 DTLS/SCTP 5000",
        "video 49170/2 RTP/AVP 31", "anything 0 fake/proto *", "audio 0", "audio 9 RTP/AVP"}) {
    const auto media = Media::parse_line(text);
    ASSERT_TRUE(media) << text;
    EXPECT_EQ(media->line_text(), text);
  }
}

TEST(SdpMedia, a_section_that_breaks_off_behind_its_port_is_one_still) {
  const auto media = Media::parse_line("audio 0");
  ASSERT_TRUE(media);
  EXPECT_TRUE(media->is_rejected());
  EXPECT_THAT(media->formats, IsEmpty());
  EXPECT_FALSE(media->uses_rtp());
}

TEST(SdpMedia, kind_and_port_have_to_be_there) {
  EXPECT_EQ(Media::parse_line("").error(), ValueError::kMalformed);
  EXPECT_EQ(Media::parse_line("audio").error(), ValueError::kMalformed);
  EXPECT_EQ(Media::parse_line("audio x").error(), ValueError::kOutOfRange);
}

TEST(SdpMedia, ports_fit_in_16_bits_and_counts_are_at_least_one) {
  EXPECT_TRUE(Media::parse_line("audio 65535 RTP/AVP 0"));
  EXPECT_TRUE(Media::parse_line("audio 1/65535 RTP/AVP 0"));
  for (const std::string_view text :
       {"audio 65536 RTP/AVP 0", "audio -1 RTP/AVP 0", "audio 1/0 RTP/AVP 0",
        "audio 1/65536 RTP/AVP 0", "audio 1/ RTP/AVP 0", "audio /1 RTP/AVP 0"})
    EXPECT_FALSE(Media::parse_line(text)) << text;
}

//= RFC 9143 §6 test
TEST(SdpMedia, port_0_means_rejected_except_in_a_bundle_only_section) {
  auto media = *Media::parse_line("audio 0 UDP/TLS/RTP/SAVPF 111");
  EXPECT_TRUE(media.is_rejected());
  media.add(kBundleOnly);
  EXPECT_FALSE(media.is_rejected());
  EXPECT_FALSE(Media::parse_line("audio 9 UDP/TLS/RTP/SAVPF 111")->is_rejected());
}

//= RFC 8841 §4.2 test
TEST(SdpMedia, sctp_is_known_by_its_protocol) {
  for (const std::string_view text : {"application 9 UDP/DTLS/SCTP x", "application 9 DTLS/SCTP x",
                                      "application 9 TCP/DTLS/SCTP x", "application 9 dtls/sctp x"})
    EXPECT_TRUE(Media::parse_line(text)->uses_sctp()) << text;
  EXPECT_FALSE(Media::parse_line("application 9 RTP/AVP 107")->uses_sctp());
}

}  // namespace
}  // namespace beeline::sdp
