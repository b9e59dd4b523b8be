// A TCP connection on the loop, in the clear or inside TLS, told apart by its first byte; and the
// listener that accepts them.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "beeline/base/address.h"
#include "beeline/net/event_loop.h"
#include "beeline/net/tls.h"

namespace beeline::net {

// Shared because the loop's pending operations hold it; whoever uses it calls detach() before it
// goes away itself.
class TcpStream : public std::enable_shared_from_this<TcpStream> {
 public:
  struct Callbacks {
    std::function<void(Bytes)> received;  // plain text; the view dies with the call
    std::function<void()> closed;  // once, by the other side or an error; nothing comes after
  };

  // `tls`: null where only clear text is spoken.
  TcpStream(EventLoop& loop, boost::asio::ip::tcp::socket socket, std::shared_ptr<TlsServer> tls);
  ~TcpStream();

  void start(Callbacks callbacks);
  // Gives a started stream to another owner; may be called once, also from inside a callback.
  void take_over(Callbacks callbacks);
  // Forget the callbacks and let go of the connection once what was sent is out (at most 5 s).
  void detach();

  void send(std::string_view bytes);
  // Between these nothing is received, what comes waits at its sender, and the other side's end
  // goes unnoticed.
  void pause();
  void resume();
  std::size_t unsent_bytes() const { return outgoing_.size() + sending_.size(); }

  bool encrypted() const { return session_ != nullptr; }
  const TransportAddress& remote() const { return remote_; }
  const TransportAddress& local() const { return local_; }

 private:
  void wait_readable();
  void read();
  void take(Bytes bytes);
  void write_some();
  void end();
  void shut();

  EventLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<TlsServer> tls_;
  std::unique_ptr<TlsSession> session_;
  std::unique_ptr<Alarm> linger_;  // there once this is detached
  std::unique_ptr<Callbacks> callbacks_;
  std::unique_ptr<Callbacks> former_callbacks_;  // one of them may be running
  TransportAddress remote_;
  TransportAddress local_;
  std::string outgoing_;
  std::string sending_;
  bool first_byte_seen_ = false;
  bool detached_ = false;
  bool open_ = true;
  bool waiting_ = false;  // for something to read
  bool paused_ = false;
};

class TcpListener {
 public:
  using Accepted = std::function<void(boost::asio::ip::tcp::socket)>;
  // Binds and listens at once; IPv6 listeners take no IPv4.
  static std::expected<std::unique_ptr<TcpListener>, std::error_code> listen(
      EventLoop& loop, const TransportAddress& local, Accepted accepted);
  const TransportAddress& local() const { return local_; }

 private:
  TcpListener(EventLoop& loop, boost::asio::ip::tcp::acceptor acceptor,
              const TransportAddress& local, Accepted accepted);
  void accept();

  EventLoop& loop_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Alarm retry_;
  TransportAddress local_;
  Accepted accepted_;
};

}  // namespace beeline::net
