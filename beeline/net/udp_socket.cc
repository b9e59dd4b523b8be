#include "beeline/net/udp_socket.h"

// clang-format off: errqueue needs the time types first
#include <ctime>
#include <linux/errqueue.h>
// clang-format on
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace beeline::net {
namespace {

constexpr std::size_t kBatch = 32;
constexpr std::size_t kSmallestBatch = 2;
// At a time: worth having them handed over in runs.
constexpr std::size_t kMany = 16;
constexpr int kSocketBuffer = 4 * 1024 * 1024;
constexpr std::size_t kControlSize = 128;
// What one send may carry, segmented: the kernel takes 64 segments and 65,507 bytes.
constexpr std::size_t kMostSegments = kBatch;
constexpr std::size_t kMostInRun = 65'000;
// Room for runs that arrive, of one thread: all its sockets read one after the other.
constexpr std::size_t kRuns = 4;
constexpr std::size_t kRunRoom = 65'536;

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

// Adds the size at which the kernel has to cut.
std::size_t put_segment(msghdr& header, ControlBuffer& control, std::size_t used,
                        std::size_t segment) {
  if (used == 0) control.bytes.fill(0);
  header.msg_control = control.bytes.data();
  header.msg_controllen = used + CMSG_SPACE(sizeof(std::uint16_t));
  auto* c = reinterpret_cast<cmsghdr*>(control.bytes.data() + used);
  c->cmsg_level = IPPROTO_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(segment);
  std::memcpy(CMSG_DATA(c), &size, sizeof size);
  return header.msg_controllen;
}

// The size of the datagrams in a run; 0: it is one.
std::size_t segment_of(msghdr& header) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(c), sizeof size);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }
  return 0;
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
  if (!*alive) return;
  if (receives_runs_)
    read_runs();
  else
    read_batch();
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
  if (may_receive_runs_ && count >= kMany) begin_runs();
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

void UdpSocket::begin_runs() {
  may_receive_runs_ = false;
  // Where the destination has to be told as well, runs are not read: see read_runs().
  if (local_.ip.is_unspecified()) return;
  const int on = 1;
  receives_runs_ = ::setsockopt(fd_.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
}

void UdpSocket::read_runs() {
  static thread_local std::vector<std::uint8_t> room(kRuns * kRunRoom);
  std::array<mmsghdr, kRuns> headers;           // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<iovec, kRuns> parts;               // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<sockaddr_storage, kRuns> remotes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<ControlBuffer, kRuns> controls;    // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (std::size_t i = 0; i < kRuns; ++i) {
    parts[i] = {room.data() + i * kRunRoom, kRunRoom};
    headers[i].msg_hdr = {
        &remotes[i], sizeof remotes[i], &parts[i], 1, controls[i].bytes.data(), kControlSize, 0};
  }
  const int result = ::recvmmsg(fd_.get(), headers.data(), kRuns, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < result; ++i) {
    const auto at = static_cast<std::size_t>(i);
    msghdr& header = headers[at].msg_hdr;
    const auto remote = from_sockaddr(reinterpret_cast<const sockaddr&>(remotes[at]));
    if ((header.msg_flags & MSG_TRUNC) != 0 || !remote) {
      ++truncated_;
      continue;
    }
    const Bytes run(room.data() + at * kRunRoom, headers[at].msg_len);
    if (!take_run(*remote, run, segment_of(header))) return;
  }
}

// False where the socket went away meanwhile.
bool UdpSocket::take_run(const TransportAddress& remote, Bytes run, std::size_t segment) {
  const auto alive = alive_;
  if (segment == 0) segment = std::max<std::size_t>(run.size(), 1);
  do {
    const Bytes one = run.first(std::min(segment, run.size()));
    run = run.subspan(one.size());
    if (one.size() > Packet::kMaxPayload) {
      ++truncated_;
      continue;
    }
    callbacks_.received({local_, remote, loop_.packets().make(one)});
    if (!*alive) return false;
  } while (!run.empty());
  return true;
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

void UdpSocket::send(const TransportAddress& to, const IpAddress& from, Packet packet) {
  outgoing_.push_back({to, from, std::move(packet)});
  if (outgoing_.size() >= kBatch) flush();
}

void UdpSocket::flush() {
  // The kernel's "don't fragment" is a property of the socket, so runs that differ in it are sent
  // apart.
  for (std::size_t first = 0; first < outgoing_.size();) {
    Fragmenting all = Fragmenting::kAny;
    std::size_t end = first;
    for (; end < outgoing_.size() && end - first < kBatch; ++end) {
      const Fragmenting one = outgoing_[end].packet.fragmenting();
      if (one == Fragmenting::kAny) continue;
      if (all != Fragmenting::kAny && one != all) break;
      all = one;
    }
    set_fragmenting(all);
    send_batch(first, end - first);
    first = end;
  }
  outgoing_.clear();
}

void UdpSocket::set_fragmenting(Fragmenting fragmenting) {
  if (fragmenting == Fragmenting::kAny || fragmenting == fragmenting_) return;
  fragmenting_ = fragmenting;
  const int fd = fd_.get();
  const bool may = fragmenting == Fragmenting::kAllowed;
  if (local_.ip.is_v4()) {
    // Allowed is allowed to routers too: "don't fragment" is not set.
    set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, may ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO);
    return;
  }
  // Nobody cuts IPv6 but its sender, where a router said what it takes.
  set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, may ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO);
}

void UdpSocket::send_batch(std::size_t first, std::size_t count) {
  const int fd = fd_.get();
  std::array<mmsghdr, kBatch> headers;         // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<iovec, kBatch> parts;             // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<ControlBuffer, kBatch> controls;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::array<SocketAddress, kBatch> remotes;
  std::array<std::size_t, kBatch> lengths{};  // datagrams in each message
  std::size_t messages = 0;
  for (std::size_t i = 0; i < count; ++messages) {
    Outgoing& out = outgoing_[first + i];
    const std::size_t length = run_length(first + i, first + count);
    for (std::size_t k = 0; k < length; ++k) {
      const MutableBytes bytes = outgoing_[first + i + k].packet.mutable_bytes();
      parts[i + k] = {bytes.data(), bytes.size()};
    }
    remotes[messages] = SocketAddress(out.to);
    msghdr& header = headers[messages].msg_hdr;
    header = {remotes[messages].get(), remotes[messages].size(), &parts[i], length, nullptr, 0, 0};
    std::size_t used = 0;
    if (local_.ip.is_unspecified() && !out.from.is_unspecified())
      used = header.msg_controllen = put_source(header, controls[messages], out.from);
    if (length > 1) put_segment(header, controls[messages], used, out.packet.size());
    lengths[messages] = length;
    i += length;
  }
  bool retried = false;
  for (std::size_t sent = 0, datagrams = 0; sent < messages;) {
    const int result =
        ::sendmmsg(fd, headers.data() + sent, static_cast<unsigned>(messages - sent), MSG_DONTWAIT);
    if (result > 0) {
      for (int i = 0; i < result; ++i) datagrams += lengths[sent++];
      retried = false;
      continue;
    }
    if (lengths[sent] > 1 && (errno == EINVAL || errno == EIO || errno == EMSGSIZE)) {
      // This way out cannot cut, or not into pieces that large, which then go each by itself.
      const std::size_t size = outgoing_[first + datagrams].packet.size();
      largest_segment_ = errno == EIO ? 0 : size - 1;
      return send_batch(first + datagrams, count - datagrams);
    }
    // The first error may be an earlier packet's ICMP answer, reported here; the second is this
    // packet's own, and one destination that cannot be reached must not hold up the others.
    if (retried || errno == EAGAIN) {
      send_failures_ += lengths[sent];
      datagrams += lengths[sent++];
    }
    retried = !retried;
  }
}

// How many datagrams from `first` on may leave as one: to one destination, of one size, the last
// maybe smaller.
std::size_t UdpSocket::run_length(std::size_t first, std::size_t end) const {
  const Outgoing& head = outgoing_[first];
  const std::size_t size = head.packet.size();
  if (size > largest_segment_ || size == 0) return 1;
  std::size_t length = 1;
  while (first + length < end && length < kMostSegments && (length + 1) * size <= kMostInRun) {
    const Outgoing& next = outgoing_[first + length];
    if (next.packet.size() > size || next.packet.size() == 0 || next.to != head.to ||
        next.from != head.from)
      break;
    ++length;
    if (next.packet.size() < size) break;
  }
  return length;
}

}  // namespace beeline::net
