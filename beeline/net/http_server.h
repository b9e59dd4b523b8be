// An HTTP server on one port that speaks TLS and clear text (told apart by the first byte) and
// hands connections over to WebSocket. What the answers are is the caller's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "beeline/base/random.h"
#include "beeline/net/http.h"
#include "beeline/net/tcp_stream.h"

namespace beeline::net {

struct WebSocketId {
  std::uint64_t value = 0;
  auto operator<=>(const WebSocketId&) const = default;
};

class HttpConnection;

class HttpServer {
 public:
  struct Limits {
    std::size_t connections = 20'000;
    std::size_t connections_per_source = 512;  // an IPv4 address or an IPv6 /64
    std::chrono::seconds request_time{10};  // from the first byte awaited to the last header read
    std::chrono::seconds keep_alive_time{60};
    std::size_t websocket_unsent_bytes = 1024 * 1024;  // a reader slower than this is let go
    std::chrono::seconds websocket_ping_every{15};     // two unanswered in a row end the connection
  };

  struct Callbacks {
    // A response, or none to refuse nothing and upgrade: only for requests where is_websocket is
    // true.
    std::function<std::optional<HttpResponse>(const HttpRequest&, bool is_websocket)> request;
    std::function<void(WebSocketId, const HttpRequest&)> websocket_opened;
    std::function<void(WebSocketId, std::string_view text)> websocket_text;
    std::function<void(WebSocketId)> websocket_binary;
    // `clean`: the other side said goodbye (close code 1000 or 1001) first.
    std::function<void(WebSocketId, bool clean)> websocket_closed;
    // Takes a connection whose first byte starts a STUN message, and its first bytes (borrowed for
    // the call). May be empty: then such a connection is bad HTTP.
    std::function<void(std::shared_ptr<TcpStream>, Bytes)> stun_stream;
  };

  HttpServer(EventLoop& loop, Limits limits, Callbacks callbacks);
  ~HttpServer();

  // May be replaced while running; connections that exist keep theirs.
  void set_tls(std::shared_ptr<TlsServer> tls) { tls_ = std::move(tls); }
  void accept(boost::asio::ip::tcp::socket socket);

  void websocket_send(WebSocketId id, std::string_view text);
  // Says goodbye with `code` and closes; websocket_closed is not called for it any more.
  void websocket_close(WebSocketId id, std::uint16_t code);

  std::size_t connections() const { return connections_.size(); }
  std::uint64_t refused() const { return refused_; }

 private:
  friend class HttpConnection;
  void release(std::uint64_t id);

  EventLoop& loop_;
  Limits limits_;
  Callbacks callbacks_;
  std::shared_ptr<TlsServer> tls_;
  std::unordered_map<std::uint64_t, std::unique_ptr<HttpConnection>> connections_;
  std::unordered_map<IpAddress, std::size_t> per_source_;
  std::uint64_t next_id_ = 1;
  std::uint64_t refused_ = 0;
};

}  // namespace beeline::net
