#include "beeline/base/address.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace beeline {
namespace {

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> octets{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc{} || end != part.data() + part.size() || value > 255)
      return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return octets;
}

struct Groups {
  std::array<std::uint16_t, 8> values{};
  std::size_t count = 0;
};

// One side of a "::": groups separated by single colons, the last of which may be a dotted quad.
std::optional<Groups> parse_groups(std::string_view text) {
  Groups groups;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    if (part.find('.') != std::string_view::npos) {
      const auto quad = parse_v4(part);
      if (!quad || colon != std::string_view::npos || groups.count > 6) return std::nullopt;
      groups.values[groups.count++] = static_cast<std::uint16_t>((*quad)[0] << 8 | (*quad)[1]);
      groups.values[groups.count++] = static_cast<std::uint16_t>((*quad)[2] << 8 | (*quad)[3]);
      return groups;
    }
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, 16);
    if (part.empty() || part.size() > 4 || error != std::errc{} ||
        end != part.data() + part.size() || groups.count == 8)
      return std::nullopt;
    groups.values[groups.count++] = value;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a trailing single colon
  }
  return groups;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto head = parse_groups(text.substr(0, gap));
  const auto tail = gap == std::string_view::npos ? Groups{} : parse_groups(text.substr(gap + 2));
  if (!head || !tail) return std::nullopt;
  if (gap != std::string_view::npos && text.substr(0, gap).find('.') != std::string_view::npos)
    return std::nullopt;  // a dotted quad stands only at the very end
  const std::size_t given = head->count + tail->count;
  if (gap == std::string_view::npos ? given != 8 : given > 7) return std::nullopt;
  std::array<std::uint16_t, 8> groups{};
  std::copy_n(head->values.begin(), head->count, groups.begin());
  std::copy_n(tail->values.begin(), tail->count, groups.end() - static_cast<long>(tail->count));
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    octets[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xFF);
  }
  return IpAddress::v6(octets);
}

std::string v6_text(Bytes octets) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = octets[2 * i] * 256U + octets[2 * i + 1];
  std::size_t best_start = 0;
  std::size_t best_length = 1;  // RFC 5952 §4.2.2: a single zero group is not shortened
  for (std::size_t i = 0; i < 8;) {
    std::size_t j = i;
    while (j < 8 && groups[j] == 0) ++j;
    if (j - i > best_length) {
      best_start = i;
      best_length = j - i;
    }
    i = std::max(j, i + 1);
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (best_length > 1 && i == best_start) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t value) {
  return v4({static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
             static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& octets) {
  IpAddress ip;
  std::copy(octets.begin(), octets.end(), ip.octets_.begin());
  return ip;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& octets) {
  IpAddress ip;
  ip.family_ = IpFamily::kV6;
  ip.octets_ = octets;
  return ip;
}

std::optional<IpAddress> IpAddress::from_bytes(Bytes bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress ip;
  ip.family_ = bytes.size() == 4 ? IpFamily::kV4 : IpFamily::kV6;
  std::copy(bytes.begin(), bytes.end(), ip.octets_.begin());
  return ip;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 45) return std::nullopt;  // INET6_ADDRSTRLEN - 1
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  if (const auto octets = parse_v4(text)) return v4(*octets);
  return std::nullopt;
}

IpAddress IpAddress::any(IpFamily family) {
  IpAddress ip;
  ip.family_ = family;
  return ip;
}

IpAddress IpAddress::loopback(IpFamily family) {
  if (family == IpFamily::kV4) return v4(0x7F000001U);
  IpAddress ip = any(family);
  ip.octets_[15] = 1;
  return ip;
}

std::uint32_t IpAddress::v4_value() const {
  if (!is_v4()) return 0;
  ByteReader reader(bytes());
  return reader.u32();
}

bool IpAddress::is_unspecified() const {
  return *this == any(family_);
}

bool IpAddress::is_loopback() const {
  return is_v4() ? octets_[0] == 127 : *this == loopback(IpFamily::kV6);
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (octets_[0] & 0xF0) == 0xE0 : octets_[0] == 0xFF;
}

bool IpAddress::is_link_local() const {
  return is_v4() ? octets_[0] == 169 && octets_[1] == 254
                 : octets_[0] == 0xFE && (octets_[1] & 0xC0) == 0x80;
}

bool IpAddress::is_private() const {
  if (is_v6()) return (octets_[0] & 0xFE) == 0xFC;
  return octets_[0] == 10 || (octets_[0] == 172 && (octets_[1] & 0xF0) == 16) ||
         (octets_[0] == 192 && octets_[1] == 168) ||
         (octets_[0] == 100 && (octets_[1] & 0xC0) == 64);
}

bool IpAddress::in_prefix(const IpAddress& prefix, unsigned bits) const {
  if (family_ != prefix.family_) return false;
  ensure(bits <= (is_v4() ? 32U : 128U), "prefix length");
  const std::size_t whole = bits / 8;
  if (!std::equal(octets_.begin(), octets_.begin() + static_cast<long>(whole),
                  prefix.octets_.begin()))
    return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU << (8 - rest) & 0xFFU;
  return (octets_[whole] & mask) == (prefix.octets_[whole] & mask);
}

std::string IpAddress::to_string() const {
  if (is_v6()) return v6_text(octets_);
  return fmt::format("{}.{}.{}.{}", octets_[0], octets_[1], octets_[2], octets_[3]);
}

std::optional<TransportAddress> TransportAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = IpAddress::parse(host);
  if (!ip || ip->is_v6() != bracketed) return std::nullopt;
  Port port;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), port.value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return TransportAddress{*ip, port};
}

std::string TransportAddress::to_string() const {
  return ip.is_v6() ? fmt::format("[{}]:{}", ip.to_string(), port.value)
                    : fmt::format("{}:{}", ip.to_string(), port.value);
}

// FNV-1a; keys come from authenticated peers or are bounded, so it need not resist chosen
// collisions.
IpAddress IpAddress::masked(unsigned bits) const {
  IpAddress masked = *this;
  for (std::size_t i = 0; i < masked.octets_.size(); ++i) {
    const unsigned kept = bits > i * 8 ? std::min(bits - static_cast<unsigned>(i * 8), 8U) : 0;
    masked.octets_[i] = static_cast<std::uint8_t>(masked.octets_[i] & (0xFF00U >> kept));
  }
  return masked;
}

IpAddress source_of(const IpAddress& ip) {
  return ip.is_v4() ? ip : ip.masked(64);
}

std::size_t hash_value(const IpAddress& ip) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const std::uint8_t byte : ip.bytes()) hash = (hash ^ byte) * 0x100000001B3U;
  return hash;
}

std::size_t hash_value(const TransportAddress& address) {
  std::uint64_t hash = hash_value(address.ip);
  hash = (hash ^ (address.port.value >> 8)) * 0x100000001B3U;
  return (hash ^ (address.port.value & 0xFF)) * 0x100000001B3U;
}

}  // namespace beeline
