// TCP candidates (RFC 6544): a place to open connections from and a place to accept them at for
// each address of the machine, and the connections themselves, framed as RFC 4571 has it.
// Simultaneous open is left out: no host can promise it.
#pragma once

#include <list>
#include <optional>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/protocol_core.h"
#include "beeline/ice/agent_event.h"
#include "beeline/ice/gatherer.h"
#include "beeline/ice/settings.h"
#include "beeline/ice/tcp_framer.h"

namespace beeline::ice {

// Of the connection from `base` to `remote`: it stands, or it does not any more.
struct ConnectionChanged {
  BaseId base;
  TransportAddress remote;
};

class TcpPaths {
 public:
  using Notice = std::variant<BaseUp, BaseDown, FoundCandidate, FromPeer, ConnectionChanged>;
  enum class Readiness : std::uint8_t { kReady, kOpening, kFailed };

  // Everything is borrowed.
  TcpPaths(const Settings& settings, PacketPool& packets, Outbox& outbox)
      : settings_(settings), packets_(packets), outbox_(outbox) {}

  // True where the input was for this alone.
  bool handle_input(const HostInput& input, Instant now);
  void handle_timeout(Instant now);
  std::optional<Instant> next_timeout() const;
  std::optional<Notice> poll_notice();
  void close();

  // Whether a check can be sent; opens the connection where there is none and `base` is active. A
  // ConnectionChanged follows kOpening.
  Readiness connect(const Base& base, const TransportAddress& remote);
  // Connections that failed may be tried again.
  void forget_failures();
  // Somebody who knows our password is at the other end; others are let go after 10 s.
  void prove(BaseId base, const TransportAddress& remote);
  void send(BaseId base, const TransportAddress& remote, Packet packet);

  // What the other side was told of.
  const std::vector<Candidate>& found() const { return found_; }

 private:
  struct Place {
    IpAddress ip;
    std::uint32_t local_preference = 0;
    BaseId active;
    BaseId passive;
    StreamId listener;
  };
  struct Connection {
    BaseId base;
    TransportAddress remote;
    StreamId stream;
    TcpFramer framer;
    bool open = false;
    bool failed = false;
    bool writable = true;
    std::optional<Instant> unproven_until;  // of accepted ones
  };

  bool wanted() const;
  void on_interfaces(const InterfacesChanged& changed);
  void drop(const Place& place);
  void on_listening(const StreamListening& listening);
  void on_accepted(const StreamAccepted& accepted, Instant now);
  void on_bytes(Connection& connection, Bytes bytes);
  void on_closed(StreamId stream);
  void found(BaseId base, CandidateTransport transport, const TransportAddress& address,
             const Place& place);
  Connection* of_stream(StreamId stream);
  Connection* between(BaseId base, const TransportAddress& remote);

  const Settings& settings_;
  PacketPool& packets_;
  Outbox& outbox_;
  std::vector<Place> places_;
  std::list<Connection> connections_;  // a framer stays where it is
  std::vector<Candidate> found_;
  Fifo<Notice> notices_;
};

}  // namespace beeline::ice
