#include "beeline/sdp/attribute/candidate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/sdp/test_typed.h"

namespace beeline::sdp {
namespace {

using testing::ElementsAre;

//= RFC 8839 §5.1 test
TEST(SdpCandidate, says_where_an_agent_may_be_reached) {
  const auto candidate = Candidate::parse(
      "842163049 1 udp 1677729535 203.0.113.5 40001 typ srflx raddr 192.0.2.1 rport 40000 "
      "generation 0 ufrag x network-cost 999");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->foundation, "842163049");
  EXPECT_EQ(candidate->component, 1);
  EXPECT_EQ(candidate->transport, "udp");
  EXPECT_EQ(candidate->priority, 1677729535U);
  EXPECT_EQ(candidate->address, "203.0.113.5");
  EXPECT_EQ(candidate->port, Port{40001});
  EXPECT_EQ(candidate->type, "srflx");
  EXPECT_EQ(candidate->related_address, "192.0.2.1");
  EXPECT_EQ(candidate->related_port, Port{40000});
  EXPECT_EQ(candidate->tcp_type, "");
  EXPECT_EQ(candidate->extension("ufrag"), "x");
  EXPECT_EQ(candidate->extension("network-cost"), "999");
  EXPECT_EQ(candidate->extension("network-id"), "");
  EXPECT_THAT(candidate->extensions, testing::SizeIs(3));
}

TEST(SdpCandidate, what_browsers_write_comes_back_byte_by_byte) {
  for (const std::string_view text :
       {"2511054007 1 udp 2113937151 203.0.113.1 35357 typ host generation 0 network-cost 999",
        "2 1 udp 2113937151 0b5b0b4c-9b45-4d51-8ff1-09dd0f1a2c5c.local 5000 typ host generation 0",
        "a0+B/1 2 udp 2130706432 2001:db8::1 9 typ host",
        "1 1 udp 41885439 198.51.100.1 3478 typ relay raddr 0.0.0.0 rport 0 generation 0",
        "1 1 tcp 2105524479 192.0.2.1 9 typ host tcptype active",
        "1 1 tcp 1 192.0.2.1 9 typ srflx raddr 192.0.2.2 rport 1 tcptype passive generation 0"})
    expect_round_trip<Candidate>(text);
}

TEST(SdpCandidate, upper_and_lower_case_of_the_transport_are_the_same) {
  EXPECT_TRUE(Candidate::parse("0 1 UDP 2122252543 192.0.2.1 9 typ host") ==
              Candidate::parse("0 1 udp 2122252543 192.0.2.1 9 typ host"));
}

//= RFC 6544 §4.5 test
TEST(SdpCandidate, over_tcp_says_who_connects) {
  const auto candidate = Candidate::parse("1 1 TCP 2105524479 192.0.2.1 9 typ host tcptype SO");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->transport, "tcp");
  EXPECT_EQ(candidate->tcp_type, "so");
  EXPECT_TRUE(Candidate::parse("1 1 tcp 1 192.0.2.1 9 typ host")) << "an old one does not";
}

TEST(SdpCandidate, may_have_its_names_in_front) {
  const std::string_view value = "1 1 udp 1 192.0.2.1 9 typ host";
  const auto wanted = Candidate::parse(value);
  ASSERT_TRUE(wanted);
  for (const std::string_view prefix : {"candidate:", "a=candidate:", " candidate:", "candidate: "})
    EXPECT_TRUE(Candidate::parse(std::string(prefix) + std::string(value)) == wanted) << prefix;
  EXPECT_EQ(candidate_string(*wanted), "candidate:" + std::string(value));
  expect_refused<Candidate>("candidate:candidate:1 1 udp 1 192.0.2.1 9 typ host",
                            ValueError::kMalformed);
}

TEST(SdpCandidate, types_transports_and_pairs_that_nobody_knows_are_kept) {
  const auto candidate = Candidate::parse("1 1 quic 1 192.0.2.1 9 typ martian a b c d e");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->transport, "quic");
  EXPECT_EQ(candidate->type, "martian");
  EXPECT_THAT(candidate->extensions,
              ElementsAre(Candidate::Extension{"a", "b"}, Candidate::Extension{"c", "d"},
                          Candidate::Extension{"e", ""}));
  expect_round_trip<Candidate>("1 1 quic 1 192.0.2.1 9 typ martian a b c d e");
}

TEST(SdpCandidate, related_address_and_port_may_be_one_without_the_other) {
  EXPECT_EQ(Candidate::parse("1 1 udp 1 192.0.2.1 9 typ srflx rport 7")->related_port, Port{7});
  const auto other = Candidate::parse("1 1 udp 1 192.0.2.1 9 typ srflx raddr 192.0.2.2");
  EXPECT_EQ(other->related_address, "192.0.2.2");
  EXPECT_FALSE(other->related_port);
}

TEST(SdpCandidate, without_its_words_is_none) {
  for (const std::string_view text :
       {"", "1", "1 1 udp 1 192.0.2.1 9 typ", "1 1 udp 1 192.0.2.1 9 host",
        "1 1 udp 1 192.0.2.1 9 type host", "1 1 udp 1 <script> 9 typ host",
        "1 1 udp 1 192.0.2.1 9 typ srflx raddr", "1 1 udp 1 192.0.2.1 9 typ srflx rport 65536",
        "1 1 udp 1 192.0.2.1 9 typ srflx raddr (x)", "x=y 1 udp 1 192.0.2.1 9 typ host"})
    expect_refused<Candidate>(text, ValueError::kMalformed);
}

TEST(SdpCandidate, numbers_are_in_range) {
  const auto with = [](std::string_view component, std::string_view priority,
                       std::string_view port) {
    std::string text = "1 ";
    text.append(component).append(" udp ").append(priority).append(" 192.0.2.1 ").append(port);
    return Candidate::parse(text + " typ host");
  };
  EXPECT_TRUE(with("1", "0", "0"));
  EXPECT_TRUE(with("256", "4294967295", "65535"));
  EXPECT_EQ(with("0", "1", "1").error(), ValueError::kOutOfRange);
  EXPECT_EQ(with("257", "1", "1").error(), ValueError::kOutOfRange);
  EXPECT_EQ(with("1", "4294967296", "1").error(), ValueError::kOutOfRange);
  EXPECT_EQ(with("1", "-1", "1").error(), ValueError::kOutOfRange);
  EXPECT_EQ(with("1", "1", "65536").error(), ValueError::kOutOfRange);
}

TEST(SdpCandidate, foundations_names_and_the_whole_have_limits) {
  const auto with = [](std::size_t foundation, std::size_t name) {
    return Candidate::parse(std::string(foundation, 'f') + " 1 udp 1 " + std::string(name, 'n') +
                            " 9 typ host");
  };
  EXPECT_TRUE(with(32, 255));
  EXPECT_EQ(with(33, 255).error(), ValueError::kOutOfRange);
  EXPECT_EQ(with(32, 256).error(), ValueError::kMalformed);
  std::string text = "1 1 udp 1 192.0.2.1 9 typ host ";
  text.resize(kMaxCandidateBytes, 'x');
  EXPECT_TRUE(Candidate::parse(text));
  EXPECT_EQ(Candidate::parse(text + 'x').error(), ValueError::kOutOfRange);
}

//= RFC 8840 §8 test
TEST(SdpCandidate, an_empty_string_is_the_end_of_candidates) {
  for (const std::string_view text : {"", " ", "end-of-candidates", "a=end-of-candidates"})
    EXPECT_TRUE(is_end_of_candidates(text)) << text;
  for (const std::string_view text : {"candidate:1 1 udp 1 192.0.2.1 9 typ host", "x"})
    EXPECT_FALSE(is_end_of_candidates(text)) << text;
}

}  // namespace
}  // namespace beeline::sdp
