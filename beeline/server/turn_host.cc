#include "beeline/server/turn_host.h"

#include <algorithm>

namespace beeline::server {

TurnHost::TurnHost(net::EventLoop& loop, turn::Settings settings, TurnStreams::Limits stream_limits,
                   const Random& random, Log& log)
    : loop_(loop),
      core_(std::move(settings), random, loop.packets(), log),
      host_(loop, core_, *this),
      streams_(loop, stream_limits, stream_callbacks()) {}

TurnStreams::Callbacks TurnHost::stream_callbacks() {
  return {.received =
              [this](const turn::FiveTuple& client, Packet packet) {
                host_.input(turn::ClientDatagram{client, std::move(packet)});
              },
          .batch_done = [this] { host_.settle(); },
          .closed =
              [this](const turn::FiveTuple& client) {
                host_.input(turn::ClientStreamClosed{client});
                host_.settle();
              },
          .has_allocation =
              [this](const turn::FiveTuple& client) { return core_.has_allocation(client); }};
}

void TurnHost::close_listeners() {
  listeners_.clear();
  stream_listeners_.clear();
}

std::expected<Port, std::error_code> TurnHost::listen_tcp(const TransportAddress& local) {
  auto listener = net::TcpListener::listen(loop_, local, [this](net::FileDescriptor socket) {
    streams_.accept(std::move(socket), tls_);
  });
  if (!listener) return std::unexpected(listener.error());
  stream_listeners_.push_back(std::move(*listener));
  return stream_listeners_.back()->local().port;
}

std::expected<Port, std::error_code> TurnHost::listen_udp(const TransportAddress& local) {
  const turn::ListenerId listener{static_cast<std::uint32_t>(listeners_.size())};
  auto socket = net::UdpSocket::bind(
      loop_, local,
      {.received =
           [this, listener](net::ReceivedDatagram datagram) {
             host_.input(turn::ClientDatagram{{listener, datagram.local, datagram.remote},
                                              std::move(datagram.packet)});
           },
       .batch_done = [this] { host_.settle(); },
       .icmp = {}});
  if (!socket) return std::unexpected(socket.error());
  listeners_.push_back(std::move(*socket));
  return listeners_.back()->local().port;
}

std::optional<turn::ListenerId> TurnHost::udp_listener(const TransportAddress& address) const {
  for (std::uint32_t i = 0; i < listeners_.size(); ++i) {
    const TransportAddress& local = listeners_[i]->local();
    if (local == address || (local.ip.is_unspecified() && local.port == address.port &&
                             local.ip.family() == address.ip.family()))
      return turn::ListenerId{i};
  }
  return std::nullopt;
}

void TurnHost::revoke(std::string_view user) {
  core_.revoke(user, loop_.now());
  host_.settle();
}

void TurnHost::drained() {
  for (net::UdpSocket* socket : waiting_) socket->flush();
  waiting_.clear();
}

void TurnHost::transmit(turn::Server::Transmit transmit) {
  if (auto* to_client = std::get_if<turn::ToClient>(&transmit)) {
    if (to_client->client.listener == kStreamListener)
      return streams_.send(to_client->client, std::move(to_client->packet));
    net::UdpSocket* socket = listeners_[to_client->client.listener.value].get();
    note_unsent(socket);
    socket->send(to_client->client.remote, to_client->client.local.ip,
                 std::move(to_client->packet));
  } else if (auto* to_peer = std::get_if<turn::ToPeer>(&transmit)) {
    const auto relay = relays_.find(to_peer->relay.value);
    if (relay == relays_.end()) return;
    net::UdpSocket* socket = relay->second.get();
    note_unsent(socket);
    socket->send(to_peer->peer.address(), socket->local().ip, std::move(to_peer->packet));
  }
}

void TurnHost::note_unsent(net::UdpSocket* socket) {
  if (!socket->has_unsent()) waiting_.push_back(socket);
}

void TurnHost::handle_event(turn::Server::Event event) {
  if (const auto* bind = std::get_if<turn::BindRelay>(&event)) return bind_relay(*bind);
  if (const auto* ended = std::get_if<turn::AllocationEnded>(&event))
    return streams_.allocation_ended(ended->client);
  if (const auto* release = std::get_if<turn::ReleaseRelay>(&event)) {
    const auto relay = relays_.find(release->relay.value);
    if (relay == relays_.end()) return;
    std::erase(waiting_, relay->second.get());
    // The socket may be the one whose datagram is being handled.
    loop_.defer([gone = std::shared_ptr<net::UdpSocket>(std::move(relay->second))] {});
    relays_.erase(relay);
  }
}

void TurnHost::bind_relay(const turn::BindRelay& bind) {
  const turn::RelayId id = bind.relay;
  auto socket = net::UdpSocket::bind(
      loop_, bind.address,
      {.received =
           [this, id](net::ReceivedDatagram datagram) {
             host_.input(turn::PeerDatagram{id, datagram.remote, std::move(datagram.packet)});
           },
       .batch_done = [this] { host_.settle(); },
       .icmp =
           [this, id](const net::IcmpError& error) {
             host_.input(turn::PeerUnreachable{
                 id, error.remote, {error.type, error.code, error.next_hop_mtu}});
             host_.settle();
           }});
  if (!socket) return host_.input(turn::RelayBindFailed{id});
  relays_.emplace(id.value, std::move(*socket));
  host_.input(turn::RelayBound{id});
}

}  // namespace beeline::server
