#include "beeline/net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <memory>

#include "beeline/net/socket_address.h"

namespace beeline::net {
namespace {
struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
}  // namespace

std::expected<std::vector<IpAddress>, std::string> resolve(const std::string& name) {
  if (const auto ip = IpAddress::parse(name)) return std::vector{*ip};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &raw); error != 0)
    return std::unexpected(std::string(::gai_strerror(error)));
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  std::vector<IpAddress> found;  // IPv4 first
  std::ptrdiff_t v4 = 0;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next)
    if (const auto address = from_sockaddr(*entry->ai_addr);
        address && std::ranges::find(found, address->ip) == found.end())
      found.insert(address->ip.is_v4() ? found.begin() + v4++ : found.end(), address->ip);
  return found;
}

}  // namespace beeline::net
