#include "apps/beeline/lab/candidate_line.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace beeline::cli {
namespace {

constexpr const char* kLines[] = {
    "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
    "candidate:2 1 udp 1694498815 203.0.113.9 40000 typ srflx raddr 192.0.2.1 rport 5000",
    "candidate:2 1 udp 1494286335 203.0.113.9 40256 typ srflx raddr 192.0.2.1 rport 9 predicted 1",
    "candidate:3 1 udp 16777215 2001:db8::7 3000 typ relay raddr 2001:db8::1 rport 9",
    "candidate:4 1 tcp 2105524479 192.0.2.1 9 typ host tcptype active",
    "candidate:5 1 tcp 2105524223 192.0.2.1 443 typ host tcptype passive",
    "candidate:6 1 udp 2130706431 0a1b2c3d-0000-4000-8000-000000000001.local 5000 typ host",
};

TEST(CandidateLine, comes_back_as_it_was_written) {
  for (const char* line : kLines) {
    const auto candidate = parse_candidate_line(line);
    ASSERT_TRUE(candidate) << line;
    EXPECT_EQ(candidate_line(*candidate), line);
  }
}

//= RFC 8839 §5.1 test
TEST(CandidateLine, takes_what_browsers_add_and_how_they_write) {
  const auto chromium = parse_candidate_line(
      "a=candidate:77 1 udp 2113937151 192.0.2.1 5000 typ host generation 0 network-cost 999\r\n");
  ASSERT_TRUE(chromium);
  EXPECT_EQ(candidate_line(*chromium), "candidate:77 1 udp 2113937151 192.0.2.1 5000 typ host");
  const auto firefox = parse_candidate_line("candidate:0 1 UDP 2122252543 192.0.2.1 5000 typ host");
  ASSERT_TRUE(firefox);
  EXPECT_TRUE(firefox->is_udp());
}

TEST(CandidateLine, is_refused_where_it_says_too_little_or_too_much) {
  const std::string line = kLines[0];
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_FALSE(parse_candidate_line(line.substr(0, size)));
  for (const char* wrong :
       {"", "candidate:", "candidate:1 0 udp 1 192.0.2.1 5000 typ host",
        "candidate:1 256 udp 1 192.0.2.1 5000 typ host",
        "candidate:1 1 sctp 1 192.0.2.1 5000 typ host",
        "candidate:1 1 tcp 1 192.0.2.1 5000 typ host",
        "candidate:1 1 udp 4294967296 192.0.2.1 5000 typ host",
        "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
        "candidate:1 1 udp 1 192.0.2.1 5000 typ guest",
        "candidate:1 1 udp 1 nonsense 5000 typ host",
        "candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 5000 typ host"})
    EXPECT_FALSE(parse_candidate_line(wrong)) << wrong;
  EXPECT_FALSE(parse_candidate_line(line + std::string(1000, ' ')));
  EXPECT_TRUE(parse_candidate_line("candidate:1 255 udp 4294967295 192.0.2.1 65535 typ host"));
}

TEST(CandidateLine, with_bits_flipped_is_read_or_refused_and_what_is_read_can_be_written) {
  for (const char* original : kLines)
    for (std::size_t bit = 0; bit < std::string(original).size() * 8; ++bit) {
      std::string line = original;
      line[bit / 8] = static_cast<char>(line[bit / 8] ^ 1 << bit % 8);
      const auto candidate = parse_candidate_line(line);
      if (!candidate) continue;
      EXPECT_EQ(parse_candidate_line(candidate_line(*candidate)), candidate) << line;
    }
}

}  // namespace
}  // namespace beeline::cli
