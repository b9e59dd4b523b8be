#include "beeline/doctor/connection.h"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace beeline::doctor {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = Connection::Milliseconds;

bool wait_for(int fd, short what, Milliseconds wait) {
  pollfd entry{fd, what, 0};
  return ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, wait.count()))) == 1;
}

Milliseconds left_until(Clock::time_point end) {
  return std::chrono::duration_cast<Milliseconds>(end - Clock::now());
}

Connection::Failure failure_of(int error) {
  if (error == ECONNREFUSED) return {"nothing listens there (connection refused)", true, {}};
  if (error == EHOSTUNREACH || error == ENETUNREACH) return {"there is no route to it", false, {}};
  return {std::strerror(error), false, {}};
}

}  // namespace

std::string_view name_of(Carrier carrier) {
  constexpr std::string_view kNames[] = {"UDP", "TCP", "TLS"};
  return kNames[static_cast<std::size_t>(carrier)];
}

std::expected<std::unique_ptr<Connection>, Connection::Failure> Connection::open(
    Carrier carrier, const TransportAddress& to, const std::string& name,
    const std::shared_ptr<net::TlsClient>& trust, Milliseconds wait) {
  const int type = carrier == Carrier::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  net::FileDescriptor socket(
      ::socket(to.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return std::unexpected(failure_of(errno));
  const net::SocketAddress address(to);
  if (::connect(socket.get(), address.get(), address.size()) != 0) {
    if (errno != EINPROGRESS) return std::unexpected(failure_of(errno));
    if (!wait_for(socket.get(), POLLOUT, wait))
      return std::unexpected(Failure{"no answer: a firewall probably drops it", false, {}});
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return std::unexpected(failure_of(error));
  }
  std::unique_ptr<Connection> connection(new Connection(carrier, std::move(socket)));
  if (carrier == Carrier::kTls) {
    connection->tls_ = std::make_unique<net::TlsSession>(trust, name);
    if (auto shaken = connection->shake_hands(wait); !shaken)
      return std::unexpected(std::move(shaken.error()));
  }
  return connection;
}

std::expected<void, Connection::Failure> Connection::shake_hands(Milliseconds wait) {
  const auto end = Clock::now() + wait;
  std::string wire;
  tls_->start(wire);
  while (!tls_->established()) {
    write_all(wire);
    wire.clear();
    const std::string bytes = read_some(left_until(end));
    const bool over = bytes.empty();
    const auto state =
        over ? net::TlsSession::State::kFailed : tls_->receive(as_bytes(bytes), plain_, wire);
    if (state == net::TlsSession::State::kOpen) continue;
    write_all(wire);  // the alert
    const std::string trouble = tls_->certificate_trouble();
    if (!trouble.empty() && !tls_->peer_certificate_pem().empty())
      return std::unexpected(Failure{trouble, false, tls_->peer_certificate_pem()});
    return std::unexpected(Failure{"it does not speak TLS", false, {}});
  }
  write_all(wire);
  return {};
}

bool Connection::send(Bytes bytes) {
  if (!tls_) return write_all(beeline::as_text(bytes));
  std::string wire;
  return tls_->send(bytes, wire) && write_all(wire);
}

std::string Connection::receive(Milliseconds wait) {
  if (!tls_) return read_some(wait);
  const auto end = Clock::now() + wait;
  while (plain_.empty()) {
    const std::string bytes = read_some(left_until(end));
    if (bytes.empty()) return {};
    std::string wire;
    const auto state = tls_->receive(as_bytes(bytes), plain_, wire);
    write_all(wire);
    if (state != net::TlsSession::State::kOpen) break;
  }
  return std::exchange(plain_, {});
}

TransportAddress Connection::local() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  return net::from_sockaddr(reinterpret_cast<const sockaddr&>(storage))
      .value_or(TransportAddress{});
}

bool Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN && wait_for(socket_.get(), POLLOUT, Milliseconds(2000)))
      continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string Connection::read_some(Milliseconds wait) {
  if (!wait_for(socket_.get(), POLLIN, wait)) return {};
  std::string bytes(16384, '\0');
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace beeline::doctor
