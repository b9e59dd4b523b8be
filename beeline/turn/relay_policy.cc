#include "beeline/turn/relay_policy.h"

#include <algorithm>
#include <array>
#include <boost/container/static_vector.hpp>
#include <utility>
#include <vector>

namespace beeline::turn {
namespace {

struct Range {
  const char* prefix;
  unsigned bits;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890 and updates), and multicast.
constexpr Range kSpecialV4[] = {
    {"0.0.0.0", 8},        // this network
    {"10.0.0.0", 8},       // private use
    {"100.64.0.0", 10},    // shared address space (carrier NAT)
    {"127.0.0.0", 8},      // loopback
    {"169.254.0.0", 16},   // link local, cloud metadata
    {"172.16.0.0", 12},    // private use
    {"192.0.0.0", 24},     // IETF protocol assignments
    {"192.0.2.0", 24},     // documentation
    {"192.31.196.0", 24},  // AS112
    {"192.52.193.0", 24},  // AMT
    {"192.88.99.0", 24},   // 6to4 relay anycast, deprecated
    {"192.168.0.0", 16},   // private use
    {"192.175.48.0", 24},  // AS112
    {"198.18.0.0", 15},    // benchmarking
    {"198.51.100.0", 24},  // documentation
    {"203.0.113.0", 24},   // documentation
    {"224.0.0.0", 4},      // multicast
    {"240.0.0.0", 4},      // reserved, limited broadcast
};

// IANA IPv6 Special-Purpose Address Registry, and multicast. Whatever lies outside 2000::/3 is not
// an ordinary address either.
constexpr Range kSpecialV6[] = {
    {"2001::", 23},          // IETF protocol assignments, with Teredo, benchmarking, ORCHID
    {"2001:db8::", 32},      // documentation
    {"2002::", 16},          // 6to4
    {"2620:4f:8000::", 48},  // AS112
    {"3fff::", 20},          // documentation
};

// 64:ff9b::/96 lies outside 2000::/3 and yet is a way to an ordinary address; what it carries is
// judged on its own.
bool is_nat64(const IpAddress& ip) {
  static const IpAddress kPrefix = *IpAddress::parse("64:ff9b::");
  return ip.in_prefix(kPrefix, 96);
}

// Parsed once: this runs for every datagram that is not on a channel.
template <std::size_t n>
std::vector<AddressPrefix> parsed(const Range (&ranges)[n]) {
  std::vector<AddressPrefix> prefixes;
  for (const Range& range : ranges)
    prefixes.push_back({*IpAddress::parse(range.prefix), range.bits});
  return prefixes;
}

bool in_any(const IpAddress& ip, const std::vector<AddressPrefix>& prefixes) {
  return std::ranges::any_of(
      prefixes, [&](const AddressPrefix& prefix) { return ip.in_prefix(prefix.ip, prefix.bits); });
}

IpAddress v4_at(Bytes octets, std::size_t offset, std::uint8_t flip = 0) {
  std::array<std::uint8_t, 4> v4{};
  for (std::size_t i = 0; i < 4; ++i) v4[i] = octets[offset + i] ^ flip;
  return IpAddress::v4(v4);
}

// At most itself, the two of Teredo, and that of ISATAP.
using Meanings = boost::container::static_vector<IpAddress, 4>;

// What an address stands for: the address itself, then every IPv4 address that it carries inside
// (v4-mapped, v4-compatible, NAT64, 6to4, Teredo server and client, ISATAP).
Meanings meanings_of(const IpAddress& ip) {
  Meanings meanings{ip};
  if (ip.is_v4()) return meanings;
  const Bytes octets = ip.bytes();
  static const IpAddress kMapped = *IpAddress::parse("::ffff:0:0");
  static const IpAddress kTranslated = *IpAddress::parse("::ffff:0:0:0");
  static const IpAddress kZero = *IpAddress::parse("::");
  static const IpAddress kLocalNat64 = *IpAddress::parse("64:ff9b:1::");
  static const IpAddress kTeredo = *IpAddress::parse("2001::");
  static const IpAddress k6to4 = *IpAddress::parse("2002::");
  if (ip.in_prefix(kMapped, 96) || ip.in_prefix(kTranslated, 96) || ip.in_prefix(kZero, 96) ||
      is_nat64(ip) || ip.in_prefix(kLocalNat64, 48))
    meanings.push_back(v4_at(octets, 12));
  if (ip.in_prefix(k6to4, 16)) meanings.push_back(v4_at(octets, 2));
  if (ip.in_prefix(kTeredo, 32)) {
    meanings.push_back(v4_at(octets, 4));         // the Teredo server
    meanings.push_back(v4_at(octets, 12, 0xFF));  // the client, every bit flipped
  }
  // ISATAP interface identifiers: [02]00:5efe and an IPv4 address (RFC 5214 §6.1).
  if ((octets[8] & 0xFD) == 0 && octets[9] == 0 && octets[10] == 0x5E && octets[11] == 0xFE)
    meanings.push_back(v4_at(octets, 12));
  return meanings;
}

}  // namespace

bool is_special_purpose(const IpAddress& ip) {
  static const auto kV4 = parsed(kSpecialV4);
  static const auto kV6 = parsed(kSpecialV6);
  if (ip.is_v4()) return in_any(ip, kV4);
  static const IpAddress kGlobal = *IpAddress::parse("2000::");
  if (is_nat64(ip)) return false;
  return !ip.in_prefix(kGlobal, 3) || in_any(ip, kV6);
}

RelayPolicy::RelayPolicy(Settings settings, IsLiveRelay is_live_relay)
    : settings_(std::move(settings)), is_live_relay_(std::move(is_live_relay)) {}

bool RelayPolicy::is_own(const IpAddress& ip) const {
  return std::ranges::find(settings_.own, ip) != settings_.own.end();
}

bool RelayPolicy::is_denied(const IpAddress& ip) const {
  if (in_any(ip, settings_.deny)) return true;
  return is_special_purpose(ip) && !in_any(ip, settings_.allow) && !in_any(ip, settings_.only);
}

std::expected<PermittedPeer, Denial> RelayPolicy::check(const TransportAddress& peer) const {
  if (!settings_.only.empty() && !in_any(peer.ip, settings_.only))
    return std::unexpected(Denial::kNotListed);
  if (is_live_relay_(peer)) return PermittedPeer(peer, true);
  for (const IpAddress& meaning : meanings_of(peer.ip)) {
    if (is_own(meaning)) return std::unexpected(Denial::kOwnAddress);
    // Never by configuration: these lead into this machine or to many.
    const bool never = meaning.is_loopback() || meaning.is_unspecified() ||
                       meaning.is_multicast() || meaning == IpAddress::v4(0xFFFFFFFFU);
    if (never || is_denied(meaning)) return std::unexpected(Denial::kSpecialPurpose);
  }
  if (peer.port.value == 0) return std::unexpected(Denial::kNoPort);
  return PermittedPeer(peer, false);
}

}  // namespace beeline::turn
