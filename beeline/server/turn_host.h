// Gives turn::Server its sockets: the listeners that clients talk to and the relay sockets it asks
// for.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "beeline/base/log.h"
#include "beeline/net/core_host.h"
#include "beeline/net/udp_socket.h"
#include "beeline/server/turn_streams.h"
#include "beeline/turn/server.h"

namespace beeline::server {

class TurnHost {
 public:
  TurnHost(net::EventLoop& loop, turn::Settings settings, TurnStreams::Limits stream_limits,
           const Random& random, Log& log);
  TurnHost(const TurnHost&) = delete;
  TurnHost& operator=(const TurnHost&) = delete;

  // Open a listener and return its port; port 0 lets the kernel choose. Streams may be in the clear
  // or, where set_tls() was called, inside TLS.
  std::expected<Port, std::error_code> listen_udp(const TransportAddress& local);
  std::expected<Port, std::error_code> listen_tcp(const TransportAddress& local);
  // Which of those opened so far hears what is sent to `address` over UDP.
  std::optional<turn::ListenerId> udp_listener(const TransportAddress& address) const;
  // See turn::Server.
  void set_alternates(std::vector<turn::Alternates> alternates) {
    core_.set_alternates(std::move(alternates));
  }
  // Closes them all again; while starting only.
  void close_listeners();
  // May be replaced while running; connections that exist keep theirs.
  void set_tls(std::shared_ptr<net::TlsServer> tls) { tls_ = std::move(tls); }
  // A connection that another listener accepted, and what it has received.
  void adopt(std::shared_ptr<net::TcpStream> stream, Bytes first) {
    streams_.adopt(std::move(stream), first);
  }

  // Ends every allocation that was made with credentials minted for `user`.
  void revoke(std::string_view user);
  void set_wall_time(WallTime at) { core_.set_wall_time(at); }

  const turn::Server& core() const { return core_; }
  const TurnStreams& streams() const { return streams_; }

  // For net::CoreHost.
  void transmit(turn::Server::Transmit transmit);
  void handle_event(turn::Server::Event event);
  void drained();

 private:
  TurnStreams::Callbacks stream_callbacks();
  // Before a packet is queued there: drained() will send it.
  void note_unsent(net::UdpSocket* socket);
  void bind_relay(const turn::BindRelay& bind);

  net::EventLoop& loop_;
  turn::Server core_;
  net::CoreHost<turn::Server, TurnHost> host_;
  TurnStreams streams_;
  std::shared_ptr<net::TlsServer> tls_;
  std::vector<std::unique_ptr<net::UdpSocket>> listeners_;
  std::vector<std::unique_ptr<net::TcpListener>> stream_listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::UdpSocket>> relays_;
  std::vector<net::UdpSocket*> waiting_;  // sockets with something queued
};

}  // namespace beeline::server
