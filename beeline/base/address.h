// IP addresses, ports and transport addresses, with one textual form in and out. No sockets and no
// name resolution: those are the hosts'. What an address may be used for is decided elsewhere
// (turn/relay_policy).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/bytes.h"

namespace beeline {

enum class IpFamily : std::uint8_t { kV4, kV6 };

// An IPv4 or IPv6 address as it was on the wire: ::ffff:192.0.2.1 stays an IPv6 address here;
// turn/relay_policy knows what it stands for. Default: 0.0.0.0.
class IpAddress {
 public:
  IpAddress() = default;
  static IpAddress v4(std::uint32_t value);  // host order: 0xC0000201 is 192.0.2.1
  static IpAddress v4(const std::array<std::uint8_t, 4>& octets);
  static IpAddress v6(const std::array<std::uint8_t, 16>& octets);
  // From 4 or 16 bytes in network order; none for any other length.
  static std::optional<IpAddress> from_bytes(Bytes bytes);
  // Dotted quad or RFC 4291 text, no brackets, no zone, no leading zeros in decimal octets.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress any(IpFamily family);
  static IpAddress loopback(IpFamily family);

  IpFamily family() const { return family_; }
  bool is_v4() const { return family_ == IpFamily::kV4; }
  bool is_v6() const { return family_ == IpFamily::kV6; }
  // Network order; 4 or 16 bytes, borrowed from this object.
  Bytes bytes() const { return Bytes(octets_).first(is_v4() ? 4 : 16); }
  std::uint32_t v4_value() const;  // 0 for IPv6

  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_multicast() const;
  bool is_link_local() const;
  // RFC 1918, RFC 4193 (unique local) and RFC 6598 (carrier NAT): reachable only from inside.
  bool is_private() const;

  // True where the first `bits` bits equal those of `prefix`; false for different families.
  bool in_prefix(const IpAddress& prefix, unsigned bits) const;

  // The address with all bits behind the first `bits` cleared.
  IpAddress masked(unsigned bits) const;

  // RFC 5952: lower case, longest run of zeros shortened.
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  IpFamily family_ = IpFamily::kV4;
  std::array<std::uint8_t, 16> octets_{};
};

// What limits "per source" count by: an IPv4 address, or the /64 of an IPv6 one, all of which
// belongs to whoever has one address of it.
IpAddress source_of(const IpAddress& ip);

struct Port {
  std::uint16_t value = 0;
  auto operator<=>(const Port&) const = default;
};

// "Transport address" is the RFCs' word for IP address and port together.
struct TransportAddress {
  IpAddress ip;
  Port port;

  // "192.0.2.1:3478", "[2001:db8::1]:3478".
  static std::optional<TransportAddress> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const TransportAddress&) const = default;
};

std::size_t hash_value(const IpAddress& ip);
std::size_t hash_value(const TransportAddress& address);

}  // namespace beeline

template <>
struct std::hash<beeline::IpAddress> {
  std::size_t operator()(const beeline::IpAddress& ip) const { return beeline::hash_value(ip); }
};
template <>
struct std::hash<beeline::TransportAddress> {
  std::size_t operator()(const beeline::TransportAddress& a) const {
    return beeline::hash_value(a);
  }
};
