#include "beeline/net/http_connection.h"

#include <utility>

namespace beeline::net {
namespace {

constexpr std::size_t kMaxWebSocketKey = 64;
constexpr int kPingsBeforeGone = 2;

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, std::uint64_t id,
                               std::shared_ptr<TcpStream> stream)
    : server_(server),
      id_(id),
      stream_(std::move(stream)),
      remote_(stream_->remote()),
      alarm_(server.loop_, [this] { on_alarm(); }) {
  alarm_.set(server_.loop_.now() + server_.limits_.request_time);
  stream_->start({[this](Bytes bytes) { on_bytes(bytes); }, [this] { on_stream_closed(); }});
}

HttpConnection::~HttpConnection() {
  if (stream_) stream_->detach();
}

void HttpConnection::on_bytes(Bytes bytes) {
  if (finished_) return;
  //= RFC 7983 §7
  // No HTTP request starts with a byte below 4, and every STUN message does.
  const bool stun = std::exchange(fresh_, false) && bytes[0] < 4;
  if (stun && server_.callbacks_.stun_stream) return hand_over(bytes);
  decoder_ ? on_websocket(bytes) : on_http(bytes);
}

void HttpConnection::hand_over(Bytes first) {
  const std::shared_ptr<TcpStream> stream = std::move(stream_);
  finish();
  server_.callbacks_.stun_stream(stream, first);
}

void HttpConnection::on_http(Bytes bytes) {
  while (!bytes.empty() && !finished_) {
    switch (reader_.read(bytes)) {
      case HttpRequestReader::Result::kMore:
        return;
      case HttpRequestReader::Result::kBad:
        return refuse(400, "This is not an HTTP request.\n");
      case HttpRequestReader::Result::kTooLarge:
        return refuse(431, "The request is too large.\n");
      case HttpRequestReader::Result::kRequest:
        on_request(reader_.take());
        if (decoder_) return on_websocket(bytes);  // frames that came with the request
    }
  }
}

void HttpConnection::on_request(HttpRequest request) {
  request.encrypted = stream_->encrypted();
  request.remote = stream_->remote();
  request.local = stream_->local();
  const bool is_websocket = request.header_has_token("upgrade", "websocket") &&
                            request.header_has_token("connection", "upgrade");
  const auto response = server_.callbacks_.request(request, is_websocket);
  if (!response) return upgrade(request);
  stream_->send(serialize(*response, request.keep_alive, request.method == "HEAD"));
  if (!request.keep_alive) return finish();
  alarm_.set(server_.loop_.now() + server_.limits_.keep_alive_time);
}

void HttpConnection::refuse(unsigned status, std::string text) {
  stream_->send(serialize(HttpResponse::text(status, std::move(text)), false, false));
  finish();
}

//= RFC 6455 §4.2
void HttpConnection::upgrade(const HttpRequest& request) {
  const std::string_view key = request.header("sec-websocket-key");
  if (request.method != "GET" || key.empty() || key.size() > kMaxWebSocketKey)
    return refuse(400, "This WebSocket handshake has no usable key.\n");
  if (request.header("sec-websocket-version") != "13") {
    HttpResponse response = HttpResponse::text(426, "This server speaks WebSocket version 13.\n");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    stream_->send(serialize(response, false, false));
    return finish();
  }
  const HttpResponse response{101,
                              {{"Upgrade", "websocket"},
                               {"Connection", "Upgrade"},
                               {"Sec-WebSocket-Accept", websocket::accept_key(key)}},
                              ""};
  stream_->send(serialize(response, true, false));
  decoder_ =
      std::make_unique<websocket::Decoder>(websocket::Role::kServer, websocket::Decoder::Limits{});
  alarm_.set(server_.loop_.now() + server_.limits_.websocket_ping_every);
  server_.callbacks_.websocket_opened(WebSocketId{id_}, request);
}

void HttpConnection::on_websocket(Bytes bytes) {
  unanswered_pings_ = 0;  // whatever comes shows that the other side lives
  while (!finished_) {
    const auto received = decoder_->read(bytes);
    if (!received) return;
    if (const auto* text = std::get_if<websocket::TextMessage>(&*received)) {
      if (!closing_) server_.callbacks_.websocket_text(WebSocketId{id_}, text->text);
    } else if (std::holds_alternative<websocket::BinaryMessage>(*received)) {
      if (!closing_) server_.callbacks_.websocket_binary(WebSocketId{id_});
    } else if (const auto* ping = std::get_if<websocket::Ping>(&*received)) {
      std::string wire;
      encoder_.pong(ping->payload, wire);
      stream_->send(wire);
    } else if (const auto* close = std::get_if<websocket::Close>(&*received)) {
      const bool clean = close->code == websocket::CloseCode::kNormal ||
                         close->code == websocket::CloseCode::kGoingAway;
      if (!closing_) {
        std::string wire;
        encoder_.close(close->code, {}, wire);
        stream_->send(wire);
      }
      finish_websocket(clean);
    } else if (const auto* violation = std::get_if<websocket::Violation>(&*received)) {
      std::string wire;
      encoder_.close(violation->code, {}, wire);
      stream_->send(wire);
      finish_websocket(false);
    }
  }
}

void HttpConnection::websocket_send(std::string_view text) {
  if (!decoder_ || closing_ || finished_) return;
  std::string wire;
  encoder_.text(text, wire);
  stream_->send(wire);
  if (stream_->unsent_bytes() > server_.limits_.websocket_unsent_bytes) finish_websocket(false);
}

void HttpConnection::websocket_close(std::uint16_t code) {
  if (!decoder_ || closing_ || finished_) return;
  std::string wire;
  encoder_.close(code, {}, wire);
  stream_->send(wire);
  closing_ = true;  // the other side's close, the end of the stream or the alarm comes next
  alarm_.set(server_.loop_.now() + std::chrono::seconds(5));
}

void HttpConnection::on_alarm() {
  if (!decoder_ || closing_) return finish();
  if (unanswered_pings_ >= kPingsBeforeGone) return finish_websocket(false);
  ++unanswered_pings_;
  std::string wire;
  encoder_.ping({}, wire);
  stream_->send(wire);
  alarm_.set(server_.loop_.now() + server_.limits_.websocket_ping_every);
}

void HttpConnection::on_stream_closed() {
  decoder_ ? finish_websocket(false) : finish();
}

void HttpConnection::finish_websocket(bool clean) {
  if (finished_) return;
  const bool tell = !closing_;
  finish();
  if (tell)
    server_.loop_.defer([&server = server_, id = id_, clean] {
      server.callbacks_.websocket_closed(WebSocketId{id}, clean);
    });
}

void HttpConnection::finish() {
  if (finished_) return;
  finished_ = true;
  alarm_.set(std::nullopt);
  server_.loop_.defer([&server = server_, id = id_] { server.release(id); });
}

}  // namespace beeline::net
