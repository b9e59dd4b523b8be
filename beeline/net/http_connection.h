// One connection of the HTTP server: requests one after the other, then perhaps a channel (a
// WebSocket or an event stream) for the rest of its life.
#pragma once

#include <memory>
#include <optional>

#include "beeline/net/http_server.h"
#include "beeline/websocket/codec.h"

namespace beeline::net {

//   first byte ──STUN──▶ handed over
//         ▼
//   reading requests ──▶ channel ──▶ closing ──▶ finished
//         └──────────────────────────────────────────▲
class HttpConnection {
 public:
  HttpConnection(HttpServer& server, ChannelId id, std::shared_ptr<TcpStream> stream);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  const TransportAddress& remote() const { return remote_; }
  void on_deadline();

  // As HttpServer has them for channels.
  void send(std::string_view text, const SharedText& more);
  void close(std::uint16_t code);
  void count_received(std::size_t messages, Instant now);
  Instant takes_more_at() const;

 private:
  enum class Kind : std::uint8_t { kRequests, kWebSocket, kEventStream };

  void on_bytes(MutableBytes bytes);
  void hand_over(Bytes first);
  void on_http(MutableBytes bytes);
  void on_request(HttpRequest request);
  void refuse(unsigned status, std::string text);
  void respond(const HttpRequest& request, const HttpResponse& response);
  void open_websocket(const HttpRequest& request);
  void open_event_stream(const HttpRequest& request, const OpenEventStream& stream);
  void open(Kind kind, const HttpRequest& request);
  void on_websocket(MutableBytes bytes);
  void on_received(const websocket::Received& received);
  void pause();
  void resume();
  void on_stream_closed();
  void set_deadline(Duration from_now);
  // Lets go of the stream and asks the server to forget this connection, from the loop.
  void finish();
  void finish_channel(bool clean);

  HttpServer& server_;
  ChannelId id_;
  std::shared_ptr<TcpStream> stream_;  // null once handed over
  TransportAddress remote_;
  std::unique_ptr<HttpRequestReader> reader_;    // there while requests are read
  std::unique_ptr<websocket::Decoder> decoder_;  // there once this is a WebSocket
  std::string unread_;                           // what had come when reading was paused
  Instant received_until_;                       // what the rate of messages remembers
  std::uint8_t unanswered_pings_ = 0;
  Kind kind_ = Kind::kRequests;
  bool fresh_ = true;      // nothing has come yet
  bool answered_ = false;  // a request, at least
  bool paused_ = false;
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace beeline::net
