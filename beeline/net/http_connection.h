// One connection of the HTTP server: requests one after the other, then perhaps a WebSocket for the
// rest of its life.
#pragma once

#include <memory>
#include <optional>

#include "beeline/net/http_server.h"
#include "beeline/websocket/codec.h"

namespace beeline::net {

//   first byte ──STUN──▶ handed over
//         ▼
//   reading requests ──upgrade──▶ WebSocket ──close──▶ gone
//         └────────────────close────────────────────────┘
class HttpConnection {
 public:
  HttpConnection(HttpServer& server, std::uint64_t id, std::shared_ptr<TcpStream> stream);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  const TransportAddress& remote() const { return remote_; }
  void websocket_send(std::string_view text);
  void websocket_close(std::uint16_t code);

 private:
  void on_bytes(Bytes bytes);
  void hand_over(Bytes first);
  void on_http(Bytes bytes);
  void on_request(HttpRequest request);
  void refuse(unsigned status, std::string text);
  void upgrade(const HttpRequest& request);
  void on_websocket(Bytes bytes);
  void on_alarm();
  void on_stream_closed();
  // Lets go of the stream and asks the server to forget this connection, from the loop.
  void finish();
  void finish_websocket(bool clean);

  HttpServer& server_;
  std::uint64_t id_;
  std::shared_ptr<TcpStream> stream_;  // null once handed over
  TransportAddress remote_;
  Alarm alarm_;
  HttpRequestReader reader_;
  std::unique_ptr<websocket::Decoder> decoder_;  // there once this is a WebSocket
  websocket::Encoder encoder_{websocket::Role::kServer};
  int unanswered_pings_ = 0;
  bool fresh_ = true;  // nothing has come yet
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace beeline::net
