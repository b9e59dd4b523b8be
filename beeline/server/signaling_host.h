// Gives signaling::Server its connections: the HTTP server's channels. The core does not know which
// of them are WebSockets and which are event streams.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "beeline/base/log.h"
#include "beeline/net/core_host.h"
#include "beeline/net/http_server.h"
#include "beeline/server/http_sessions.h"
#include "beeline/server/room_store.h"
#include "beeline/signaling/server.h"

namespace beeline::server {

class SignalingHost {
 public:
  // `member_gone` hears of every membership that ends. `rooms` gives what it has and keeps what
  // changes.
  SignalingHost(net::EventLoop& loop, signaling::Settings settings, const Random& random,
                signaling::IceServers& ice, RoomStore& rooms, Log& log,
                std::function<void(std::string_view member)> member_gone);
  SignalingHost(const SignalingHost&) = delete;
  SignalingHost& operator=(const SignalingHost&) = delete;

  // The server whose channels these are; before the first connection.
  void attach(net::HttpServer& http) { http_ = &http; }

  // The answer to a hello in a POST request: a stream, which the request's connection becomes.
  net::OpenEventStream open_stream(const net::HttpRequest& request);
  // Takes the messages of a POST request for a stream that is open.
  net::HttpResponse take_messages(const net::HttpRequest& request);

  void opened(net::ChannelId id, const net::HttpRequest& request);
  void text(net::ChannelId id, std::string_view text);
  void binary(net::ChannelId id);
  void closed(net::ChannelId id, bool clean);

  void set_wall_time(WallTime at) { core_.set_wall_time(at); }
  // Takes in the stored rooms; after set_wall_time(), before the first connection.
  void load_rooms();
  // Says goodbye to everybody.
  void shutdown();

  const signaling::Server& core() const { return core_; }

  // For net::CoreHost.
  void transmit(signaling::OutgoingText text);
  void handle_event(signaling::Server::Event event);
  void drained();

 private:
  static signaling::ConnectionId connection_of(net::ChannelId id) { return {id.value}; }

  net::EventLoop& loop_;
  RoomStore& rooms_;
  std::function<void(std::string_view)> member_gone_;
  net::HttpServer* http_ = nullptr;
  // What is to be said and closed, in order. It waits for the end of the drain, so that what hosts
  // have set is on disk before anybody hears of it.
  std::vector<std::variant<signaling::OutgoingText, signaling::CloseConnection>> outgoing_;
  HttpSessions sessions_;
  signaling::Server core_;
  net::CoreHost<signaling::Server, SignalingHost> host_;
};

}  // namespace beeline::server
