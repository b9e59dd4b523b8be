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
  std::vector<IpAddress> found;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next)
    if (const auto address = from_sockaddr(*entry->ai_addr);
        address && std::ranges::find(found, address->ip) == found.end())
      found.push_back(address->ip);
  std::ranges::stable_partition(found, [](const IpAddress& ip) { return ip.is_v4(); });
  return found;
}

}  // namespace beeline::net
