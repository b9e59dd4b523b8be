#include "beeline/net/http_connection.h"

#include <utility>

namespace beeline::net {
namespace {

constexpr std::size_t kMaxWebSocketKey = 64;
constexpr int kPingsBeforeGone = 2;
constexpr auto kClosingTime = std::chrono::seconds(5);

}  // namespace

HttpConnection::HttpConnection(HttpServer& server, ChannelId id, std::shared_ptr<TcpStream> stream)
    : server_(server),
      id_(id),
      stream_(std::move(stream)),
      remote_(stream_->remote()),
      reader_(std::make_unique<HttpRequestReader>()) {
  set_deadline(server_.limits_.request_time);
  stream_->start({[this](MutableBytes bytes) { on_bytes(bytes); }, [this] { on_stream_closed(); }});
}

HttpConnection::~HttpConnection() {
  if (stream_) stream_->detach();
}

void HttpConnection::on_bytes(MutableBytes bytes) {
  if (finished_) return;
  //= RFC 7983 §7
  // No HTTP request starts with a byte below 4, and every STUN message does.
  const bool stun = std::exchange(fresh_, false) && bytes[0] < 4;
  if (stun && server_.callbacks_.stun_stream) return hand_over(bytes);
  if (kind_ == Kind::kRequests) return on_http(bytes);
  if (kind_ == Kind::kWebSocket) on_websocket(bytes);
  // The client of an event stream has nothing more to say on it.
}

void HttpConnection::hand_over(Bytes first) {
  const std::shared_ptr<TcpStream> stream = std::move(stream_);
  finish();
  server_.callbacks_.stun_stream(stream, first);
}

void HttpConnection::on_http(MutableBytes bytes) {
  while (!bytes.empty() && !finished_) {
    // A request that has begun is whole soon; only the time between two requests is longer.
    if (answered_ && reader_->idle()) set_deadline(server_.limits_.request_time);
    Bytes rest = bytes;
    const HttpRequestReader::Result result = reader_->read(rest);
    bytes = bytes.last(rest.size());
    switch (result) {
      case HttpRequestReader::Result::kMore:
        return;
      case HttpRequestReader::Result::kBad:
        return refuse(400, "This is not an HTTP request.\n");
      case HttpRequestReader::Result::kTooLarge:
        return refuse(431, "The request is too large.\n");
      case HttpRequestReader::Result::kRequest:
        on_request(reader_->take());
        if (kind_ != Kind::kRequests) {
          reader_.reset();
          return on_bytes(bytes);  // frames that came with the request
        }
    }
  }
}

void HttpConnection::on_request(HttpRequest request) {
  request.encrypted = stream_->encrypted();
  request.remote = stream_->remote();
  request.local = stream_->local();
  request.channel = id_;
  const HttpAnswer answer = server_.callbacks_.request(request);
  if (const auto* response = std::get_if<HttpResponse>(&answer)) return respond(request, *response);
  if (const auto* stream = std::get_if<OpenEventStream>(&answer))
    return open_event_stream(request, *stream);
  open_websocket(request);
}

void HttpConnection::respond(const HttpRequest& request, const HttpResponse& response) {
  stream_->send(serialize(response, request.keep_alive, request.method == "HEAD"));
  if (!request.keep_alive) return finish();
  answered_ = true;
  set_deadline(server_.limits_.keep_alive_time);
}

void HttpConnection::refuse(unsigned status, std::string text) {
  stream_->send(serialize(HttpResponse::text(status, std::move(text)), false, false));
  finish();
}

//= RFC 6455 §4.2
void HttpConnection::open_websocket(const HttpRequest& request) {
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
  open(Kind::kWebSocket, request);
}

void HttpConnection::open_event_stream(const HttpRequest& request, const OpenEventStream& stream) {
  stream_->send(serialize(stream));
  open(Kind::kEventStream, request);
}

void HttpConnection::open(Kind kind, const HttpRequest& request) {
  kind_ = kind;
  set_deadline(server_.limits_.alive_every);
  server_.callbacks_.channel_opened(id_, request);
}

void HttpConnection::on_websocket(MutableBytes bytes) {
  unanswered_pings_ = 0;  // whatever comes shows that the other side lives
  const Instant now = server_.loop_.now();
  while (!bytes.empty() && !finished_ && !paused_) {
    if (const auto text = decoder_->read_whole_text(bytes)) {
      count_received(1, now);
      if (!closing_) server_.callbacks_.channel_text(id_, *text);
    } else {
      Bytes rest = bytes;
      const auto received = decoder_->read(rest);
      bytes = bytes.last(rest.size());
      if (!received) return;
      count_received(1, now);
      on_received(*received);
    }
    if (!finished_ && takes_more_at() > now) pause();
  }
  if (paused_) unread_.assign(as_text(bytes));
}

void HttpConnection::on_received(const websocket::Received& received) {
  std::string wire;
  if (const auto* text = std::get_if<websocket::TextMessage>(&received)) {
    if (!closing_) server_.callbacks_.channel_text(id_, text->text);
  } else if (std::holds_alternative<websocket::BinaryMessage>(received)) {
    if (!closing_) server_.callbacks_.channel_binary(id_);
  } else if (const auto* ping = std::get_if<websocket::Ping>(&received)) {
    websocket::Encoder(websocket::Role::kServer).pong(ping->payload, wire);
    stream_->send(wire);
  } else if (const auto* close = std::get_if<websocket::Close>(&received)) {
    const bool clean = close->code == websocket::CloseCode::kNormal ||
                       close->code == websocket::CloseCode::kGoingAway;
    if (!closing_) {
      websocket::Encoder(websocket::Role::kServer).close(close->code, {}, wire);
      stream_->send(wire);
    }
    finish_channel(clean);
  } else if (const auto* violation = std::get_if<websocket::Violation>(&received)) {
    websocket::Encoder(websocket::Role::kServer).close(violation->code, {}, wire);
    stream_->send(wire);
    finish_channel(false);
  }
}

void HttpConnection::count_received(std::size_t messages, Instant now) {
  for (std::size_t i = 0; i < messages; ++i)
    received_until_ = server_.limits_.messages.use(received_until_, now);
}

Instant HttpConnection::takes_more_at() const {
  return server_.limits_.messages.next(received_until_);
}

// Whoever says more than the rate allows is read more slowly; nothing of it is lost.
void HttpConnection::pause() {
  paused_ = true;
  stream_->pause();
  set_deadline(takes_more_at() - server_.loop_.now());
}

void HttpConnection::resume() {
  paused_ = false;
  set_deadline(server_.limits_.alive_every);
  std::string rest = std::exchange(unread_, {});
  on_websocket(as_mutable_bytes(rest));
  if (!paused_ && !finished_) stream_->resume();
}

void HttpConnection::send(std::string_view text, const SharedText& more) {
  if (kind_ == Kind::kRequests || closing_ || finished_) return;
  if (kind_ == Kind::kWebSocket) {
    std::string head;  // short enough to be no allocation
    websocket::Encoder(websocket::Role::kServer).text_head(text.size() + more.size(), head);
    stream_->send({head, text}, more);
  } else {
    stream_->send(event_chunk(std::string(text).append(more.view())));
  }
  if (stream_->unsent_bytes() > server_.limits_.unsent_bytes) finish_channel(false);
}

void HttpConnection::close(std::uint16_t code) {
  if (kind_ == Kind::kRequests || closing_ || finished_) return;
  closing_ = true;
  if (kind_ == Kind::kEventStream) {
    stream_->send(kLastChunk);
    return finish();
  }
  std::string wire;
  websocket::Encoder(websocket::Role::kServer).close(code, {}, wire);
  stream_->send(wire);
  // The other side's close, the end of the stream or the deadline comes next.
  set_deadline(kClosingTime);
}

void HttpConnection::on_deadline() {
  if (kind_ == Kind::kRequests || closing_) return finish();
  if (paused_) return resume();
  if (kind_ == Kind::kEventStream) {
    stream_->send(kAliveChunk);
  } else {
    if (unanswered_pings_ >= kPingsBeforeGone) return finish_channel(false);
    ++unanswered_pings_;
    std::string wire;
    websocket::Encoder(websocket::Role::kServer).ping({}, wire);
    stream_->send(wire);
  }
  set_deadline(server_.limits_.alive_every);
}

void HttpConnection::on_stream_closed() {
  kind_ == Kind::kRequests ? finish() : finish_channel(false);
}

void HttpConnection::set_deadline(Duration from_now) {
  server_.set_deadline(id_, server_.loop_.now() + from_now);
}

void HttpConnection::finish_channel(bool clean) {
  if (finished_) return;
  const bool tell = !closing_;
  finish();
  if (tell)
    server_.loop_.defer(
        [&server = server_, id = id_, clean] { server.callbacks_.channel_closed(id, clean); });
}

void HttpConnection::finish() {
  if (finished_) return;
  finished_ = true;
  server_.loop_.defer([&server = server_, id = id_] { server.release(id); });
}

}  // namespace beeline::net
