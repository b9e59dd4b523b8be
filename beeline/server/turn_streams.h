// TURN clients on TCP and TLS (RFC 8656 §3.1): their connections, cut into frames, with limits on
// how many there are, how long they may be good for nothing, and how slowly they may read.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "beeline/net/tcp_stream.h"
#include "beeline/turn/server.h"
#include "beeline/turn/stream_framer.h"

namespace beeline::server {

// The listener of every stream client; the rest of the five-tuple tells them apart.
inline constexpr turn::ListenerId kStreamListener{0xFFFFFFFF};

//   connected ──allocation──▶ relaying ──its end──▶ connected ──10 s──▶ closed
class TurnStreams {
 public:
  struct Limits {
    std::size_t connections = 20'000;
    // An office behind one address: eighty people who each try 21 connections (seven links, three
    // URLs over TCP).
    std::size_t connections_per_source = 2'048;
    Duration without_allocation = std::chrono::seconds(10);
    // Beyond this what is sent to a client is dropped, as UDP would have it.
    std::size_t unsent_bytes = 256 * 1024;
  };
  struct Callbacks {
    std::function<void(const turn::FiveTuple&, Packet)> received;  // one frame
    std::function<void()> batch_done;                              // after the frames of one read
    std::function<void(const turn::FiveTuple&)> closed;
    std::function<bool(const turn::FiveTuple&)> has_allocation;
  };
  struct Counters {
    std::uint64_t refused = 0;    // connections over a limit
    std::uint64_t dropped = 0;    // packets for clients that read too slowly
    std::uint64_t too_large = 0;  // frames that no packet can hold
    std::uint64_t broken = 0;     // streams of neither STUN nor ChannelData
  };

  TurnStreams(net::EventLoop& loop, Limits limits, Callbacks callbacks);
  ~TurnStreams();
  TurnStreams(const TurnStreams&) = delete;
  TurnStreams& operator=(const TurnStreams&) = delete;

  // A new connection; `tls` as for net::TcpStream.
  void accept(net::FileDescriptor socket, std::shared_ptr<net::TlsServer> tls);
  // A started connection that somebody else accepted, and what it has received.
  void adopt(std::shared_ptr<net::TcpStream> stream, Bytes first);

  void send(const turn::FiveTuple& client, Packet packet);
  // The client's time to be good for something starts anew.
  void allocation_ended(const turn::FiveTuple& client);

  std::size_t connections() const { return connections_.size(); }
  const Counters& counters() const { return counters_; }

 private:
  struct Connection {
    Connection(TurnStreams& owner, const turn::FiveTuple& client,
               std::shared_ptr<net::TcpStream> its_stream);
    ~Connection() { stream->detach(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::shared_ptr<net::TcpStream> stream;
    turn::StreamFramer framer;
    net::Alarm alarm;
  };

  // Null where a limit is reached.
  Connection* add(const std::shared_ptr<net::TcpStream>& stream, turn::FiveTuple& client);
  net::TcpStream::Callbacks callbacks_for(const turn::FiveTuple& client);
  void on_bytes(const turn::FiveTuple& client, Bytes bytes);
  void on_alarm(const turn::FiveTuple& client);
  void close(const turn::FiveTuple& client);

  net::EventLoop& loop_;
  Limits limits_;
  Callbacks callbacks_;
  std::unordered_map<turn::FiveTuple, std::unique_ptr<Connection>> connections_;
  std::unordered_map<IpAddress, std::size_t> per_source_;
  Counters counters_;
};

}  // namespace beeline::server
