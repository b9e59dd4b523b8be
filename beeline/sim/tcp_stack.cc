// All TCP connections and listeners of a node.
#include <algorithm>
#include <utility>

#include "beeline/sim/tcp.h"
#include "beeline/sim/world.h"

namespace beeline::sim {

TcpStack::TcpStack(Node& node) : node_(node), random_(node.world().random("tcp/" + node.name())) {}

TcpConnection& TcpStack::make(const TcpPair& pair) {
  auto& slot = connections_[pair];
  slot = std::make_unique<TcpConnection>(*this, pair, random_.u32());
  return *slot;
}

std::unique_ptr<Stream> TcpStack::connect(const StreamTarget& target, StreamHandlers handlers) {
  if (!node_.has(target.local) || target.local.family() != target.remote.ip.family())
    return nullptr;
  TcpPair pair{{target.local, node_.ephemeral_port()}, target.remote};
  while (connections_.contains(pair) || listener_for(pair.local) != nullptr)
    pair.local.port = node_.ephemeral_port();
  TcpConnection& connection = make(pair);
  auto stream = std::make_unique<Stream>(connection, target.kind, target.server_name);
  stream->set_handlers(std::move(handlers));
  connection.connect(*stream);
  return stream;
}

std::unique_ptr<Listener> TcpStack::listen(TransportAddress local, ListenFor what,
                                           ListenHandlers handlers) {
  if (!local.ip.is_unspecified() && !node_.has(local.ip)) return nullptr;
  if (local.port == Port{}) {
    do local.port = node_.ephemeral_port();
    while (listeners_.contains(local));
  }
  if (listeners_.contains(local)) return nullptr;
  auto listener = std::make_unique<Listener>(node_, local, what, std::move(handlers));
  listeners_[local] = listener.get();
  return listener;
}

Listener* TcpStack::listener_for(const TransportAddress& local) const {
  if (const auto exact = listeners_.find(local); exact != listeners_.end()) return exact->second;
  const auto any = listeners_.find({IpAddress::any(local.ip.family()), local.port});
  return any == listeners_.end() ? nullptr : any->second;
}

void TcpStack::receive(IpPacket packet) {
  // No connection is on the call stack here.
  buried_.clear();
  const TcpPair pair{packet.destination, packet.source};
  const bool opens = packet.tcp.syn && !packet.tcp.ack && !packet.tcp.rst;
  auto found = connections_.find(pair);
  // The other side has forgotten the connection and begins anew.
  if (found != connections_.end() && opens && found->second->is_of_another(packet)) {
    found->second->finish(StreamEnd::kByPeer);
    found = connections_.end();
  }
  if (found != connections_.end()) {
    node_.world().trace().delivered(node_, packet);
    return found->second->receive(std::move(packet));
  }
  Listener* const listener = opens ? listener_for(packet.destination) : nullptr;
  if (listener == nullptr) return refuse(packet);
  node_.world().trace().delivered(node_, packet);
  make(pair).answer(packet);
}

void TcpStack::refuse(const IpPacket& packet) {
  node_.world().trace().dropped(node_, packet, Drop::kNoSocket);
  if (packet.tcp.rst) return;
  const std::uint64_t after =
      packet.tcp.sequence + packet.payload.size() + (packet.tcp.syn || packet.tcp.fin ? 1 : 0);
  send({.protocol = Protocol::kTcp,
        .source = packet.destination,
        .destination = packet.source,
        .tcp = {.sequence = packet.tcp.ack ? packet.tcp.acknowledgment : 0,
                .acknowledgment = after,
                .ack = true,
                .rst = true},
        .origin = node_.index(),
        .payload = {}});
}

void TcpStack::lose_addresses() {
  for (;;) {
    const auto gone = std::find_if(connections_.begin(), connections_.end(),
                                   [&](auto& entry) { return !node_.has(entry.first.local.ip); });
    if (gone == connections_.end()) break;
    gone->second->finish(StreamEnd::kLocal);
  }
  for (;;) {
    const auto gone = std::find_if(listeners_.begin(), listeners_.end(), [&](auto& entry) {
      return !entry.first.ip.is_unspecified() && !node_.has(entry.first.ip);
    });
    if (gone == listeners_.end()) break;
    Listener& listener = *gone->second;
    listeners_.erase(gone);
    listener.lose_address();
  }
}

void TcpStack::send(IpPacket packet) {
  node_.send(std::move(packet));
}

void TcpStack::bury(TcpConnection& connection) {
  const auto it = connections_.find(connection.pair());
  if (it == connections_.end() || it->second.get() != &connection) return;
  buried_.push_back(std::move(it->second));
  connections_.erase(it);
}

void TcpStack::forget(Listener& listener) {
  const auto it = listeners_.find(listener.local());
  if (it != listeners_.end() && it->second == &listener) listeners_.erase(it);
}

}  // namespace beeline::sim
