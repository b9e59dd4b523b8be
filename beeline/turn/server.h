// The STUN and TURN server (RFC 8489, RFC 8656) as a core: datagrams of clients and peers in,
// datagrams out. It opens no socket; it asks its host for relay sockets and is told what came of
// it. Nothing is kept about a client before a valid MESSAGE-INTEGRITY.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/deadline_queue.h"
#include "beeline/base/fifo.h"
#include "beeline/base/log.h"
#include "beeline/base/packet.h"
#include "beeline/base/random.h"
#include "beeline/turn/allocation_table.h"
#include "beeline/turn/alternates.h"
#include "beeline/turn/authenticator.h"
#include "beeline/turn/counters.h"
#include "beeline/turn/relay_policy.h"
#include "beeline/turn/relay_ports.h"
#include "beeline/turn/revoked_users.h"
#include "beeline/turn/settings.h"

namespace beeline::turn {

// --- inputs; packets are moved in, so that relaying copies nothing ---
// One STUN message or ChannelData: a datagram, or a frame of a stream.
struct ClientDatagram {
  FiveTuple client;
  Packet packet;
};
struct PeerDatagram {
  RelayId relay;
  TransportAddress peer;
  Packet packet;
};
// The TCP or TLS connection of a client is gone.
struct ClientStreamClosed {
  FiveTuple client;
};
// What came of a BindRelay.
struct RelayBound {
  RelayId relay;
};
struct RelayBindFailed {
  RelayId relay;
};
// An ICMP error about something that was sent to a peer.
struct PeerUnreachable {
  RelayId relay;
  TransportAddress peer;
  stun::Icmp icmp;
};

// --- transmits ---
struct ToClient {
  FiveTuple client;
  Packet packet;
};
struct ToPeer {
  RelayId relay;
  PermittedPeer peer;
  Packet packet;
};

// --- events ---
// Open a UDP socket there; answer with RelayBound or RelayBindFailed.
struct BindRelay {
  RelayId relay;
  TransportAddress address;
};
struct ReleaseRelay {
  RelayId relay;
};
enum class EndReason { kExpired, kDeleted, kRevoked, kDisconnected };
struct AllocationEnded {
  FiveTuple client;
  std::string user;
  EndReason reason;
  Traffic traffic;
};

class Server {
 public:
  using Input = std::variant<ClientDatagram, PeerDatagram, ClientStreamClosed, RelayBound,
                             RelayBindFailed, PeerUnreachable>;
  using Transmit = std::variant<ToClient, ToPeer>;
  using Event = std::variant<BindRelay, ReleaseRelay, AllocationEnded>;

  // `packets` and `log` are borrowed.
  Server(Settings settings, const Random& random, PacketPool& packets, Log& log);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const { return deadlines_.next(); }

  // Ends every allocation of `user` (the part of the username behind the expiry) and takes back
  // the credentials that were made until now: its member left or was removed.
  void revoke(std::string_view user, Instant now);
  // Unix time, by which credentials expire; the host says it at the start and now and then.
  void set_wall_time(WallTime at) {
    wall_time_ = at;
    revoked_.forget_expired(at);
  }

  // Places that tests of NATs use (RFC 5780), at most one set per family; without them a
  // CHANGE-REQUEST is an unknown attribute.
  void set_alternates(std::vector<Alternates> alternates) { alternates_ = std::move(alternates); }

  std::size_t allocations() const { return table_.size(); }
  bool has_allocation(const FiveTuple& client) const { return table_.of_client(client) != nullptr; }
  const Counters& counters() const { return counters_; }

 private:
  // A request that passed the checks all methods share.
  struct Request {
    const stun::Message& message;
    const FiveTuple& client;
    const Authenticated& sender;
  };
  // One relayed address being bound for an Allocate; `pair` binds the next port as well, for a
  // reservation.
  struct Binding {
    RelayFamily family;
    bool additional = false;
    bool even = false;
    bool pair = false;
    int tries = 0;
    Port port;
    std::vector<RelayId> waiting;
    std::vector<RelayId> bound;  // the port itself, then its successor
    bool failed = false;
  };
  // An Allocate whose relay sockets are being opened.
  struct Pending {
    FiveTuple client;
    Authenticated sender;
    stun::TransactionId transaction{};
    std::chrono::seconds lifetime{0};
    bool additional_unavailable = false;
    std::vector<Binding> bindings;
  };
  struct Reservation {
    std::string user;
    RelayedAddress relayed;
  };

  void on(ClientDatagram input, Instant now);
  void on(PeerDatagram input, Instant now);
  void on(ClientStreamClosed input, Instant now);
  void on(RelayBound input, Instant now);
  void on(RelayBindFailed input, Instant now);
  void on(PeerUnreachable input, Instant now);

  // server.cc
  void on_stun(ClientDatagram input, Instant now);
  void on_request(const stun::Message& message, const FiveTuple& client, Instant now);
  void on_binding(const stun::Message& message, const FiveTuple& client, Instant now);
  void answer_nat_test(const stun::Message& message, const FiveTuple& client,
                       const Alternates& alternates, Instant now);
  const Alternates* alternates_at(const FiveTuple& client) const;
  bool may_answer_stranger(const FiveTuple& client, Instant now);
  void end(const FiveTuple& client, EndReason reason, Instant now);
  void release(const RelayedAddress& relayed);
  void end_reservation(std::uint64_t token);
  template <typename Fill>
  void reply(stun::Class message_class, const stun::Message& request, const FiveTuple& client,
             const stun::LongTermKey* key, Fill fill);
  void refuse(const Request& request, Refusal reason, Instant now);
  void refuse_plainly(const stun::Message& message, const FiveTuple& client, Refusal reason,
                      Instant now);
  void refuse_unknown(const stun::Message& message, const FiveTuple& client,
                      const stun::LongTermKey* key, const std::vector<stun::AttributeType>& unknown,
                      Instant now);
  void note_refusal(Refusal reason, const FiveTuple& client, std::string_view user, Instant now);
  std::chrono::seconds granted_lifetime(const stun::Message& message) const;

  // server_allocate.cc
  void allocate(const Request& request, Instant now);
  std::optional<Refusal> plan(const Request& request, Pending& pending) const;
  void allocate_reserved(const Request& request, Bytes token, Instant now);
  void bind_next_port(Pending& pending, Binding& binding);
  Pending* pending_of(RelayId relay, Binding*& binding);
  void give_up(Binding& binding);
  void finish_if_bound(Pending& pending, Instant now);
  void create(Pending& pending, Instant now);
  Allocation& make(const FiveTuple& client, const Authenticated& sender,
                   const stun::TransactionId& transaction, std::vector<RelayedAddress> relayed,
                   std::chrono::seconds lifetime, Instant now);
  void reply_allocated(const stun::Message* request, const Allocation& allocation, Instant now);
  std::optional<Refusal> over_quota(const Request& request) const;
  void reply_failed(const Pending& pending, Refusal reason, Instant now);
  void refresh(const Request& request, Instant now);
  const RelayFamily* family(IpFamily family) const;
  RelayPorts& ports(IpFamily family) { return family == IpFamily::kV4 ? ports_v4_ : ports_v6_; }

  // server_peers.cc
  void create_permission(const Request& request, Instant now);
  bool may_permit(const TransportAddress& peer) const;
  void bind_channel(const Request& request, Instant now);
  std::optional<Refusal> check_channel(const Allocation& allocation, stun::ChannelNumber channel,
                                       const TransportAddress& peer, Instant now) const;

  // server_relay.cc
  void on_send(const stun::Message& message, ClientDatagram input, Instant now);
  void on_channel_data(ClientDatagram input, Instant now);
  void to_peer(Allocation& allocation, const PermittedPeer& peer, Packet packet, Instant now);
  void to_client(Allocation& allocation, const TransportAddress& peer, Packet packet, Instant now);
  void drop(Drop reason) { ++counters_.drops[static_cast<std::size_t>(reason)]; }

  Settings settings_;
  PacketPool& packets_;
  Log& log_;
  Random random_;
  Random port_random_;
  Authenticator authenticator_;
  StrangerBudget strangers_;
  std::vector<Alternates> alternates_;
  AllocationTable table_;
  RelayPolicy policy_;
  RelayPorts ports_v4_;
  RelayPorts ports_v6_;
  WallTime wall_time_;
  RevokedUsers revoked_;
  std::map<FiveTuple, Pending> pending_;
  std::map<RelayId, FiveTuple> binding_for_;
  std::map<std::uint64_t, Reservation> reservations_;
  // Allocations by client, reservations by token.
  using DeadlineKey = std::variant<FiveTuple, std::uint64_t>;
  DeadlineQueue<DeadlineKey> deadlines_;
  std::uint64_t next_relay_ = 1;
  Fifo<Transmit> transmits_;
  Fifo<Event> events_;
  Counters counters_;
  // Refusals are logged no faster than this, or strangers would fill the disk.
  TokenBucket refusal_lines_{10, 50};
  std::uint64_t refusals_unlogged_ = 0;
};

}  // namespace beeline::turn
