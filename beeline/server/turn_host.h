// Gives turn::Server its sockets: the listeners that clients talk to and the relay sockets it asks for.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "beeline/base/log.h"
#include "beeline/net/core_host.h"
#include "beeline/net/udp_socket.h"
#include "beeline/turn/server.h"

namespace beeline::server {

class TurnHost {
 public:
  TurnHost(net::EventLoop& loop, turn::Server::Config config, const Random& random, Log& log);
  TurnHost(const TurnHost&) = delete;
  TurnHost& operator=(const TurnHost&) = delete;
  ~TurnHost();

  // Opens a UDP listener; the error is the kernel's.
  std::expected<Port, std::error_code> listen(const TransportAddress& local);

  // Ends every allocation of the user whose credentials were minted for `user`.
  void revoke(std::string_view user);

  const turn::Server& core() const { return core_; }

  // For net::CoreHost.
  void transmit(turn::Server::Transmit transmit);
  void handle_event(turn::Server::Event event);

 private:
  struct Relay;
  void on_relay_event(const turn::BindRelay& bind);
  void flush_all();

  net::EventLoop& loop_;
  Log& log_;
  turn::Server core_;
  net::CoreHost<turn::Server, TurnHost> host_;
  net::Alarm wall_clock_;
  std::vector<std::unique_ptr<net::UdpSocket>> listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<net::UdpSocket>> relays_;
  std::vector<net::UdpSocket*> touched_;  // sockets with something queued
};

}  // namespace beeline::server
