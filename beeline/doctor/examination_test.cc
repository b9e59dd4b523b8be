#include "beeline/doctor/examination.h"

#include <gmock/gmock.h>

namespace beeline::doctor {
namespace {

TEST(Subject, is_what_people_copy_from_an_address_bar) {
  const auto expect = [](std::string_view text, std::string_view host, std::uint16_t port) {
    const auto subject = parse_subject(text);
    ASSERT_TRUE(subject) << text;
    EXPECT_EQ(subject->host, host) << text;
    EXPECT_EQ(subject->port.value, port) << text;
  };
  expect("https://meet.example.org", "meet.example.org", 443);
  expect("https://meet.example.org:8443/#room", "meet.example.org", 8443);
  expect("meet.example.org:8443", "meet.example.org", 8443);
  expect("192.0.2.7", "192.0.2.7", 443);
  expect("https://[2001:db8::7]:8443/", "2001:db8::7", 8443);
  expect("[2001:db8::7]", "2001:db8::7", 443);
  expect("2001:db8::7", "2001:db8::7", 443);
}

TEST(Subject, is_not_anything_else) {
  for (const char* text : {"", "http://meet.example.org", "ftp://x", ":8443", "host:port",
                           "host:99999", "[2001:db8::7", "[2001:db8::7]8443"})
    EXPECT_FALSE(parse_subject(text)) << text;
}

TEST(ExamineFromInside, a_private_relay_address_is_a_warning_with_a_remedy) {
  server::Config config;
  config.data_dir = testing::TempDir();
  server::Addresses addresses;
  addresses.relays = {{*IpAddress::parse("10.0.0.2"), *IpAddress::parse("10.0.0.2")},
                      {*IpAddress::parse("2606:4700::1"), *IpAddress::parse("2606:4700::1")}};
  std::vector<server::Finding> findings;
  examine_from_inside(config, addresses, [&](const auto& finding) { findings.push_back(finding); });
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].health, server::Health::kGood);
  EXPECT_EQ(findings[1].health, server::Health::kWarning);
  EXPECT_THAT(findings[1].remedy, testing::HasSubstr("--public-ip"));
  EXPECT_EQ(findings[2].health, server::Health::kGood);
}

TEST(ExamineFromInside, a_machine_without_addresses_cannot_relay) {
  server::Config config;
  config.data_dir = testing::TempDir();
  std::vector<server::Finding> findings;
  examine_from_inside(config, {}, [&](const auto& finding) { findings.push_back(finding); });
  EXPECT_EQ(server::worst(findings), server::Health::kBad);
}

}  // namespace
}  // namespace beeline::doctor
