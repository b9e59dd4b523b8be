// Between our transport addresses and the kernel's sockaddr, and a file descriptor that closes
// itself.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "beeline/base/address.h"

namespace beeline::net {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// A sockaddr of the right family and size, owned.
class SocketAddress {
 public:
  SocketAddress() = default;
  explicit SocketAddress(const TransportAddress& address) {
    const Bytes ip = address.ip.bytes();
    if (address.ip.is_v4()) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(storage_);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(address.port.value);
      std::copy(ip.begin(), ip.end(), reinterpret_cast<std::uint8_t*>(&v4.sin_addr));
      size_ = sizeof v4;
    } else {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(storage_);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(address.port.value);
      std::copy(ip.begin(), ip.end(), v6.sin6_addr.s6_addr);
      size_ = sizeof v6;
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// None for families other than IPv4 and IPv6.
inline std::optional<TransportAddress> from_sockaddr(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return TransportAddress{
        *IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), 4}),
        Port{ntohs(v4.sin_port)}};
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    return TransportAddress{*IpAddress::from_bytes({v6.sin6_addr.s6_addr, 16}),
                            Port{ntohs(v6.sin6_port)}};
  }
  return std::nullopt;
}

}  // namespace beeline::net
