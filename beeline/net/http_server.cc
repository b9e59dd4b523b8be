#include "beeline/net/http_server.h"

#include "beeline/net/http_connection.h"

namespace beeline::net {

HttpServer::HttpServer(EventLoop& loop, Limits limits, Callbacks callbacks)
    : loop_(loop), limits_(limits), callbacks_(std::move(callbacks)) {}

HttpServer::~HttpServer() = default;

void HttpServer::accept(boost::asio::ip::tcp::socket socket) {
  auto stream = std::make_shared<TcpStream>(loop_, std::move(socket), tls_);
  std::size_t& from_source = per_source_[source_of(stream->remote().ip)];
  if (connections_.size() >= limits_.connections || from_source >= limits_.connections_per_source) {
    ++refused_;
    if (from_source == 0) per_source_.erase(source_of(stream->remote().ip));
    return;  // the stream closes as it dies
  }
  ++from_source;
  const std::uint64_t id = next_id_++;
  connections_.emplace(id, std::make_unique<HttpConnection>(*this, id, std::move(stream)));
}

void HttpServer::websocket_send(WebSocketId id, std::string_view text) {
  if (const auto it = connections_.find(id.value); it != connections_.end())
    it->second->websocket_send(text);
}

void HttpServer::websocket_close(WebSocketId id, std::uint16_t code) {
  if (const auto it = connections_.find(id.value); it != connections_.end())
    it->second->websocket_close(code);
}

void HttpServer::release(std::uint64_t id) {
  const auto it = connections_.find(id);
  if (it == connections_.end()) return;
  const auto source = per_source_.find(source_of(it->second->remote().ip));
  if (source != per_source_.end() && --source->second == 0) per_source_.erase(source);
  connections_.erase(it);
}

}  // namespace beeline::net
