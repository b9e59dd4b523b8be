#include "beeline/net/tcp_stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace beeline::net {
namespace {

constexpr std::uint8_t kTlsHandshakeRecord = 0x16;  // RFC 8446 §5.1; no HTTP request starts with it
constexpr auto kLinger = std::chrono::seconds(5);
// Data that nobody acknowledges for so long ends the connection: the other side is gone.
constexpr std::chrono::duration<unsigned, std::milli> kUnacknowledged{30'000};
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);
constexpr int kBacklog = 1024;
constexpr int kAcceptedAtOnce = 64;
// More than this is not gathered: it goes out at once.
constexpr std::size_t kGathered = 65536;
constexpr std::size_t kPieces = 64;  // of one system call
constexpr std::size_t kSpareQueues = 256;

template <typename T>
void set_option(int fd, int level, int name, T value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

// `ask`: getsockname or getpeername. Unspecified where it is not known.
TransportAddress address_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return from_sockaddr(*reinterpret_cast<const sockaddr*>(&storage)).value_or(TransportAddress{});
}

// Little is put together first: that costs less than having the system gather it.
ssize_t send_pieces(int fd, std::span<iovec> pieces) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (pieces.size() == 1) return ::send(fd, pieces[0].iov_base, pieces[0].iov_len, kFlags);
  // One buffer per loop thread.
  static thread_local std::array<std::uint8_t, 16384> joined;
  std::size_t size = 0;
  for (const iovec& piece : pieces) size += piece.iov_len;
  if (size <= joined.size()) {
    std::uint8_t* to = joined.data();
    for (const iovec& piece : pieces) {
      std::memcpy(to, piece.iov_base, piece.iov_len);
      to += piece.iov_len;
    }
    return ::send(fd, joined.data(), size, kFlags);
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(fd, &message, kFlags);
}

// Queues that are empty, and keep their memory for the next stream that has something to send: an
// idle connection keeps none. One stock per loop thread.
std::vector<std::unique_ptr<SendQueue>>& spare_queues() {
  static thread_local std::vector<std::unique_ptr<SendQueue>> spare;
  return spare;
}

}  // namespace

TcpStream::TcpStream(EventLoop& loop, FileDescriptor socket, std::shared_ptr<TlsServer> tls)
    : loop_(loop), socket_(std::move(socket)), tls_(std::move(tls)) {
  const int fd = socket_.get();
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledged.count());
  remote_ = address_of(fd, ::getpeername);
  local_ = address_of(fd, ::getsockname);
}

TcpStream::~TcpStream() {
  if (open_ && ready_id_ != 0) loop_.ready_sockets().remove(ready_id_, socket_.get());
}

void TcpStream::start(Callbacks callbacks) {
  callbacks_ = std::make_unique<Callbacks>(std::move(callbacks));
  ready_id_ = loop_.ready_sockets().add(socket_.get(), *this, ReadySockets::Trigger::kEdge);
}

void TcpStream::take_over(Callbacks callbacks) {
  ensure(former_callbacks_ == nullptr, "handed over once");
  former_callbacks_ = std::move(callbacks_);
  callbacks_ = std::make_unique<Callbacks>(std::move(callbacks));
}

void TcpStream::detach() {
  // The callbacks stay until this dies: one of them may be what is calling.
  detached_ = true;
  if (!open_) return;
  if (session_) queue().append_with([&](std::string& wire) { session_->close(wire); });
  write_some();
  if (!open_) return;
  loop_.ready_sockets().keep(ready_id_, shared_from_this());
  linger_ = std::make_unique<Alarm>(loop_, [this] { shut(); });
  linger_->set(loop_.now() + kLinger);
}

void TcpStream::send(std::initializer_list<std::string_view> parts, const SharedText& more) {
  if (!open_ || detached_) return;
  if (session_) {
    // One buffer per loop thread, and one TLS record for what belongs together.
    static thread_local std::string joined;
    joined.clear();
    for (const std::string_view part : parts) joined += part;
    joined += more.view();
    const auto encrypt = [&](std::string& wire) { return session_->send(as_bytes(joined), wire); };
    if (!queue().append_with(encrypt)) return end();
  } else {
    for (const std::string_view part : parts) queue().append(part);
    queue().append(more);
  }
  write_soon();
}

void TcpStream::pause() {
  paused_ = true;
}

void TcpStream::resume() {
  paused_ = false;
  if (readable_ && open_) loop_.ready_sockets().again(ready_id_);
}

void TcpStream::ready(ReadySockets::Readiness what) {
  const auto self = shared_from_this();
  readable_ = readable_ || what.readable;
  ended_ = ended_ || what.ended;
  if (what.writable) full_ = false;
  read();
}

void TcpStream::round_done() {
  const auto self = shared_from_this();
  write_owed_ = false;
  write_some();
}

void TcpStream::read() {
  if (!open_ || detached_ || paused_ || !readable_) return;
  // One buffer per loop thread and none per connection; it is used up before this returns.
  static thread_local std::array<std::uint8_t, 65536> buffer;
  const ssize_t result = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (result < 0 && would_block()) {
    readable_ = false;
    return;
  }
  if (result <= 0) return end();
  const auto count = static_cast<std::size_t>(result);
  // What comes after a read that did not fill the buffer is another edge; only an end that was told
  // already is not.
  readable_ = count == buffer.size() || ended_;
  if (readable_) loop_.ready_sockets().again(ready_id_);
  take(MutableBytes(buffer).first(count));
}

void TcpStream::take(MutableBytes bytes) {
  if (!first_byte_seen_) {
    first_byte_seen_ = true;
    if (tls_ && bytes[0] == kTlsHandshakeRecord) session_ = std::make_unique<TlsSession>(tls_);
  }
  if (!session_) {
    callbacks_->received(bytes);
    return;
  }
  // One buffer per loop thread, as in read(): what it holds is used up before this returns.
  static thread_local std::string plain;
  plain.clear();
  const TlsSession::State state =
      queue().append_with([&](std::string& wire) { return session_->receive(bytes, plain, wire); });
  write_soon();
  if (!plain.empty() && !detached_) callbacks_->received(as_mutable_bytes(plain));
  if (state != TlsSession::State::kOpen) end();
}

SendQueue& TcpStream::queue() {
  if (queue_) return *queue_;
  auto& spare = spare_queues();
  if (spare.empty()) {
    queue_ = std::make_unique<SendQueue>();
  } else {
    queue_ = std::move(spare.back());
    spare.pop_back();
  }
  return *queue_;
}

void TcpStream::forget_queue() {
  if (!queue_) return;
  queue_->clear();
  auto& spare = spare_queues();
  if (spare.size() < kSpareQueues && queue_->own_capacity() <= kGathered)
    spare.push_back(std::move(queue_));
  queue_.reset();
}

void TcpStream::write_soon() {
  const std::size_t unsent = unsent_bytes();
  if (unsent == 0) return forget_queue();
  if (unsent >= kGathered) return write_some();
  if (std::exchange(write_owed_, true)) return;
  loop_.ready_sockets().when_round_done(ready_id_);
}

void TcpStream::write_some() {
  if (!open_ || full_) return;
  std::array<iovec, kPieces> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (unsent_bytes() > 0) {
    const ssize_t sent = send_pieces(socket_.get(), queue_->front(room));
    if (sent < 0 && !would_block()) return end();
    if (sent < 0) {
      full_ = true;  // it says when there is room
      return;
    }
    queue_->drop(static_cast<std::size_t>(sent));
  }
  forget_queue();
  if (detached_) shut();
}

// The other side is gone or broken: tell the owner once, from the loop, so that it may destroy
// itself.
void TcpStream::end() {
  if (!open_) return;
  shut();
  loop_.defer([self = shared_from_this()] {
    if (!self->detached_) self->callbacks_->closed();
  });
}

void TcpStream::shut() {
  if (!open_) return;
  open_ = false;
  forget_queue();
  if (linger_) linger_->set(std::nullopt);
  // Its alarm or its round may be what is calling, and the set may be what has it.
  if (linger_) loop_.defer([self = shared_from_this()] {});
  if (ready_id_ != 0) loop_.ready_sockets().remove(ready_id_, socket_.get());
  ::shutdown(socket_.get(), SHUT_RDWR);
  const FileDescriptor closed = std::move(socket_);
}

std::expected<std::unique_ptr<TcpListener>, std::error_code> TcpListener::listen(
    EventLoop& loop, const TransportAddress& local, Accepted accepted) {
  const int domain = local.ip.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor socket(::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int fd = socket.get();
  if (fd < 0) return std::unexpected(last_error());
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (local.ip.is_v6()) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const SocketAddress address(local);
  if (::bind(fd, address.get(), address.size()) != 0 || ::listen(fd, kBacklog) != 0)
    return std::unexpected(last_error());
  return std::unique_ptr<TcpListener>(
      new TcpListener(loop, std::move(socket), std::move(accepted)));
}

TcpListener::TcpListener(EventLoop& loop, FileDescriptor socket, Accepted accepted)
    : loop_(loop),
      socket_(std::move(socket)),
      retry_(loop, [this] { wait(); }),
      local_(address_of(socket_.get(), ::getsockname)),
      accepted_(std::move(accepted)) {
  wait();
}

TcpListener::~TcpListener() {
  loop_.ready_sockets().remove(ready_id_, socket_.get());
}

void TcpListener::wait() {
  ready_id_ = loop_.ready_sockets().add(socket_.get(), *this, ReadySockets::Trigger::kLevel);
}

void TcpListener::ready(ReadySockets::Readiness) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    FileDescriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() >= 0) {
      accepted_(std::move(socket));
      continue;
    }
    // What went away before it was accepted says nothing about the next one.
    if (would_block() || errno == ECONNABORTED) return;
    // Out of descriptors: accepting at once again would spin, so wait until some are back.
    loop_.report("accept", last_error());
    loop_.ready_sockets().remove(ready_id_, socket_.get());
    return retry_.set(loop_.now() + kAcceptRetry);
  }
}

}  // namespace beeline::net
