// Addresses that a relay must never reach by default: the edges of every special-purpose range, and
// IPv4 ones wrapped in IPv6 in every way there is.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "beeline/base/address.h"

namespace beeline::lab {

inline constexpr const char* kForbiddenV4[] = {
    "0.0.0.0",         "0.0.0.1",         "0.255.255.255",   "10.0.0.0",        "10.0.0.1",
    "10.255.255.255",  "100.64.0.0",      "100.100.100.200", "100.127.255.255", "127.0.0.0",
    "127.0.0.1",       "127.0.0.53",      "127.255.255.255", "169.254.0.0",     "169.254.169.253",
    "169.254.169.254", "169.254.170.2",   "169.254.255.255", "172.16.0.0",      "172.17.0.1",
    "172.31.255.255",  "192.0.0.0",       "192.0.0.8",       "192.0.0.170",     "192.0.0.192",
    "192.0.0.255",     "192.0.2.0",       "192.0.2.255",     "192.31.196.1",    "192.52.193.1",
    "192.88.99.1",     "192.168.0.0",     "192.168.1.1",     "192.168.255.255", "192.175.48.1",
    "198.18.0.0",      "198.19.255.255",  "198.51.100.0",    "198.51.100.1",    "198.51.100.255",
    "203.0.113.0",     "203.0.113.255",   "224.0.0.0",       "224.0.0.1",       "224.0.0.251",
    "239.255.255.250", "239.255.255.255", "240.0.0.0",       "250.1.2.3",       "255.255.255.254",
    "255.255.255.255"};

inline constexpr const char* kForbiddenV6[] = {"::",
                                               "::1",
                                               "::2",
                                               "64:ff9b:1::1",
                                               "64:ff9b:1:ffff::1",
                                               "100::",
                                               "100::1",
                                               "100:0:0:1::1",
                                               "2001::1",
                                               "2001:1::1",
                                               "2001:1::2",
                                               "2001:2::1",
                                               "2001:3::1",
                                               "2001:4:112::1",
                                               "2001:10::1",
                                               "2001:20::1",
                                               "2001:30::1",
                                               "2001:1ff:ffff::1",
                                               "2001:db8::",
                                               "2001:db8::1",
                                               "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                                               "2002::1",
                                               "2620:4f:8000::1",
                                               "3fff::1",
                                               "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                                               "4000::1",
                                               "5f00::1",
                                               "8000::1",
                                               "e000::1",
                                               "fc00::",
                                               "fc00::1",
                                               "fd00::1",
                                               "fd00:ec2::254",
                                               "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                               "fe00::1",
                                               "fe80::",
                                               "fe80::1",
                                               "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                               "fec0::1",
                                               "feff::1",
                                               "ff00::1",
                                               "ff01::1",
                                               "ff02::1",
                                               "ff02::fb",
                                               "ff05::1:3",
                                               "ff0e::1",
                                               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

inline std::vector<IpAddress> forbidden_peers() {
  std::vector<IpAddress> peers;
  const auto add = [&](const std::string& text) { peers.push_back(*IpAddress::parse(text)); };
  for (const char* v4 : kForbiddenV4) add(v4);
  for (const char* v6 : kForbiddenV6) add(v6);
  for (const std::array<unsigned, 4> inner :
       {std::array{10U, 0U, 0U, 1U}, std::array{127U, 0U, 0U, 1U},
        std::array{169U, 254U, 169U, 254U}, std::array{192U, 168U, 1U, 1U}}) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(inner[i]); };
    const std::string quad = IpAddress::v4({byte(0), byte(1), byte(2), byte(3)}).to_string();
    add("::ffff:" + quad);    // mapped
    add("::ffff:0:" + quad);  // translated
    add("::" + quad);         // compatible
    add("64:ff9b::" + quad);  // NAT64
    add("64:ff9b:1::" + quad);
    add("2606:4700::5efe:" + quad);      // ISATAP
    add("2606:4700::200:5efe:" + quad);  // ISATAP, universal bit
    std::array<std::uint8_t, 16> wrapped{0x20, 0x02, byte(0), byte(1), byte(2), byte(3)};  // 6to4
    peers.push_back(IpAddress::v6(wrapped));
    wrapped = {0x20, 0x01, 0, 0, 8, 8, 8, 8, 0, 0, 0, 0};  // Teredo: the client is flipped
    for (std::size_t i = 0; i < 4; ++i) wrapped[12 + i] = static_cast<std::uint8_t>(~byte(i));
    peers.push_back(IpAddress::v6(wrapped));
  }
  return peers;
}

}  // namespace beeline::lab
