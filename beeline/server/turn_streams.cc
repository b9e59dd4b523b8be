#include "beeline/server/turn_streams.h"

#include <utility>

namespace beeline::server {

TurnStreams::Connection::Connection(TurnStreams& owner, const turn::FiveTuple& client,
                                    std::shared_ptr<net::TcpStream> its_stream)
    : stream(std::move(its_stream)),
      framer(owner.loop_.packets()),
      alarm(owner.loop_, [&owner, client] { owner.on_alarm(client); }) {
  alarm.set(owner.loop_.now() + owner.limits_.without_allocation);
}

TurnStreams::TurnStreams(net::EventLoop& loop, Limits limits, Callbacks callbacks)
    : loop_(loop), limits_(limits), callbacks_(std::move(callbacks)) {}

TurnStreams::~TurnStreams() = default;

void TurnStreams::accept(net::FileDescriptor socket, std::shared_ptr<net::TlsServer> tls) {
  const auto stream = std::make_shared<net::TcpStream>(loop_, std::move(socket), std::move(tls));
  turn::FiveTuple client;
  if (add(stream, client) != nullptr) stream->start(callbacks_for(client));
}

void TurnStreams::adopt(std::shared_ptr<net::TcpStream> stream, Bytes first) {
  turn::FiveTuple client;
  if (add(stream, client) == nullptr) return stream->detach();
  stream->take_over(callbacks_for(client));
  on_bytes(client, first);
}

TurnStreams::Connection* TurnStreams::add(const std::shared_ptr<net::TcpStream>& stream,
                                          turn::FiveTuple& client) {
  client = {kStreamListener, stream->local(), stream->remote()};
  const IpAddress source = source_of(client.remote.ip);
  const auto from_source = per_source_.find(source);
  const bool source_is_full =
      from_source != per_source_.end() && from_source->second >= limits_.connections_per_source;
  if (connections_.size() >= limits_.connections || source_is_full ||
      connections_.contains(client)) {
    ++counters_.refused;
    return nullptr;
  }
  ++per_source_[source];
  return connections_.emplace(client, std::make_unique<Connection>(*this, client, stream))
      .first->second.get();
}

net::TcpStream::Callbacks TurnStreams::callbacks_for(const turn::FiveTuple& client) {
  return {.received = [this, client](Bytes bytes) { on_bytes(client, bytes); },
          .closed = [this, client] { close(client); }};
}

void TurnStreams::on_bytes(const turn::FiveTuple& client, Bytes bytes) {
  const auto it = connections_.find(client);
  if (it == connections_.end()) return;
  turn::StreamFramer& framer = it->second->framer;
  for (;;) {
    switch (framer.read(bytes)) {
      case turn::StreamFramer::Result::kFrame:
        callbacks_.received(client, framer.take());
        break;
      case turn::StreamFramer::Result::kTooLarge:
        ++counters_.too_large;
        break;
      case turn::StreamFramer::Result::kMore:
        return callbacks_.batch_done();
      case turn::StreamFramer::Result::kBroken:
        ++counters_.broken;
        return close(client);
    }
  }
}

void TurnStreams::send(const turn::FiveTuple& client, Packet packet) {
  const auto it = connections_.find(client);
  if (it == connections_.end()) return;
  if (it->second->stream->unsent_bytes() >= limits_.unsent_bytes) {
    ++counters_.dropped;
    return;
  }
  turn::pad_for_stream(packet);
  it->second->stream->send(as_text(packet.bytes()));
}

void TurnStreams::allocation_ended(const turn::FiveTuple& client) {
  const auto it = connections_.find(client);
  if (it != connections_.end()) it->second->alarm.set(loop_.now() + limits_.without_allocation);
}

void TurnStreams::on_alarm(const turn::FiveTuple& client) {
  if (!callbacks_.has_allocation(client)) close(client);
}

void TurnStreams::close(const turn::FiveTuple& client) {
  const auto it = connections_.find(client);
  if (it == connections_.end()) return;
  const auto source = per_source_.find(source_of(client.remote.ip));
  if (--source->second == 0) per_source_.erase(source);
  // Its stream or its alarm may be what is calling.
  loop_.defer([gone = std::shared_ptr<Connection>(std::move(it->second))] {});
  connections_.erase(it);
  callbacks_.closed(client);
}

}  // namespace beeline::server
