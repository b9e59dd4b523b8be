#include "beeline/sdp/writer.h"

#include <gtest/gtest.h>

#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/attribute/sctp.h"
#include "beeline/sdp/parser.h"

namespace beeline::sdp {
namespace {

TEST(SdpWriter, a_description_made_of_values_is_text_in_the_right_order) {
  Session session;
  add(session, Group{"BUNDLE", {"0"}});
  session.add({'s'}, "-");
  session.add({'t'}, "0 0");
  add(session, Origin{.session_id = "1", .session_version = 2});
  Media media;
  media.kind = "application";
  media.port = Port{9};
  media.protocol = "UDP/DTLS/SCTP";
  media.formats = {"webrtc-datachannel"};
  add(media, Mid{"0"});
  add(media, SctpPort{Port{5000}});
  add(media, Connection{});
  session.media.push_back(media);
  EXPECT_EQ(write(session),
            "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
            "a=mid:0\r\na=sctp-port:5000\r\n");
  EXPECT_TRUE(parse(write(session)) == session);
}

TEST(SdpWriter, nothing_is_a_version) {
  EXPECT_EQ(write(Session{}), "v=0\r\n");
  EXPECT_EQ(write_fragment(Session{}), "");
}

TEST(SdpWriterDeathTest, a_line_break_in_a_value_is_a_programming_error) {
  for (const std::string& text :
       {std::string("x\ny"), std::string("x\ry"), std::string("x\0y", 3)}) {
    Session session;
    add(session, Mid{text});
    EXPECT_DEATH(write(session), "one line is one line");
    Session with_media;
    with_media.media.resize(1);
    with_media.media[0].kind = text;
    EXPECT_DEATH(write(with_media), "one line is one line");
  }
}

TEST(SdpWriterDeathTest, so_is_a_media_line_or_a_version_among_the_lines) {
  for (const char type : {'v', 'm'}) {
    Session session;
    session.lines.push_back({type, "0"});
    EXPECT_DEATH(write(session), "not a line of a section");
  }
}

}  // namespace
}  // namespace beeline::sdp
