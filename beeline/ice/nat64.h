// How IPv4 is reached from a network that has only IPv6: a NAT64's prefix, found out by asking for
// a name that has no IPv6 address (RFC 7050), with the IPv4 address in it (RFC 6052).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "beeline/base/address.h"

namespace beeline::ice {

//= RFC 7050 §3
// Has two IPv4 addresses, 192.0.0.170 and 192.0.0.171, and no IPv6 address: whoever answers with
// one has made it up.
inline constexpr std::string_view kNat64ProbeName = "ipv4only.arpa";

class Nat64Prefix {
 public:
  // The prefix in the addresses that the probe's name was resolved to; none: there is no NAT64.
  static std::optional<Nat64Prefix> found_in(std::span<const IpAddress> addresses);

  // The IPv6 address by which `v4` is reached.
  IpAddress embed(const IpAddress& v4) const;
  // The IPv4 address in `ip`; none: it is not one of this prefix.
  std::optional<IpAddress> extract(const IpAddress& ip) const;

  auto operator<=>(const Nat64Prefix&) const = default;

 private:
  Nat64Prefix(const IpAddress& network, unsigned bits) : network_(network), bits_(bits) {}

  IpAddress network_;
  unsigned bits_;  // 32, 40, 48, 56, 64 or 96
};

}  // namespace beeline::ice
