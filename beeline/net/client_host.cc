#include "beeline/net/client_host.h"

#include <algorithm>

namespace beeline::net {
namespace {

IpAddress address_of(const boost::asio::ip::address& address) {
  return address.is_v4() ? IpAddress::v4(address.to_v4().to_uint())
                         : IpAddress::v6(address.to_v6().to_bytes());
}

// Whether an address can go away: the others are not of one interface.
bool is_of_an_interface(const IpAddress& ip) {
  return !ip.is_unspecified() && !ip.is_loopback() && !ip.is_link_local();
}

}  // namespace

ClientIo::ClientIo(EventLoop& loop, ClientIoSettings settings, Callbacks callbacks)
    : loop_(loop),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      resolver_(loop.executor()) {}

ClientIo::~ClientIo() {
  *alive_ = false;
  for (const auto& [id, stream] : streams_) stream->detach();
}

void ClientIo::request(HostRequest request) {
  std::visit([this](const auto& one) { on(one); }, request);
}
void ClientIo::transmit(HostTransmit transmit) {
  std::visit([this](auto& one) { on(std::move(one)); }, transmit);
}

void ClientIo::tell(HostInput input) {
  callbacks_.input(std::move(input));
  callbacks_.settle();
}

// --- interfaces ----------------------------------------------------------------------------------

void ClientIo::on(WatchInterfaces) {
  if (!watch_)
    watch_ = std::make_unique<InterfaceWatch>(
        loop_,
        [this](const std::vector<Interface>& interfaces) { interfaces_changed(interfaces); });
  callbacks_.input(InterfacesChanged{watch_->interfaces()});
}

void ClientIo::interfaces_changed(const std::vector<Interface>& interfaces) {
  const auto is_gone = [&](const IpAddress& ip) {
    return is_of_an_interface(ip) &&
           std::ranges::find(interfaces, ip, &Interface::address) == interfaces.end();
  };
  callbacks_.input(InterfacesChanged{interfaces});
  std::vector<SocketId> sockets;
  for (const auto& [id, entry] : sockets_)
    if (is_gone(entry.source)) sockets.push_back(id);
  for (const SocketId id : sockets) {
    release(id);
    callbacks_.input(UdpClosed{id});
  }
  std::vector<StreamId> streams;
  for (const auto& [id, source] : stream_sources_)
    if (is_gone(source)) streams.push_back(id);
  for (const StreamId id : streams) {
    on(CloseStream{id});
    callbacks_.input(StreamClosed{id, StreamEnd::kLocal});
  }
  callbacks_.settle();
}

// --- datagrams -----------------------------------------------------------------------------------

UdpSocket::Callbacks ClientIo::udp_callbacks(SocketId id) {
  // A socket that was released lives until the loop's next turn and is not heard any more.
  return {.received =
              [this, id, alive = alive_](ReceivedDatagram datagram) {
                if (*alive && sockets_.contains(id))
                  callbacks_.input(Datagram{id, datagram.remote, std::move(datagram.packet)});
              },
          .batch_done =
              [this, alive = alive_] {
                if (*alive) callbacks_.settle();
              },
          .icmp = {}};
}

void ClientIo::on(const BindUdp& bind) {
  auto socket = UdpSocket::bind(loop_, bind.local, udp_callbacks(bind.socket));
  if (socket) (*socket)->receive_runs();
  keep(bind.socket, bind.local.ip, std::move(socket));
}

void ClientIo::on(const JoinGroup& join) {
  keep(join.socket, join.interface,
       UdpSocket::join_group(loop_, join.group, join.interface, udp_callbacks(join.socket)));
}

void ClientIo::keep(SocketId id, const IpAddress& source, BindResult result) {
  ensure(!sockets_.contains(id), "a socket id is used once");
  if (!result) {
    loop_.report("bind", result.error());
    return callbacks_.input(UdpClosed{id});
  }
  const Port port = (*result)->local().port;
  sockets_.emplace(id, UdpEntry{std::move(*result), source});
  callbacks_.input(UdpBound{id, {source, port}});
}

void ClientIo::on(const ReleaseUdp& release_udp) {
  release(release_udp.socket);
}

void ClientIo::release(SocketId id) {
  const auto it = sockets_.find(id);
  if (it == sockets_.end()) return;
  it->second.socket->flush();  // a goodbye that was sent before it was let go
  // Its own callback may be what is calling.
  loop_.defer([socket = std::shared_ptr<UdpSocket>(std::move(it->second.socket))] {});
  sockets_.erase(it);
}

void ClientIo::on(SendDatagram send) {
  const auto it = sockets_.find(send.socket);
  if (it == sockets_.end()) {
    ++counters_.unsent;
    return;
  }
  it->second.socket->send(send.destination, it->second.source, std::move(send.packet));
  it->second.unsent = true;
}

void ClientIo::flush() {
  for (auto& [id, entry] : sockets_)
    if (std::exchange(entry.unsent, false)) entry.socket->flush();
}

// --- streams -------------------------------------------------------------------------------------

ClientStream::Callbacks ClientIo::stream_callbacks(StreamId id) {
  return {.opened = [this, id](const TransportAddress& local) { tell(StreamOpened{id, local}); },
          .received = [this, id](Bytes bytes) { tell(StreamBytes{id, bytes}); },
          .writable = [this, id](bool writable) { tell(StreamWritable{id, writable}); },
          .closed =
              [this, id](StreamEnd reason) {
                streams_.erase(id);
                stream_sources_.erase(id);
                tell(StreamClosed{id, reason});
              }};
}

std::shared_ptr<TlsClient> ClientIo::tls() {
  if (!tls_) tls_ = std::make_shared<TlsClient>(settings_.authority_pem);
  return tls_;
}

void ClientIo::on(const OpenStream& open) {
  ensure(!streams_.contains(open.stream), "a stream id is used once");
  stream_sources_[open.stream] = open.local;
  streams_[open.stream] =
      ClientStream::open(loop_, open, open.kind == StreamKind::kTls ? tls() : nullptr,
                         settings_.stream_patience, stream_callbacks(open.stream));
}

void ClientIo::on(const ListenStreams& listen) {
  auto listener = TcpListener::listen(loop_, listen.local,
                                      [this, id = listen.listener, alive = alive_](auto socket) {
                                        if (*alive) accepted(id, std::move(socket));
                                      });
  if (!listener) {
    loop_.report("listen", listener.error());
    return callbacks_.input(StreamClosed{listen.listener, StreamEnd::kLocal});
  }
  const TransportAddress local = (*listener)->local();
  listeners_[listen.listener] = std::move(*listener);
  stream_sources_[listen.listener] = local.ip;
  callbacks_.input(StreamListening{listen.listener, local});
}

void ClientIo::accepted(StreamId listener, FileDescriptor socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  const int asked = ::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  const auto remote = from_sockaddr(*reinterpret_cast<const sockaddr*>(&storage));
  if (asked != 0 || !remote || !listeners_.contains(listener)) return;
  const StreamId id{next_accepted_++};
  stream_sources_[id] = stream_sources_.at(listener);
  streams_[id] = ClientStream::adopt(loop_, std::move(socket), stream_callbacks(id));
  tell(StreamAccepted{listener, id, *remote});
}

void ClientIo::on(const CloseStream& close) {
  stream_sources_.erase(close.stream);
  if (const auto it = listeners_.find(close.stream); it != listeners_.end()) {
    // It may be what is calling.
    loop_.defer([listener = std::shared_ptr<TcpListener>(std::move(it->second))] {});
    listeners_.erase(it);
  }
  if (const auto it = streams_.find(close.stream); it != streams_.end()) {
    it->second->detach();
    streams_.erase(it);
  }
}

void ClientIo::on(SendStream send) {
  const auto it = streams_.find(send.stream);
  if (it == streams_.end()) {
    ++counters_.unsent;
    return;
  }
  it->second->send(send.packet.bytes());
}

// --- names ---------------------------------------------------------------------------------------

void ClientIo::on(const ResolveName& resolve) {
  if (const auto ip = IpAddress::parse(resolve.name))
    return callbacks_.input(NameResolved{resolve.query, {*ip}});
  //= RFC 6762 §3
  // The system's resolver often knows nothing of these.
  if (is_local_name(resolve.name)) return local_names().resolve(resolve);
  resolver_.async_resolve(
      resolve.name, "",
      [this, query = resolve.query, alive = alive_](const boost::system::error_code& error,
                                                    const auto& results) {
        if (!*alive) return;
        NameResolved resolved{query, {}};
        if (!error)
          for (const auto& result : results) {
            const IpAddress ip = address_of(result.endpoint().address());
            if (std::ranges::find(resolved.addresses, ip) == resolved.addresses.end())
              resolved.addresses.push_back(ip);
          }
        tell(std::move(resolved));
      });
}

void ClientIo::on(const PublishName& publish) {
  local_names().publish(publish);
}
void ClientIo::on(const WithdrawName& withdraw) {
  local_names().withdraw(withdraw);
}

LocalNames& ClientIo::local_names() {
  if (!local_names_)
    local_names_ = std::make_unique<LocalNames>(
        loop_, [this](NameResolved resolved) { tell(std::move(resolved)); });
  return *local_names_;
}

}  // namespace beeline::net
