// Gives turn::Server its sockets: the listeners that clients talk to and the relay sockets it asks
// for.
#pragma once

#include <expected>
#include <memory>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "beeline/base/log.h"
#include "beeline/net/core_host.h"
#include "beeline/net/udp_socket.h"
#include "beeline/turn/server.h"

namespace beeline::server {

class TurnHost {
 public:
  TurnHost(net::EventLoop& loop, turn::Settings settings, const Random& random, Log& log);
  TurnHost(const TurnHost&) = delete;
  TurnHost& operator=(const TurnHost&) = delete;

  // Opens a UDP listener and returns its port; port 0 lets the kernel choose.
  std::expected<Port, std::error_code> listen(const TransportAddress& local);

  // Ends every allocation that was made with credentials minted for `user`.
  void revoke(std::string_view user);
  void set_wall_time(WallTime at) { core_.set_wall_time(at); }

  const turn::Server& core() const { return core_; }

  // For net::CoreHost.
  void transmit(turn::Server::Transmit transmit);
  void handle_event(turn::Server::Event event);
  void drained();

 private:
  void bind_relay(const turn::BindRelay& bind);

  net::EventLoop& loop_;
  turn::Server core_;
  net::CoreHost<turn::Server, TurnHost> host_;
  std::vector<std::unique_ptr<net::UdpSocket>> listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::UdpSocket>> relays_;
  std::vector<net::UdpSocket*> waiting_;  // sockets with something queued
};

}  // namespace beeline::server
