// What a flow lets go at one moment, and what a socket holds whose owner has no time to read: both
// for real.
#include <gtest/gtest.h>

#include "beeline/net/socket_address.h"
#include "beeline/net/udp_socket.h"
#include "beeline/sctp/rules.h"

namespace beeline::api {
namespace {

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);

// A socket as any program opens it: nothing was said of its buffer, and nobody reads meanwhile.
class DefaultSocket {
 public:
  DefaultSocket() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    net::SocketAddress address({kLoopback, Port{0}});
    EXPECT_EQ(::bind(fd_.get(), address.get(), address.size()), 0);
    socklen_t size = address.size();
    EXPECT_EQ(::getsockname(fd_.get(), address.get(), &size), 0);
    address_ = *net::from_sockaddr(*address.get());
  }
  const TransportAddress& address() const { return address_; }

  // Of `count` datagrams sent at once, those that were kept.
  std::size_t keeps(std::size_t count, std::size_t size) {
    net::EventLoop loop;
    const auto sender =
        net::UdpSocket::bind(loop, {kLoopback, Port{0}}, {[](net::ReceivedDatagram) {}, {}, {}});
    const std::vector<std::uint8_t> datagram(size);
    for (std::size_t i = 0; i < count; ++i)
      (*sender)->send(address_, kLoopback, loop.packets().make(datagram));
    (*sender)->flush();
    std::size_t kept = 0;
    std::vector<std::uint8_t> buffer(size);
    while (::recv(fd_.get(), buffer.data(), buffer.size(), 0) >= 0) ++kept;
    return kept;
  }

 private:
  net::FileDescriptor fd_;
  TransportAddress address_;
};

TEST(Burst, what_leaves_at_once_fits_a_default_socket_buffer) {
  for (const std::size_t size : {400U, 1200U, 1472U}) {
    const std::uint64_t most = sctp::rules::leaves_at_once(1'000'000'000, size);
    const std::size_t count = most / size + 1;
    EXPECT_EQ(DefaultSocket().keeps(count, size), count) << size;
    EXPECT_LT(DefaultSocket().keeps(20 * count, size), 20 * count) << "such a buffer has an end";
  }
}

}  // namespace
}  // namespace beeline::api
