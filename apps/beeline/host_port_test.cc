#include "apps/beeline/host_port.h"

#include <gtest/gtest.h>

namespace beeline::cli {
namespace {

std::string read(std::string_view text, std::optional<Port> otherwise = Port{3478}) {
  const auto place = parse_host_port(text, otherwise);
  return place ? place->host + " " + std::to_string(place->port.value) : "none";
}

TEST(HostPort, a_name_or_an_address_may_have_a_port_behind_it) {
  EXPECT_EQ(read("stun.example.org"), "stun.example.org 3478");
  EXPECT_EQ(read("stun.example.org:5000"), "stun.example.org 5000");
  EXPECT_EQ(read("192.0.2.1:65535"), "192.0.2.1 65535");
  EXPECT_EQ(read("[2001:db8::1]:5000"), "2001:db8::1 5000");
  EXPECT_EQ(read("[2001:db8::1]"), "2001:db8::1 3478");
  EXPECT_EQ(read("2001:db8::1"), "2001:db8::1 3478");
}

TEST(HostPort, without_a_port_to_fall_back_on_one_must_be_said) {
  EXPECT_EQ(read("stun.example.org", std::nullopt), "none");
  EXPECT_EQ(read("stun.example.org:1", std::nullopt), "stun.example.org 1");
}

TEST(HostPort, everything_else_is_neither) {
  for (const char* text : {"", ":", ":3478", "host:", "host:0", "host:65536", "host:34a", "host:-1",
                           "[::1", "[::1]x:1", "[]:1", "a:b:c", "two words", "https://host"})
    EXPECT_EQ(read(text), "none") << text;
}

}  // namespace
}  // namespace beeline::cli
