#include "beeline/net/client_stream.h"

#include <netinet/tcp.h>

#include <array>
#include <cerrno>

namespace beeline::net {
namespace {

using boost::asio::posix::descriptor_base;

constexpr auto kLinger = std::chrono::seconds(5);
// Data that nobody acknowledges for so long ends the connection: the other side is gone.
constexpr unsigned kUnacknowledgedMs = 30'000;

void configure(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMs, sizeof kUnacknowledgedMs);
}

StreamEnd reason_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return StreamEnd::kRefused;
    case EADDRNOTAVAIL:
      return StreamEnd::kLocal;
    case ECONNRESET:
    case EPIPE:
      return StreamEnd::kByPeer;
    default:
      return StreamEnd::kNoAnswer;  // no route, no host, no time
  }
}

}  // namespace

std::shared_ptr<ClientStream> ClientStream::open(EventLoop& loop, const OpenStream& wanted,
                                                 const std::shared_ptr<TlsClient>& tls,
                                                 Duration patience, Callbacks callbacks) {
  const auto stream = std::shared_ptr<ClientStream>(
      new ClientStream(loop, State::kConnecting, std::move(callbacks)));
  if (wanted.kind == StreamKind::kTls)
    stream->session_ = std::make_unique<TlsSession>(tls, wanted.server_name);
  stream->connect(wanted, patience);
  return stream;
}

std::shared_ptr<ClientStream> ClientStream::adopt(EventLoop& loop, FileDescriptor socket,
                                                  Callbacks callbacks) {
  const auto stream =
      std::shared_ptr<ClientStream>(new ClientStream(loop, State::kOpen, std::move(callbacks)));
  configure(socket.get());
  stream->socket_.assign(socket.release());
  stream->wait_readable();
  return stream;
}

ClientStream::ClientStream(EventLoop& loop, State state, Callbacks callbacks)
    : loop_(loop),
      state_(state),
      callbacks_(std::move(callbacks)),
      socket_(loop.executor()),
      alarm_(loop, [this] { detached_ ? shut() : end(StreamEnd::kNoAnswer); }) {}

void ClientStream::connect(const OpenStream& wanted, Duration patience) {
  const int domain = wanted.remote.ip.is_v4() ? AF_INET : AF_INET6;
  FileDescriptor socket(::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return end(StreamEnd::kLocal);
  configure(socket.get());
  const SocketAddress local({wanted.local, Port{0}});
  const SocketAddress remote(wanted.remote);
  if (::bind(socket.get(), local.get(), local.size()) != 0) return end(StreamEnd::kLocal);
  if (::connect(socket.get(), remote.get(), remote.size()) != 0 && errno != EINPROGRESS)
    return end(reason_of(errno));
  socket_.assign(socket.release());
  alarm_.set(loop_.now() + patience);
  socket_.async_wait(descriptor_base::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->state_ == State::kConnecting) self->connected();
                     });
}

void ClientStream::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return end(reason_of(error));
  if (detached_) return shut();
  if (session_) {
    state_ = State::kGreeting;
    session_->start(outgoing_);
    write();
  } else {
    opened();
  }
  wait_readable();
}

void ClientStream::opened() {
  state_ = State::kOpen;
  alarm_.set(std::nullopt);
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket_.native_handle(), reinterpret_cast<sockaddr*>(&storage), &size);
  const auto local = from_sockaddr(*reinterpret_cast<const sockaddr*>(&storage));
  callbacks_.opened(local.value_or(TransportAddress{}));
}

void ClientStream::send(Bytes bytes) {
  if (state_ != State::kOpen || detached_) return;
  if (!session_)
    outgoing_ += as_text(bytes);
  else if (!session_->send(bytes, outgoing_))
    return end(StreamEnd::kByPeer);
  write();
}

void ClientStream::detach() {
  if (std::exchange(detached_, true) || state_ == State::kClosed) return;
  if (state_ != State::kOpen) return shut();
  if (session_) session_->close(outgoing_);
  alarm_.set(loop_.now() + kLinger);
  write();
}

void ClientStream::wait_readable() {
  if (state_ == State::kClosed || detached_) return;
  socket_.async_wait(descriptor_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->state_ != State::kClosed && !self->detached_)
                         self->read();
                     });
}

void ClientStream::read() {
  // One buffer per loop thread and none per connection; it is used up before this returns.
  static thread_local std::array<std::uint8_t, 65536> buffer;
  const ssize_t count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count == 0) return end(StreamEnd::kByPeer);
  if (count < 0 && errno != EAGAIN) return end(reason_of(errno));
  if (count > 0) take(Bytes(buffer).first(static_cast<std::size_t>(count)));
  wait_readable();
}

void ClientStream::take(Bytes bytes) {
  if (!session_) return callbacks_.received(bytes);
  std::string plain;
  const TlsSession::State state = session_->receive(bytes, plain, outgoing_);
  write();
  if (state_ == State::kGreeting && session_->established()) opened();
  if (!plain.empty() && state_ == State::kOpen && !detached_) callbacks_.received(as_bytes(plain));
  if (state == TlsSession::State::kOpen) return;
  const bool refused = state_ == State::kGreeting && !session_->certificate_trouble().empty();
  end(refused ? StreamEnd::kNoCertificate : StreamEnd::kByPeer);
}

void ClientStream::write() {
  if (state_ == State::kClosed || state_ == State::kConnecting) return;
  while (!outgoing_.empty() && !waiting_to_write_) {
    const ssize_t count = ::send(socket_.native_handle(), outgoing_.data(), outgoing_.size(),
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return end(reason_of(errno));
    if (count < 0) {
      wait_writable();
      break;
    }
    outgoing_.erase(0, static_cast<std::size_t>(count));
  }
  if (detached_ && outgoing_.empty()) return shut();
  tell_if_full();
}

void ClientStream::tell_if_full() {
  if (detached_) return;
  const bool changed = told_full_ ? outgoing_.empty() : outgoing_.size() > kMuchUnsent;
  if (!changed) return;
  told_full_ = !told_full_;
  loop_.defer([self = shared_from_this(), writable = !told_full_] {
    if (!self->detached_ && self->state_ != State::kClosed) self->callbacks_.writable(writable);
  });
}

void ClientStream::wait_writable() {
  waiting_to_write_ = true;
  socket_.async_wait(descriptor_base::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->waiting_to_write_ = false;
                       if (!error) self->write();
                     });
}

void ClientStream::end(StreamEnd reason) {
  if (state_ == State::kClosed) return;
  shut();
  if (detached_) return;  // the loop may be gone by now
  loop_.defer([self = shared_from_this(), reason] {
    if (!self->detached_) self->callbacks_.closed(reason);
  });
}

void ClientStream::shut() {
  state_ = State::kClosed;
  alarm_.set(std::nullopt);
  boost::system::error_code error;
  socket_.close(error);
}

}  // namespace beeline::net
