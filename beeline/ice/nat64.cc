#include "beeline/ice/nat64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace beeline::ice {
namespace {

//= RFC 6052 §2.2
constexpr std::array<unsigned, 6> kPrefixBits{32, 40, 48, 56, 64, 96};
// Bits 64 to 71 are zero in every such address and belong to no IPv4 octet.
constexpr std::size_t kReserved = 8;

constexpr std::array<std::uint32_t, 2> kProbes{0xC000'00AA, 0xC000'00AB};

std::array<std::uint8_t, 16> octets_of(const IpAddress& ip) {
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy(ip.bytes(), octets.begin());
  return octets;
}

std::uint32_t v4_in(const std::array<std::uint8_t, 16>& octets, unsigned bits) {
  std::uint32_t v4 = 0;
  std::size_t at = bits / 8;
  for (int i = 0; i < 4; ++i, ++at) {
    if (at == kReserved) ++at;
    v4 = (v4 << 8) | octets[at];
  }
  return v4;
}

}  // namespace

std::optional<Nat64Prefix> Nat64Prefix::found_in(std::span<const IpAddress> addresses) {
  for (const IpAddress& ip : addresses) {
    if (ip.is_v4()) continue;
    for (const unsigned bits : kPrefixBits) {
      auto octets = octets_of(ip);
      if (octets[kReserved] != 0 && bits != 96) continue;
      const std::uint32_t v4 = v4_in(octets, bits);
      if (v4 != kProbes[0] && v4 != kProbes[1]) continue;
      std::fill(octets.begin() + bits / 8, octets.end(), 0);
      return Nat64Prefix(IpAddress::v6(octets), bits);
    }
  }
  return std::nullopt;
}

IpAddress Nat64Prefix::embed(const IpAddress& v4) const {
  auto octets = octets_of(network_);
  std::size_t at = bits_ / 8;
  for (const std::uint8_t octet : v4.bytes()) {
    if (at == kReserved) ++at;
    octets[at++] = octet;
  }
  return IpAddress::v6(octets);
}

std::optional<IpAddress> Nat64Prefix::extract(const IpAddress& ip) const {
  if (ip.is_v4() || !ip.in_prefix(network_, bits_)) return std::nullopt;
  return IpAddress::v4(v4_in(octets_of(ip), bits_));
}

}  // namespace beeline::ice
