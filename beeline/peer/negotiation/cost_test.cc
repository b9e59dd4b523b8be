// Rule P1: what the worst 256 KB of a description cost, in basic blocks that are passed and not in
// time, so that it is the same on every machine. What is measured is compiled a second time, to
// call
// __sanitizer_cov_trace_pc in each of them.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "beeline/peer/negotiation/negotiation.h"
#include "beeline/sdp/parser.h"
#include "beeline/sdp/test_every_attribute.h"
#include "beeline/sdp/writer.h"

namespace {
std::uint64_t blocks = 0;
}  // namespace

extern "C" void __sanitizer_cov_trace_pc() {
  ++blocks;
}

namespace beeline::peer {
namespace {

using sdp::kMaxBytes;

// A description of about `size` bytes, with as much of something as fits.
using Kind = std::function<std::string(std::size_t size)>;

const std::string kBegin = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const std::string kData =
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:0123456789012345678901\r\na=sctp-port:5000\r\na=fingerprint:sha-256 "
    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
    "01\r\n";

// `line(i)` again and again, at most `most` times; then `end`.
std::string filled(std::string text, std::size_t size, std::size_t most,
                   const std::function<std::string(std::size_t)>& line, const std::string& end) {
  for (std::size_t i = 0; i < most; ++i) {
    const std::string next = line(i);
    if (text.size() + next.size() + end.size() > size) break;
    text += next;
  }
  return text + end;
}
Kind lines(const std::string& begin, const std::string& line, std::size_t most = 9900) {
  return [=](std::size_t size) {
    // Half of the lines where half of the size is wanted.
    return filled(
        kBegin + begin, size, most * size / kMaxBytes, [&](std::size_t) { return line + "\r\n"; },
        begin.empty() ? kData : "");
  };
}
Kind words(const std::string& begin, const std::string& word, const std::string& end) {
  return [=](std::size_t size) {
    return filled(kBegin + begin, size, size, [&](std::size_t) { return word; }, end);
  };
}
std::string media(std::size_t i) {
  return "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:" + std::to_string(i) + "\r\n";
}

struct Named {
  const char* name;
  Kind kind;
};
const Named kKinds[] = {
    {"short lines", lines(kData, "a=x")},
    {"lines that begin like others", lines(kData, "a=fingerprin")},
    {"candidates", lines(kData, "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host", 250)},
    {"fingerprints", lines(kData, "a=fingerprint:sha-1 00", 9900)},
    {"rtpmaps of a section that stays idle",
     lines("a=group:BUNDLE a d\r\n" + kData + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n",
           "a=rtpmap:0 PCMU/8000")},
    {"formats", words("m=audio 9 UDP/TLS/RTP/SAVPF", " 101", "\r\n" + kData)},
    {"one long attribute", words(kData + "a=fmtp:96 ", "a=b;", "\r\n")},
    {"colons", words(kData + "a=x", ":", "\r\n")},
    {"empty lines", lines(kData, "")},
    {"sections",
     [](std::size_t size) { return filled(kBegin, size, 500 * size / kMaxBytes, media, kData); }},
    {"groups of all sections",
     [](std::size_t size) {
       std::string text = kBegin;
       const std::size_t each = 300 * size / kMaxBytes;
       for (std::size_t i = 0; i < each; ++i)
         text += "a=group:BUNDLE nobody " + std::to_string(i) + " d\r\n";
       return filled(text, size, each, media, kData);
     }},
    {"groups without anybody and lines without names",
     [](std::size_t size) {
       std::string text = kBegin;
       for (std::size_t i = 0; i < 500 * size / kMaxBytes; ++i)
         text += "a=group:BUNDLE nobody d\r\n";
       text += kData;
       return filled(
           text + "m=audio 9 RTP/AVP 0\r\n", size, 9000 * size / kMaxBytes,
           [](std::size_t) { return std::string("a=y\r\n"); }, "");
     }},
};

// What it takes to answer a description.
std::uint64_t cost_of_answering(const std::string& text) {
  const std::uint64_t before = blocks;
  const auto session = sdp::parse(text);
  EXPECT_TRUE(session) << sdp::to_string(session.error());
  if (!session) return 0;
  Negotiation negotiation(1);
  const LocalTransport local{
      .ice = {.ufrag = "abcd", .password = "0123456789012345678901"},
      .fingerprint = {crypto::CertificateHash::kSha256, std::vector<std::uint8_t>(32, 7)},
      .max_message = 1000,
      .sctp_init = {}};
  const auto applied = negotiation.set_remote({DescriptionType::kOffer, text});
  EXPECT_TRUE(applied) << (applied ? std::string() : applied.error().detail);
  if (!applied) return 0;
  EXPECT_TRUE(negotiation.set_local(*negotiation.make_answer(local)));
  EXPECT_FALSE(sdp::write(*session).empty());
  return blocks - before;
}

// And to read whatever is in it, for all of its sections. Each of those asks the session as well:
// at most 512 times 512 lines, whatever the size is.
std::uint64_t cost_of_everything(const std::string& text) {
  const std::uint64_t before = blocks;
  sdp::read_everything(*sdp::parse(text));
  return blocks - before;
}

TEST(SdpCost, of_twice_the_bytes_is_about_twice_whatever_they_are) {
  for (const Named& named : kKinds) {
    const std::uint64_t half = cost_of_answering(named.kind(kMaxBytes / 2));
    const std::uint64_t whole = cost_of_answering(named.kind(kMaxBytes));
    // Quadratic would be 4.
    EXPECT_LT(static_cast<double>(whole), 2.4 * static_cast<double>(half)) << named.name;
    RecordProperty(named.name, std::to_string(whole));
  }
}

// A block takes about two nanoseconds: 50 ms are some 25 million.
TEST(SdpCost, of_256_kilobytes_is_below_what_50_ms_are_enough_for) {
  for (const Named& named : kKinds) {
    const std::string text = named.kind(kMaxBytes);
    ASSERT_LE(text.size(), kMaxBytes);
    EXPECT_LT(cost_of_answering(text), 20'000'000U) << named.name;
    EXPECT_LT(cost_of_everything(text), 20'000'000U) << named.name;
  }
}

TEST(SdpCost, is_counted) {
  EXPECT_GT(cost_of_answering(kBegin + kData), 100U);
}

}  // namespace
}  // namespace beeline::peer
