#include "beeline/net/http_server.h"

#include "beeline/net/http_connection.h"

namespace beeline::net {

HttpServer::HttpServer(EventLoop& loop, Limits limits, Callbacks callbacks)
    : loop_(loop),
      limits_(limits),
      callbacks_(std::move(callbacks)),
      alarm_(loop, [this] { on_alarm(); }) {}

HttpServer::~HttpServer() = default;

void HttpServer::accept(FileDescriptor socket) {
  auto stream = std::make_shared<TcpStream>(loop_, std::move(socket), tls_);
  std::size_t& from_source = per_source_[source_of(stream->remote().ip)];
  if (connections_.size() >= limits_.connections || from_source >= limits_.connections_per_source) {
    ++refused_;
    if (from_source == 0) per_source_.erase(source_of(stream->remote().ip));
    return;  // the stream closes as it dies
  }
  ++from_source;
  const ChannelId id{next_id_++};
  connections_.emplace(id.value, std::make_unique<HttpConnection>(*this, id, std::move(stream)));
}

HttpConnection* HttpServer::find(ChannelId id) const {
  const auto it = connections_.find(id.value);
  return it == connections_.end() ? nullptr : it->second.get();
}

void HttpServer::channel_send(ChannelId id, std::string_view text, const SharedText& more) {
  if (HttpConnection* connection = find(id)) connection->send(text, more);
}

void HttpServer::channel_close(ChannelId id, std::uint16_t code) {
  if (HttpConnection* connection = find(id)) connection->close(code);
}

Duration HttpServer::channel_must_wait(ChannelId id) const {
  const HttpConnection* connection = find(id);
  if (connection == nullptr) return {};
  return std::max(Duration(0), connection->takes_more_at() - loop_.now());
}

void HttpServer::channel_received(ChannelId id, std::size_t messages) {
  if (HttpConnection* connection = find(id)) connection->count_received(messages, loop_.now());
}

void HttpServer::set_deadline(ChannelId id, Instant at) {
  deadlines_.set(id.value, at);
  alarm_.set(deadlines_.next());
}

void HttpServer::on_alarm() {
  // Gathered first: a connection may set itself a deadline that is due at once.
  std::vector<ChannelId> due;
  while (const auto id = deadlines_.pop_due(loop_.now())) due.push_back({*id});
  for (const ChannelId id : due)
    if (HttpConnection* connection = find(id)) connection->on_deadline();
  alarm_.set(deadlines_.next());
}

void HttpServer::release(ChannelId id) {
  const auto it = connections_.find(id.value);
  if (it == connections_.end()) return;
  deadlines_.cancel(id.value);
  const auto source = per_source_.find(source_of(it->second->remote().ip));
  if (source != per_source_.end() && --source->second == 0) per_source_.erase(source);
  connections_.erase(it);
}

}  // namespace beeline::net
