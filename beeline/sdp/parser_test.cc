#include "beeline/sdp/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/attribute/candidate.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/writer.h"

namespace beeline::sdp {
namespace {

using Cause = ParseError::Cause;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kOffer =
    "v=0\r\n"
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\n"
    "a=something:nobody knows\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:1\r\n"
    "a=sctp-port:5000\r\n";

void expect_error(std::string_view text, Cause cause, std::size_t line) {
  const auto session = parse(text);
  ASSERT_FALSE(session) << text.substr(0, 100);
  EXPECT_EQ(session.error(), (ParseError{cause, line})) << to_string(session.error());
}

void expect_same_again(std::string_view text) {
  const auto session = parse(text);
  if (!session) return;
  const auto again = parse(write(*session));
  EXPECT_TRUE(again && *again == *session) << text;
}

std::string times(std::size_t count, std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += line;
  return out;
}

//= RFC 8866 §5 test
TEST(SdpParser, lines_go_to_the_session_and_to_the_media_sections_in_their_order) {
  const auto session = parse(kOffer);
  ASSERT_TRUE(session);
  ASSERT_THAT(session->lines, SizeIs(4));
  EXPECT_EQ(session->lines[0], (Line{'o', "- 4611731400430051336 2 IN IP4 127.0.0.1"}));
  EXPECT_EQ(session->lines[3], (Line{'a', "group:BUNDLE 0 1"}));
  ASSERT_THAT(session->media, SizeIs(2));
  EXPECT_EQ(session->media[0].kind, "audio");
  EXPECT_THAT(session->media[0].lines, SizeIs(4));
  EXPECT_EQ(first<Mid>(session->media[1])->value, "1");
}

TEST(SdpParser, what_was_canonical_is_written_byte_by_byte) {
  EXPECT_EQ(write(*parse(kOffer)), kOffer);
}

TEST(SdpParser, ends_of_lines_may_be_any_and_the_last_may_be_missing) {
  const auto wanted = parse(kOffer);
  std::string lf(kOffer);
  std::erase(lf, '\r');
  std::string doubled;
  for (const char c : kOffer) doubled += c == '\n' ? "\r\n\n" : std::string(1, c);
  for (const std::string& text : {lf, doubled, lf.substr(0, lf.size() - 1), "\n\r\n" + lf + "\n\n"})
    EXPECT_TRUE(parse(text) == wanted) << text;
}

TEST(SdpParser, lines_may_be_missing_and_in_any_order) {
  for (const std::string_view text :
       {"v=0", "v=0\nm=audio 9 RTP/AVP 0", "v=0\na=x\nt=0 0\no=- 1 1 IN IP4 0.0.0.0\n", "v=0\ns=\n",
        "v=0\ns= \n", "v=0\ns=any thing: at all\n", "v=0 \ny=1\nz=\nQ=?\n",
        "v=0\nm=x 1 strange/proto x\nb=AS:1\na=1\nc=IN IP4 0.0.0.0\ni=?\n", "v=0\na=\na=:\n"}) {
    EXPECT_TRUE(parse(text)) << text;
    expect_same_again(text);
  }
}

TEST(SdpParser, bytes_that_are_no_ascii_are_kept) {
  const auto session = parse("v=0\ns=\xE6\x9C\x83\xFF\x01\n");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->lines[0].text, "\xE6\x9C\x83\xFF\x01");
}

//= RFC 8866 §5.1 test
TEST(SdpParser, the_version_comes_first_is_0_and_comes_once) {
  expect_error("o=- 1 1 IN IP4 0.0.0.0\nv=0\n", Cause::kNoVersion, 1);
  expect_error("\nhello\nv=0\n", Cause::kNoVersion, 2);
  expect_error("m=audio 9 RTP/AVP 0\n", Cause::kNoVersion, 1);
  expect_error("v=1\n", Cause::kUnsupportedVersion, 1);
  expect_error("v=\n", Cause::kUnsupportedVersion, 1);
  expect_error("v=0\ns=-\nv=0\n", Cause::kSecondVersion, 3);
  expect_error("v=0\nm=audio 9 RTP/AVP 0\nv=0\n", Cause::kSecondVersion, 3);
}

TEST(SdpParser, nothing_is_no_description) {
  for (const std::string_view text : {"", "\n", "\r\n\r\n", "\r"})
    expect_error(text, Cause::kEmpty, 0);
}

TEST(SdpParser, refuses_a_line_without_a_letter_and_an_equals_sign) {
  for (const std::string_view line : {"a", "=", "a:b", "1=x", " a=x", "aa=x", "\xC3=x"})
    expect_error("v=0\ns=-\n" + std::string(line) + "\na=x\n", Cause::kNotALine, 3);
}

TEST(SdpParser, refuses_bytes_that_end_lines_for_others) {
  expect_error(std::string_view("v=0\na=x\0y\n", 10), Cause::kForbiddenByte, 2);
  expect_error(std::string_view("\0", 1), Cause::kForbiddenByte, 1);
  expect_error("v=0\na=x\ra=y\n", Cause::kForbiddenByte, 2);
}

TEST(SdpParser, refuses_a_media_line_that_is_none) {
  expect_error("v=0\nm=audio\n", Cause::kBadMediaLine, 2);
  expect_error("v=0\nm=audio 65536 RTP/AVP 0\n", Cause::kBadMediaLine, 2);
}

TEST(SdpParser, takes_256_kilobytes_and_not_one_more) {
  std::string text = "v=0\na=x:";
  text.resize(kMaxBytes, 'x');
  EXPECT_TRUE(parse(text));
  expect_error(text + 'x', Cause::kTooLong, 0);
}

TEST(SdpParser, takes_10000_lines_and_not_one_more) {
  const std::string most = "v=0\nm=audio 9 RTP/AVP 0\n" + times(kMaxLines - 2, "a=x\n");
  EXPECT_TRUE(parse(most));
  expect_error(most + "a=x", Cause::kTooManyLines, 0);
  expect_error(most + "\n", Cause::kTooManyLines, 0);
}

TEST(SdpParser, takes_512_lines_of_the_session_itself_and_not_one_more) {
  const std::string most = "v=0\n" + times(kMaxSessionLines, "a=x\n");
  EXPECT_TRUE(parse(most + "m=audio 9 RTP/AVP 0\n" + times(kMaxSessionLines + 1, "a=x\n")));
  expect_error(most + "a=x", Cause::kTooManySessionLines, kMaxSessionLines + 2);
}

TEST(SdpParser, takes_512_media_sections_and_not_one_more) {
  const std::string most = "v=0\n" + times(kMaxMedia, "m=audio 9 RTP/AVP 0\n");
  EXPECT_TRUE(parse(most));
  expect_error(most + "m=audio 9 RTP/AVP 0", Cause::kTooManyMedia, kMaxMedia + 2);
}

TEST(SdpParser, takes_256_candidates_in_all_sections_and_not_one_more) {
  const std::string_view candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n";
  const std::string most = "v=0\n" + times(100, candidate) + "m=audio 9 RTP/AVP 0\n" +
                           times(56, candidate) + "m=audio 9 RTP/AVP 0\n" + times(100, candidate);
  EXPECT_TRUE(parse(most));
  expect_error(most + std::string(candidate), Cause::kTooManyCandidates, 260);
  EXPECT_TRUE(parse(most + "a=candidates:1\na=end-of-candidates\n"));
}

TEST(SdpParser, a_cut_anywhere_is_read_or_refused_by_name) {
  for (std::size_t size = 0; size < kOffer.size(); ++size) {
    const std::string cut(kOffer.substr(0, size));  // its own end is guarded
    const auto session = parse(cut);
    if (!session) {
      EXPECT_FALSE(to_string(session.error()).empty());
    }
    expect_same_again(cut);
  }
}

TEST(SdpParser, bit_flips_harm_nobody) {
  for (std::size_t bit = 0; bit < 8 * kOffer.size(); ++bit) {
    std::string flipped(kOffer);
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    expect_same_again(flipped);
  }
}

TEST(SdpParser, every_error_is_a_sentence) {
  for (int cause = 0; cause <= static_cast<int>(Cause::kBadMediaLine); ++cause) {
    const std::string text = to_string(ParseError{static_cast<Cause>(cause), 7});
    EXPECT_TRUE(text.ends_with(" (line 7).")) << text;
    EXPECT_TRUE(to_string(ParseError{static_cast<Cause>(cause)}).ends_with(".")) << text;
  }
  EXPECT_EQ(to_string(parse("v=1").error()), "The version is not 0 (line 1).");
}

constexpr std::string_view kFragment =
    "a=ice-ufrag:9uB6\r\n"
    "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh\r\n"
    "m=audio 9 RTP/AVP 0\r\n"
    "a=mid:1\r\n"
    "a=candidate:1 1 udp 2130706432 192.0.2.1 5000 typ host\r\n"
    "a=end-of-candidates\r\n"
    "m=audio 9 fake\r\n"
    "a=mid:2\r\n";

//= RFC 8840 §9.2 test
TEST(SdpFragment, is_read_like_a_description_without_a_version) {
  const auto fragment = parse_fragment(kFragment);
  ASSERT_TRUE(fragment);
  ASSERT_THAT(fragment->media, SizeIs(2));
  EXPECT_EQ(effective<IceUfrag>(*fragment, fragment->media[0])->value, "9uB6");
  EXPECT_EQ(first<Mid>(fragment->media[0])->value, "1");
  EXPECT_THAT(*all<Candidate>(fragment->media[0]), SizeIs(1));
  EXPECT_TRUE(fragment->media[0].has(kEndOfCandidates));
  EXPECT_FALSE(fragment->media[1].has(kEndOfCandidates));
  EXPECT_EQ(write_fragment(*fragment), kFragment);
}

TEST(SdpFragment, may_have_no_media_line_or_a_version_all_the_same) {
  const auto bare = parse_fragment("a=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n");
  ASSERT_TRUE(bare);
  EXPECT_THAT(bare->media, IsEmpty());
  EXPECT_THAT(*all<Candidate>(*bare), SizeIs(1));
  EXPECT_TRUE(parse_fragment("v=0\r\n" + std::string(kFragment)) == parse_fragment(kFragment));
  EXPECT_EQ(parse_fragment("a=x\nv=0\n").error(), (ParseError{Cause::kSecondVersion, 2}));
  EXPECT_EQ(parse_fragment("v=1\n").error(), (ParseError{Cause::kUnsupportedVersion, 1}));
  EXPECT_EQ(parse_fragment("x\n").error(), (ParseError{Cause::kNotALine, 1}));
  EXPECT_TRUE(parse_fragment("") == Session{}) << "or nothing at all";
}

TEST(SdpFragment, is_no_description) {
  EXPECT_EQ(parse(kFragment).error().cause, Cause::kNoVersion);
}

TEST(SdpFragment, comes_back_as_it_was_where_it_is_cut) {
  for (std::size_t size = 0; size < kFragment.size(); ++size) {
    const std::string cut(kFragment.substr(0, size));
    const auto fragment = parse_fragment(cut);
    if (!fragment) continue;
    EXPECT_TRUE(parse_fragment(write_fragment(*fragment)) == fragment) << cut;
  }
}

}  // namespace
}  // namespace beeline::sdp
