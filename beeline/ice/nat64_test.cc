#include "beeline/ice/nat64.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace beeline::ice {
namespace {

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

std::optional<Nat64Prefix> found_in(std::vector<IpAddress> addresses) {
  return Nat64Prefix::found_in(addresses);
}

struct Row {
  const char* probe;     // how 192.0.0.170 is seen
  const char* embedded;  // and 192.0.2.33
};

//= RFC 6052 §2.4 test
// The RFC's own table of 192.0.2.33 under prefixes of every length.
TEST(Nat64Prefix, puts_ipv4_where_every_length_of_prefix_wants_it) {
  for (const Row& row : {Row{"2001:db8:c000:aa::", "2001:db8:c000:221::"},
                         Row{"2001:db8:1c0:0:aa::", "2001:db8:1c0:2:21::"},
                         Row{"2001:db8:122:c000:0:aa00::", "2001:db8:122:c000:2:2100::"},
                         Row{"2001:db8:122:3c0:0:aa::", "2001:db8:122:3c0:0:221::"},
                         Row{"2001:db8:122:344:c0:0:aa00::", "2001:db8:122:344:c0:2:2100:0"},
                         Row{"2001:db8:122:344::c000:aa", "2001:db8:122:344::c000:221"},
                         Row{"64:ff9b::c000:aa", "64:ff9b::c000:221"}}) {
    const auto prefix = found_in({ip(row.probe)});
    ASSERT_TRUE(prefix) << row.probe;
    EXPECT_EQ(prefix->embed(ip("192.0.2.33")).to_string(), row.embedded);
    EXPECT_EQ(prefix->extract(ip(row.embedded)), ip("192.0.2.33"));
    EXPECT_FALSE(prefix->extract(ip("2001:db9::1")));
    EXPECT_FALSE(prefix->extract(ip("192.0.2.33")));
  }
}

//= RFC 7050 §3 test
TEST(Nat64Prefix, is_found_by_either_of_the_two_addresses_of_the_name) {
  EXPECT_TRUE(found_in({ip("192.0.0.170"), ip("64:ff9b::192.0.0.171")}));
}

TEST(Nat64Prefix, is_not_there_where_nobody_makes_addresses_up) {
  EXPECT_FALSE(found_in({}));
  EXPECT_FALSE(found_in({ip("192.0.0.170"), ip("192.0.0.171")}));
  EXPECT_FALSE(found_in({ip("2001:db8::1")}));
}

}  // namespace
}  // namespace beeline::ice
