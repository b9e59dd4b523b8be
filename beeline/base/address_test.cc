#include "beeline/base/address.h"

#include <gtest/gtest.h>

#include <string>

namespace beeline {
namespace {

TEST(IpAddress, masks_keep_the_first_bits_and_a_source_is_an_ipv4_address_or_a_64) {
  const auto masked = [](const char* text, unsigned bits) {
    return IpAddress::parse(text)->masked(bits).to_string();
  };
  EXPECT_EQ(masked("203.0.113.255", 24), "203.0.113.0");
  EXPECT_EQ(masked("203.0.113.255", 28), "203.0.113.240");
  EXPECT_EQ(masked("203.0.113.255", 0), "0.0.0.0");
  EXPECT_EQ(masked("203.0.113.255", 32), "203.0.113.255");
  EXPECT_EQ(masked("2001:db8:1:2:3:4:5:6", 64), "2001:db8:1:2::");
  EXPECT_EQ(masked("2001:db8:1:2:3:4:5:6", 128), "2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(source_of(*IpAddress::parse("203.0.113.9")).to_string(), "203.0.113.9");
  EXPECT_EQ(source_of(*IpAddress::parse("2001:db8::9")).to_string(), "2001:db8::");
}

TEST(IpAddress, text_survives_a_round_trip_in_its_canonical_form) {
  for (const std::string text :
       {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:0:0:1",
        "2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7:8", "::ffff:c000:201", "2001:db8::"}) {
    const auto ip = IpAddress::parse(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(ip->to_string(), text);
  }
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:0:0:0:1")->to_string(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->to_string(), "::ffff:c000:201");
  EXPECT_EQ(IpAddress::parse("1:2:3:4:5:6:192.0.2.1")->to_string(), "1:2:3:4:5:6:c000:201");
}

TEST(IpAddress, what_is_not_an_address_is_refused) {
  for (const std::string text : {"",
                                 "1",
                                 "1.2.3",
                                 "1.2.3.4.5",
                                 "1.2.3.256",
                                 "01.2.3.4",
                                 "1.2.3.4 ",
                                 "1..2.3",
                                 "a.b.c.d",
                                 ":",
                                 ":::",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 "::12345",
                                 "::g",
                                 "1:2:3:4:5:6:7:",
                                 "::1%eth0",
                                 "[::1]",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "1.2.3.4::",
                                 "1:2:3:4::5:6:7:8",
                                 "-1.2.3.4",
                                 "00000000000000000000000000000000000000000000000001.2.3.4"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, prefixes_match_to_the_bit) {
  const auto ip = [](const char* text) { return *IpAddress::parse(text); };
  EXPECT_TRUE(ip("172.31.255.255").in_prefix(ip("172.16.0.0"), 12));
  EXPECT_FALSE(ip("172.32.0.0").in_prefix(ip("172.16.0.0"), 12));
  EXPECT_TRUE(ip("1.2.3.4").in_prefix(ip("9.9.9.9"), 0));
  EXPECT_TRUE(ip("fe80::1").in_prefix(ip("fe80::"), 10));
  EXPECT_FALSE(ip("fec0::1").in_prefix(ip("fe80::"), 10));
  EXPECT_FALSE(ip("1.2.3.4").in_prefix(ip("::"), 0)) << "families differ";
  EXPECT_TRUE(ip("::1").in_prefix(ip("::1"), 128));
  EXPECT_FALSE(ip("::2").in_prefix(ip("::3"), 128));
}

TEST(IpAddress, kinds) {
  const auto ip = [](const char* text) { return *IpAddress::parse(text); };
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("127.9.9.9").is_loopback());
  EXPECT_TRUE(ip("::1").is_loopback());
  EXPECT_TRUE(ip("224.0.0.251").is_multicast());
  EXPECT_TRUE(ip("ff02::fb").is_multicast());
  EXPECT_TRUE(ip("169.254.169.254").is_link_local());
  EXPECT_TRUE(ip("febf::1").is_link_local());
  EXPECT_TRUE(ip("100.127.0.1").is_private());
  EXPECT_FALSE(ip("100.128.0.1").is_private());
  EXPECT_TRUE(ip("fd00::1").is_private());
  EXPECT_FALSE(ip("2001:db8::1").is_private());
  EXPECT_EQ(ip("192.0.2.1").v4_value(), 0xC0000201U);
}

TEST(TransportAddress, text_survives_a_round_trip_and_nonsense_is_refused) {
  for (const std::string text : {"192.0.2.1:3478", "[2001:db8::1]:0", "[::]:65535"})
    EXPECT_EQ(TransportAddress::parse(text)->to_string(), text);
  for (const std::string text :
       {"", ":", ":1", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "[192.0.2.1]:1",
        "2001:db8::1:80", "[::1]", "[]:1", "192.0.2.1:-1"})
    EXPECT_FALSE(TransportAddress::parse(text)) << text;
}

}  // namespace
}  // namespace beeline
