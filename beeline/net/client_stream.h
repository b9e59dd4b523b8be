// A TCP connection of a client core: one that it opens, in the clear or inside TLS, or one that a
// listener of its accepted. What it sends and hears is bytes; servers' connections are tcp_stream.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "beeline/base/host_io.h"
#include "beeline/net/event_loop.h"
#include "beeline/net/socket_address.h"
#include "beeline/net/tls.h"

namespace beeline::net {

// Shared because the loop's pending operations hold it; whoever uses it calls detach() before it
// goes away itself. Every callback comes from the loop, never from inside a call.
class ClientStream : public std::enable_shared_from_this<ClientStream> {
 public:
  struct Callbacks {
    std::function<void(const TransportAddress& local)>
        opened;                           // TLS: the server is who it should be
    std::function<void(Bytes)> received;  // the view dies with the call
    // False once more than kMuchUnsent waits to be sent; true when all of it is out.
    std::function<void(bool)> writable;
    std::function<void(StreamEnd)> closed;  // once, and nothing comes after it
  };
  static constexpr std::size_t kMuchUnsent = 65536;

  // `tls` is used for StreamKind::kTls. After `patience` without success it is closed.
  static std::shared_ptr<ClientStream> open(EventLoop& loop, const OpenStream& wanted,
                                            const std::shared_ptr<TlsClient>& tls,
                                            Duration patience, Callbacks callbacks);
  // A connection that is there already: no opened().
  static std::shared_ptr<ClientStream> adopt(EventLoop& loop, FileDescriptor socket,
                                             Callbacks callbacks);

  void send(Bytes bytes);
  // Forget the callbacks and let go of the connection once what was sent is out (at most 5 s).
  void detach();

 private:
  enum class State : std::uint8_t { kConnecting, kGreeting, kOpen, kClosed };

  ClientStream(EventLoop& loop, State state, Callbacks callbacks);
  void connect(const OpenStream& wanted, Duration patience);
  void connected();
  void opened();
  void wait_readable();
  void wait_writable();
  void read();
  void take(Bytes bytes);
  void write();
  void tell_if_full();
  void end(StreamEnd reason);
  void shut();

  EventLoop& loop_;
  State state_;
  Callbacks callbacks_;
  boost::asio::posix::stream_descriptor socket_;
  std::unique_ptr<TlsSession> session_;
  Alarm alarm_;  // for the opening, later for lingering
  std::string outgoing_;
  bool waiting_to_write_ = false;
  bool told_full_ = false;
  bool detached_ = false;
};

}  // namespace beeline::net
