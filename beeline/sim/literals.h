// Addresses written out in worlds and tests: "192.0.2.1"_ip, "[2001:db8::1]:3478"_at,
// "192.168.1.0/24"_prefix. Text that is none of these is a programming error.
#pragma once

#include <cstddef>
#include <string_view>

#include "beeline/base/address.h"

namespace beeline::sim {

struct Prefix {
  IpAddress network;
  unsigned bits = 0;

  bool contains(const IpAddress& ip) const { return ip.in_prefix(network, bits); }
};

inline namespace literals {

IpAddress operator""_ip(const char* text, std::size_t size);
TransportAddress operator""_at(const char* text, std::size_t size);
Prefix operator""_prefix(const char* text, std::size_t size);

}  // namespace literals
}  // namespace beeline::sim
