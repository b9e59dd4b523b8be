#include "beeline/net/udp_socket.h"

// clang-format off: errqueue needs the time types first
#include <ctime>
#include <linux/errqueue.h>
// clang-format on
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace beeline::net {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kSmallestBatch = 2;
constexpr int kSocketBuffer = 4 * 1024 * 1024;
constexpr std::size_t kControlSize = 128;

struct ControlBuffer {
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> bytes;
};

template <typename T>
void set_option(int fd, int level, int option, T value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void configure(int fd, const IpAddress& ip) {
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  // Only a wildcard socket needs to be told where a datagram was sent to.
  const int told = ip.is_unspecified() ? 1 : 0;
  if (ip.is_v4()) {
    set_option(fd, IPPROTO_IP, IP_PKTINFO, told);
    set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
  } else {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, told);
    set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
}

// The address a datagram was sent to, from its control messages.
IpAddress destination_of(msghdr& header, const IpAddress& bound) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo where;
      std::memcpy(&where, CMSG_DATA(c), sizeof where);
      return *IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(&where.ipi_addr), 4});
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo where;
      std::memcpy(&where, CMSG_DATA(c), sizeof where);
      return *IpAddress::from_bytes({where.ipi6_addr.s6_addr, 16});
    }
  }
  return bound;
}

// Asks the kernel to send from `from`; writes the control message into `control` and returns its
// size.
std::size_t put_source(msghdr& header, ControlBuffer& control, const IpAddress& from) {
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  control.bytes.fill(0);
  cmsghdr* c = CMSG_FIRSTHDR(&header);
  if (from.is_v4()) {
    in_pktinfo where{};
    std::memcpy(&where.ipi_spec_dst, from.bytes().data(), 4);
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof where);
    std::memcpy(CMSG_DATA(c), &where, sizeof where);
    return CMSG_SPACE(sizeof where);
  }
  in6_pktinfo where{};
  std::memcpy(&where.ipi6_addr, from.bytes().data(), 16);
  c->cmsg_level = IPPROTO_IPV6;
  c->cmsg_type = IPV6_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof where);
  std::memcpy(CMSG_DATA(c), &where, sizeof where);
  return CMSG_SPACE(sizeof where);
}

}  // namespace

std::expected<std::unique_ptr<UdpSocket>, std::error_code> UdpSocket::bind(
    EventLoop& loop, const TransportAddress& local, Callbacks callbacks) {
  const int domain = local.ip.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor fd(::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto failed = [] {
    return std::unexpected(std::error_code(errno, std::generic_category()));
  };
  if (fd.get() < 0) return failed();
  configure(fd.get(), local.ip);
  const SocketAddress address(local);
  if (::bind(fd.get(), address.get(), address.size()) != 0) return failed();
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return failed();
  const auto bound = from_sockaddr(*reinterpret_cast<const sockaddr*>(&storage));
  return std::unique_ptr<UdpSocket>(
      new UdpSocket(loop, fd.release(), *bound, std::move(callbacks)));
}

UdpSocket::UdpSocket(EventLoop& loop, int fd, const TransportAddress& local, Callbacks callbacks)
    : loop_(loop),
      fd_(fd),
      ready_id_(loop.ready_sockets().add(fd, *this, ReadySockets::Trigger::kLevel)),
      local_(local),
      callbacks_(std::move(callbacks)),
      batch_(kSmallestBatch) {}

UdpSocket::~UdpSocket() {
  *alive_ = false;
  loop_.ready_sockets().remove(ready_id_, fd_.get());
}

void UdpSocket::ready(ReadySockets::Readiness what) {
  const auto alive = alive_;
  if (what.errors) read_errors();
  if (*alive) read_batch();
}

void UdpSocket::round_done() {
  if (callbacks_.batch_done) callbacks_.batch_done();
}

// What is left over after a full batch is read in the next round, with more room.
void UdpSocket::read_batch() {
  std::array<mmsghdr, kBatch> headers;           // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<iovec, kBatch> parts;               // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<sockaddr_storage, kBatch> remotes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<ControlBuffer, kBatch> controls;    // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<Packet, kBatch> packets{};
  const bool wildcard = local_.ip.is_unspecified();
  for (std::size_t i = 0; i < batch_; ++i) {
    packets[i] = loop_.packets().make();
    packets[i].resize(Packet::kMaxPayload);
    const MutableBytes room = packets[i].mutable_bytes();
    parts[i] = {room.data(), room.size()};
    headers[i].msg_hdr = {&remotes[i], sizeof remotes[i], &parts[i], 1, nullptr, 0, 0};
    if (wildcard) {
      headers[i].msg_hdr.msg_control = controls[i].bytes.data();
      headers[i].msg_hdr.msg_controllen = kControlSize;
    }
  }
  const int result =
      ::recvmmsg(fd_.get(), headers.data(), static_cast<unsigned>(batch_), MSG_DONTWAIT, nullptr);
  const std::size_t count = result > 0 ? static_cast<std::size_t>(result) : 0;
  if (count == batch_)
    batch_ = std::min(kBatch, batch_ * 4);
  else if (count * 4 < batch_)
    batch_ = std::max(kSmallestBatch, batch_ / 2);
  const auto alive = alive_;
  for (std::size_t i = 0; i < count && *alive; ++i) {
    mmsghdr& header = headers[i];
    const auto remote = from_sockaddr(reinterpret_cast<const sockaddr&>(remotes[i]));
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0 || !remote) {
      ++truncated_;
      continue;
    }
    packets[i].resize(header.msg_len);
    const IpAddress to = wildcard ? destination_of(header.msg_hdr, local_.ip) : local_.ip;
    callbacks_.received({{to, local_.port}, *remote, std::move(packets[i])});
  }
}

void UdpSocket::read_errors() {
  for (int i = 0; i < 16; ++i) {  // bounded: errors can be provoked from outside
    std::array<std::uint8_t, 512> payload{};
    iovec part{payload.data(), payload.size()};
    sockaddr_storage remote{};
    std::array<std::uint8_t, 512> control{};
    msghdr header{&remote, sizeof remote, &part, 1, control.data(), control.size(), 0};
    if (::recvmsg(fd_.get(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    const auto whom = from_sockaddr(reinterpret_cast<const sockaddr&>(remote));
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      const bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
      const bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
      if ((!v4 && !v6) || !whom || !callbacks_.icmp) continue;
      sock_extended_err error;
      std::memcpy(&error, CMSG_DATA(c), sizeof error);
      if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
      callbacks_.icmp(
          {*whom, error.ee_type, error.ee_code, error.ee_errno == EMSGSIZE ? error.ee_info : 0});
    }
  }
}

void UdpSocket::send(const TransportAddress& to, const IpAddress& from, Packet packet,
                     bool dont_fragment) {
  outgoing_.push_back({to, from, std::move(packet), dont_fragment});
  if (outgoing_.size() >= kBatch) flush();
}

void UdpSocket::flush() {
  // The kernel's "don't fragment" is a property of the socket, so runs that differ in it are sent
  // apart.
  for (std::size_t first = 0; first < outgoing_.size();) {
    std::size_t end = first + 1;
    while (end < outgoing_.size() && end - first < kBatch &&
           outgoing_[end].dont_fragment == outgoing_[first].dont_fragment)
      ++end;
    send_batch(first, end - first);
    first = end;
  }
  outgoing_.clear();
}

void UdpSocket::send_batch(std::size_t first, std::size_t count) {
  const int fd = fd_.get();
  if (const bool fragment = !outgoing_[first].dont_fragment; fragment != fragmenting_allowed_) {
    fragmenting_allowed_ = fragment;
    if (local_.ip.is_v4())
      set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, fragment ? IP_PMTUDISC_WANT : IP_PMTUDISC_DO);
    else
      set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
                 fragment ? IPV6_PMTUDISC_WANT : IPV6_PMTUDISC_DO);
  }
  std::array<mmsghdr, kBatch> headers;         // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<iovec, kBatch> parts;             // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<ControlBuffer, kBatch> controls;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<SocketAddress, kBatch> remotes;
  for (std::size_t i = 0; i < count; ++i) {
    Outgoing& out = outgoing_[first + i];
    remotes[i] = SocketAddress(out.to);
    const MutableBytes bytes = out.packet.mutable_bytes();
    parts[i] = {bytes.data(), bytes.size()};
    msghdr& header = headers[i].msg_hdr;
    header = {remotes[i].get(), remotes[i].size(), &parts[i], 1, nullptr, 0, 0};
    if (local_.ip.is_unspecified() && !out.from.is_unspecified())
      header.msg_controllen = put_source(header, controls[i], out.from);
  }
  bool retried = false;
  for (std::size_t sent = 0; sent < count;) {
    const int result =
        ::sendmmsg(fd, headers.data() + sent, static_cast<unsigned>(count - sent), MSG_DONTWAIT);
    if (result > 0) {
      sent += static_cast<std::size_t>(result);
      retried = false;
      continue;
    }
    // The first error may be an earlier packet's ICMP answer, reported here; the second is this
    // packet's own, and one destination that cannot be reached must not hold up the others.
    if (retried || errno == EAGAIN) {
      ++send_failures_;
      ++sent;
    }
    retried = !retried;
  }
}

}  // namespace beeline::net
