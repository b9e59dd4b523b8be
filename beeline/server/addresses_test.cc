#include "beeline/server/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

IpAddress ip(const char* text) {
  return *IpAddress::parse(text);
}

const std::vector<net::InterfaceAddress> kHome = {{"eth0", ip("192.168.1.5"), 24},
                                                  {"eth0", ip("2a00:1450::5"), 64},
                                                  {"lo", ip("127.0.0.1"), 8},
                                                  {"lo", ip("::1"), 128}};

TEST(PlanAddresses, a_machine_at_home_listens_everywhere_and_serves_its_own_network) {
  const Addresses plan = plan_addresses({}, kHome, {ip("192.168.1.5"), ip("2a00:1450::5")});
  EXPECT_THAT(plan.listen, ElementsAre(ip("0.0.0.0"), ip("::")));
  EXPECT_THAT(plan.reachable, ElementsAre(ip("192.168.1.5"), ip("2a00:1450::5")));
  ASSERT_EQ(plan.relays.size(), 2U);
  EXPECT_EQ(plan.relays[0].advertised, ip("192.168.1.5"));
  ASSERT_EQ(plan.local_subnets.size(), 1U);
  EXPECT_EQ(plan.local_subnets[0].to_string(), "192.168.1.5/24");
  EXPECT_EQ(plan.warnings.size(), 1U);
}

TEST(PlanAddresses, behind_a_one_to_one_nat_the_public_address_is_told_and_the_lan_stays_closed) {
  Config config;
  config.public_ips = {ip("8.8.4.4")};
  const Addresses plan = plan_addresses(config, kHome, {ip("192.168.1.5"), ip("2a00:1450::5")});
  EXPECT_EQ(plan.relays[0].bound, ip("192.168.1.5"));
  EXPECT_EQ(plan.relays[0].advertised, ip("8.8.4.4"));
  EXPECT_EQ(plan.reachable.front(), ip("8.8.4.4"));
  EXPECT_THAT(plan.own, Contains(ip("8.8.4.4")));
  EXPECT_THAT(plan.local_subnets, IsEmpty());
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(PlanAddresses, a_server_on_loopback_relays_on_loopback_and_nowhere_else) {
  Config config;
  config.listen = {ip("127.0.0.1")};
  const Addresses plan = plan_addresses(config, kHome, {ip("192.168.1.5")});
  ASSERT_EQ(plan.relays.size(), 1U);
  EXPECT_EQ(plan.relays[0].bound, ip("127.0.0.1"));
  EXPECT_THAT(plan.reachable, IsEmpty());
  EXPECT_THAT(plan.local_subnets, IsEmpty());
}

TEST(PlanAddresses, without_ipv6_nothing_of_ipv6_is_planned) {
  const Addresses plan = plan_addresses(
      {}, {{"eth0", ip("8.8.4.4"), 24}, {"lo", ip("127.0.0.1"), 8}}, {ip("8.8.4.4")});
  EXPECT_THAT(plan.listen, ElementsAre(ip("0.0.0.0")));
  ASSERT_EQ(plan.relays.size(), 1U);
}

TEST(PublicAddresses, are_addresses_names_or_the_machines_own) {
  EXPECT_EQ(*public_addresses({"203.0.113.7", "2001:db8::7", "203.0.113.7"}),
            (std::vector{*IpAddress::parse("203.0.113.7"), *IpAddress::parse("2001:db8::7")}));
  EXPECT_TRUE(public_addresses({"auto"})->empty());
  const auto local = public_addresses({"localhost"});
  ASSERT_TRUE(local);
  EXPECT_TRUE(local->front().is_loopback());
}

TEST(PublicAddresses, a_name_that_leads_nowhere_is_said) {
  const auto none = public_addresses({"no-such-name.invalid"});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("no-such-name.invalid"), std::string::npos);
}

}  // namespace
}  // namespace beeline::server
