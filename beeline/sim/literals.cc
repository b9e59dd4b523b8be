#include "beeline/sim/literals.h"

#include <charconv>

namespace beeline::sim {
inline namespace literals {

IpAddress operator""_ip(const char* text, std::size_t size) {
  const auto ip = IpAddress::parse({text, size});
  ensure(ip.has_value(), "an IP address");
  return *ip;
}

TransportAddress operator""_at(const char* text, std::size_t size) {
  const auto address = TransportAddress::parse({text, size});
  ensure(address.has_value(), "a transport address");
  return *address;
}

Prefix operator""_prefix(const char* text, std::size_t size) {
  const std::string_view whole(text, size);
  const std::size_t slash = whole.find('/');
  ensure(slash != std::string_view::npos, "address/bits");
  const auto network = IpAddress::parse(whole.substr(0, slash));
  Prefix prefix{.network = network.value_or(IpAddress{})};
  const auto [end, error] = std::from_chars(text + slash + 1, text + size, prefix.bits);
  ensure(network && error == std::errc{} && end == text + size, "address/bits");
  ensure(prefix.bits <= (network->is_v4() ? 32U : 128U), "prefix length");
  return prefix;
}

}  // namespace literals
}  // namespace beeline::sim
