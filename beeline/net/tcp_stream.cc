#include "beeline/net/tcp_stream.h"

#include <netinet/tcp.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/write.hpp>

namespace beeline::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::uint8_t kTlsHandshakeRecord = 0x16;  // RFC 8446 §5.1; no HTTP request starts with it
constexpr auto kLinger = std::chrono::seconds(5);
// Data that nobody acknowledges for so long ends the connection: the other side is gone.
constexpr std::chrono::duration<unsigned, std::milli> kUnacknowledged{30'000};
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

TransportAddress from_endpoint(const tcp::endpoint& endpoint) {
  const auto& address = endpoint.address();
  if (address.is_v4()) return {IpAddress::v4(address.to_v4().to_uint()), Port{endpoint.port()}};
  return {IpAddress::v6(address.to_v6().to_bytes()), Port{endpoint.port()}};
}

tcp::endpoint to_endpoint(const TransportAddress& address) {
  if (address.ip.is_v4())
    return {boost::asio::ip::address_v4(address.ip.v4_value()), address.port.value};
  boost::asio::ip::address_v6::bytes_type bytes;
  std::copy_n(address.ip.bytes().begin(), 16, bytes.begin());
  return {boost::asio::ip::address_v6(bytes), address.port.value};
}

}  // namespace

TcpStream::TcpStream(EventLoop& loop, tcp::socket socket, std::shared_ptr<TlsServer> tls)
    : loop_(loop), socket_(std::move(socket)), tls_(std::move(tls)) {
  boost::system::error_code error;
  socket_.non_blocking(true, error);
  socket_.set_option(tcp::no_delay(true), error);
  const unsigned milliseconds = kUnacknowledged.count();
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
               sizeof milliseconds);
  if (const auto remote = socket_.remote_endpoint(error); !error) remote_ = from_endpoint(remote);
  if (const auto local = socket_.local_endpoint(error); !error) local_ = from_endpoint(local);
}

TcpStream::~TcpStream() = default;

void TcpStream::start(Callbacks callbacks) {
  callbacks_ = std::make_unique<Callbacks>(std::move(callbacks));
  wait_readable();
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
  if (session_) session_->close(outgoing_);
  linger_ = std::make_unique<Alarm>(loop_, [this] { shut(); });
  linger_->set(loop_.now() + kLinger);
  write_some();
}

void TcpStream::send(std::string_view bytes) {
  if (!open_ || detached_) return;
  if (session_) {
    if (!session_->send(as_bytes(bytes), outgoing_)) return end();
  } else {
    outgoing_ += bytes;
  }
  write_some();
}

void TcpStream::pause() {
  paused_ = true;
}

void TcpStream::resume() {
  paused_ = false;
  wait_readable();
}

void TcpStream::wait_readable() {
  if (!open_ || detached_ || paused_ || waiting_) return;
  waiting_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->waiting_ = false;
                       if (!self->open_ || self->detached_ || self->paused_) return;
                       error ? self->end() : self->read();
                     });
}

void TcpStream::read() {
  // One buffer per loop thread and none per connection; it is used up before this returns.
  static thread_local std::array<std::uint8_t, 65536> buffer;
  boost::system::error_code error;
  const std::size_t count = socket_.read_some(boost::asio::buffer(buffer), error);
  if (error && error != boost::asio::error::would_block) return end();
  if (count > 0) take(Bytes(buffer).first(count));
  wait_readable();
}

void TcpStream::take(Bytes bytes) {
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
  const TlsSession::State state = session_->receive(bytes, plain, outgoing_);
  write_some();
  if (!plain.empty() && !detached_) callbacks_->received(as_bytes(plain));
  if (state != TlsSession::State::kOpen) end();
}

void TcpStream::write_some() {
  if (!open_ || !sending_.empty()) return;
  if (outgoing_.empty()) {
    if (detached_) shut();
    return;
  }
  // Mostly the socket takes it all at once; only what it does not take waits for the loop.
  boost::system::error_code refused;
  const std::size_t sent =
      socket_.write_some(boost::asio::buffer(outgoing_.data(), outgoing_.size()), refused);
  if (refused && refused != boost::asio::error::would_block) return end();
  if (sent == outgoing_.size()) {
    std::string().swap(outgoing_);  // an idle connection keeps no buffer
    if (detached_) shut();
    return;
  }
  outgoing_.erase(0, sent);
  sending_.swap(outgoing_);
  boost::asio::async_write(
      socket_, boost::asio::buffer(sending_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        self->sending_.clear();
        if (error) return self->end();
        self->write_some();
      });
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
  open_ = false;
  if (linger_) linger_->set(std::nullopt);
  boost::system::error_code error;
  socket_.shutdown(tcp::socket::shutdown_both, error);
  socket_.close(error);
}

std::expected<std::unique_ptr<TcpListener>, std::error_code> TcpListener::listen(
    EventLoop& loop, const TransportAddress& local, Accepted accepted) {
  boost::system::error_code error;
  tcp::acceptor acceptor(loop.io());
  const tcp::endpoint endpoint = to_endpoint(local);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && local.ip.is_v6()) acceptor.set_option(boost::asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1024, error);
  if (error) return std::unexpected(std::error_code(error.value(), std::generic_category()));
  const TransportAddress bound = from_endpoint(acceptor.local_endpoint());
  auto listener = std::unique_ptr<TcpListener>(
      new TcpListener(loop, std::move(acceptor), bound, std::move(accepted)));
  listener->accept();
  return listener;
}

TcpListener::TcpListener(EventLoop& loop, tcp::acceptor acceptor, const TransportAddress& local,
                         Accepted accepted)
    : loop_(loop),
      acceptor_(std::move(acceptor)),
      retry_(loop, [this] { accept(); }),
      local_(local),
      accepted_(std::move(accepted)) {}

void TcpListener::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    // Out of descriptors: accepting at once again would spin, so wait until some are back.
    if (error) {
      loop_.report("accept", std::error_code(error.value(), std::generic_category()));
      return retry_.set(loop_.now() + kAcceptRetry);
    }
    accepted_(std::move(socket));
    accept();
  });
}

}  // namespace beeline::net
