#include "beeline/server/config.h"

#include <gtest/gtest.h>

namespace beeline::server {
namespace {

TEST(Prefix, reads_addresses_and_prefixes_and_nothing_else) {
  EXPECT_EQ(Prefix::parse("192.168.1.0/24")->to_string(), "192.168.1.0/24");
  EXPECT_EQ(Prefix::parse("10.0.0.1")->bits, 32U);
  EXPECT_EQ(Prefix::parse("fd00::/8")->bits, 8U);
  for (const char* bad :
       {"", "/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "x/8", "10.0.0.0/8 "})
    EXPECT_FALSE(Prefix::parse(bad)) << bad;
}

TEST(PortRange, reads_a_range_in_order_above_the_well_known_ports) {
  EXPECT_EQ(PortRange::parse("50000-50010")->last.value, 50010);
  EXPECT_EQ(PortRange::parse("50000-50000")->first.value, 50000);
  for (const char* bad : {"", "50000", "50010-50000", "80-90", "1-65536", "a-b", "-"})
    EXPECT_FALSE(PortRange::parse(bad)) << bad;
}

TEST(Config, says_which_changes_a_running_server_cannot_take_over) {
  const Config running;
  Config wanted = running;
  wanted.certificate = "new.pem";
  wanted.private_key = "new-key.pem";
  wanted.allow_origins = {"https://app.example"};
  wanted.log_level = LogLevel::kDebug;
  wanted.drain_seconds = 30;
  EXPECT_TRUE(needs_restart(running, wanted).empty());
  wanted.port = Port{443};
  wanted.allow_peers = {*Prefix::parse("10.0.0.0/8")};
  EXPECT_EQ(needs_restart(running, wanted), (std::vector<std::string_view>{"port", "allow-peer"}));
}

}  // namespace
}  // namespace beeline::server
