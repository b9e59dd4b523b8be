#include "beeline/sim/core_sockets.h"

#include <utility>
#include <variant>

#include "beeline/sim/world.h"

namespace beeline::sim {

CoreSockets::CoreSockets(Node& node, Tell tell) : node_(node), tell_(std::move(tell)) {}

CoreSockets::~CoreSockets() {
  for (const std::string& name : published_) node_.withdraw(name);
}

void CoreSockets::serve(HostRequest request) {
  std::visit([this](const auto& asked) { on(asked); }, request);
}

void CoreSockets::send(HostTransmit transmit) {
  std::visit([this](auto& sent) { on(std::move(sent)); }, transmit);
}

// --- datagrams -----------------------------------------------------------------------------------

UdpHandlers CoreSockets::udp_handlers(SocketId socket) {
  return {.heard = [this, socket](
                       const TransportAddress& source,
                       Packet packet) { tell_(Datagram{socket, source, std::move(packet)}); },
          .closed =
              [this, socket] {
                sockets_.erase(socket);
                tell_(UdpClosed{socket});
              }};
}

void CoreSockets::keep(SocketId id, std::unique_ptr<UdpSocket> socket) {
  ensure(!sockets_.contains(id), "a socket id is used once");
  if (!socket) return tell_(UdpClosed{id});
  const TransportAddress local = socket->local();
  sockets_[id] = std::move(socket);
  tell_(UdpBound{id, local});
}

void CoreSockets::on(const BindUdp& request) {
  keep(request.socket, node_.bind_udp(request.local, udp_handlers(request.socket)));
}

void CoreSockets::on(const JoinGroup& request) {
  keep(request.socket,
       node_.join_group(request.group, request.interface, udp_handlers(request.socket)));
}

void CoreSockets::on(const ReleaseUdp& request) {
  sockets_.erase(request.socket);
}

void CoreSockets::on(SendDatagram transmit) {
  // A socket may have gone while the core did not know yet.
  if (const auto it = sockets_.find(transmit.socket); it != sockets_.end())
    it->second->send(transmit.destination, std::move(transmit.packet));
}

// --- streams -------------------------------------------------------------------------------------

StreamHandlers CoreSockets::stream_handlers(StreamId stream) {
  return {.opened =
              [this, stream] {
                const TransportAddress local = streams_.at(stream)->local();
                tell_(StreamOpened{stream, local});
              },
          .heard = [this, stream](Bytes bytes) { tell_(StreamBytes{stream, bytes}); },
          .writable = [this, stream](bool can) { tell_(StreamWritable{stream, can}); },
          .closed =
              [this, stream](StreamEnd reason) {
                streams_.erase(stream);
                tell_(StreamClosed{stream, reason});
              }};
}

void CoreSockets::on(const OpenStream& request) {
  ensure(!streams_.contains(request.stream), "a stream id is used once");
  auto stream = node_.connect({.kind = request.kind,
                               .local = request.local,
                               .remote = request.remote,
                               .server_name = request.server_name},
                              stream_handlers(request.stream));
  if (!stream) return tell_(StreamClosed{request.stream, StreamEnd::kLocal});
  streams_[request.stream] = std::move(stream);
}

void CoreSockets::on(const ListenStreams& request) {
  const StreamId id = request.listener;
  auto listener = node_.listen(
      request.local, ListenFor::kTcp,
      {.accepted = [this, id](std::unique_ptr<Stream> stream) { accept(id, std::move(stream)); },
       .closed =
           [this, id] {
             listeners_.erase(id);
             tell_(StreamClosed{id, StreamEnd::kLocal});
           }});
  if (!listener) return tell_(StreamClosed{id, StreamEnd::kLocal});
  const TransportAddress local = listener->local();
  listeners_[id] = std::move(listener);
  tell_(StreamListening{id, local});
}

void CoreSockets::accept(StreamId listener, std::unique_ptr<Stream> stream) {
  const StreamId id{next_accepted_++};
  const TransportAddress remote = stream->remote();
  stream->set_handlers(stream_handlers(id));
  streams_[id] = std::move(stream);
  tell_(StreamAccepted{listener, id, remote});
}

void CoreSockets::on(const CloseStream& request) {
  streams_.erase(request.stream);
  listeners_.erase(request.stream);
}

void CoreSockets::on(SendStream transmit) {
  if (const auto it = streams_.find(transmit.stream); it != streams_.end())
    it->second->send(transmit.packet.bytes());
}

// --- names and interfaces ------------------------------------------------------------------------

void CoreSockets::on(const ResolveName& request) {
  const NameQueryId id = request.query;
  Query& query = queries_[id];
  query.name = request.name;
  query.answer = std::make_unique<Alarm>(node_, [this, id] {
    auto addresses = node_.world().resolve(node_, queries_.at(id).name);
    queries_.erase(id);
    tell_(NameResolved{id, std::move(addresses)});
  });
  query.answer->set(node_.world().now() + node_.world().resolve_delay());
}

void CoreSockets::on(const PublishName& request) {
  node_.publish(request.name, request.address);
  published_.insert(request.name);
}

void CoreSockets::on(const WithdrawName& request) {
  if (published_.erase(request.name) > 0) node_.withdraw(request.name);
}

void CoreSockets::on(const WatchInterfaces&) {
  const auto tell = [this] { tell_(InterfacesChanged{node_.interfaces()}); };
  if (!watch_) watch_.emplace(node_, tell);
  tell();
}

}  // namespace beeline::sim
