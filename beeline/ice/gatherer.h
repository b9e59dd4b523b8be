// Where an agent's own candidates come from (RFC 8445 §5.1.1): a socket per address of the machine,
// what STUN servers see of it, and relayed addresses on TURN servers; again whenever interfaces
// change. Also the way out: what the agent sends leaves through the base it names.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/random.h"
#include "beeline/ice/agent_event.h"
#include "beeline/ice/nat64.h"
#include "beeline/ice/pair.h"
#include "beeline/ice/port_sequence.h"
#include "beeline/ice/relay.h"
#include "beeline/ice/server_query.h"
#include "beeline/ice/settings.h"

namespace beeline::ice {

// --- what the gatherer tells the agent ---
struct BaseUp {
  Base base;
};
struct BaseDown {
  BaseId base;
};
// Tell the other side.
struct FoundCandidate {
  Candidate candidate;
};
// Neither from a STUN nor from a TURN server of ours.
struct FromPeer {
  BaseId base;
  TransportAddress source;
  Packet packet;
};
// Whether the relay behind `base` lets `peer` through; `code` is the server's where not.
struct Permission {
  BaseId base;
  IpAddress peer;
  bool granted = false;
  std::uint16_t code = 0;
};
struct GatheredAll {};
// How IPv4 is reached from here where there is only IPv6; none: there is IPv4, or no NAT64.
struct Nat64Changed {
  std::optional<Nat64Prefix> prefix;
};

class Gatherer {
 public:
  using Notice = std::variant<BaseUp, BaseDown, FoundCandidate, FromPeer, Permission, GatheredAll,
                              Nat64Changed>;

  // Everything is borrowed.
  Gatherer(const Settings& settings, const Random& random, PacketPool& packets, Outbox& outbox);

  void start(Instant now);
  // Asks our servers again: a NAT or a server may have forgotten us.
  void ask_again(Instant now);
  // The STUN servers alone.
  void ask_stun_again(Instant now);
  // Whether `address` is one of our candidates.
  bool knows(const TransportAddress& address) const;
  // New credentials; allocations that stand keep standing.
  void set_servers(Instant now);
  void close(Instant now);

  // True where the input was the gatherer's. FromPeer may follow as a notice.
  bool handle_input(HostInput& input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Instant> next_timeout() const;
  std::optional<Notice> poll_notice();
  bool has_notices() const { return !notices_.empty(); }

  // `base` is UDP or relayed. A packet that the relay does not permit is dropped.
  void send(BaseId base, const TransportAddress& destination, Packet packet, Instant now);
  // Whether a first check from `base` to a predicted candidate can be the one that meets it.
  bool meets(BaseId base, const Candidate& remote) const;
  // Relayed bases: asks for a Permission, which follows as a notice.
  void permit(BaseId base, const IpAddress& peer, Instant now);
  // Relayed bases: a channel to the peer, for less overhead.
  void bind_channel(BaseId base, const TransportAddress& peer, Instant now);

  // FoundCandidate for everything that is still true, for the start of another generation.
  void tell_everything_again();
  const std::vector<Candidate>& found() const { return found_; }
  const std::vector<ServerReport>& reports() const { return reports_; }
  bool done() const { return done_; }

 private:
  struct UdpBase {
    BaseId id;
    SocketId socket;
    IpAddress ip;
    TransportAddress local;  // once bound
    std::uint32_t local_preference = 0;
    bool bound = false;
    PortSequence ports{};  // of the NAT in front of it
  };
  struct KnownServer {
    std::size_t index;  // into Settings::servers
    TransportAddress address;
    bool operator==(const KnownServer&) const = default;
  };

  // gatherer.cc
  void on_interfaces(const InterfacesChanged& changed, Instant now);
  void on_bound(const UdpBound& bound, Instant now);
  void on_udp_closed(SocketId socket, Instant now);
  bool on_datagram(Datagram& datagram, Instant now);
  bool answers_query(const Datagram& datagram, Instant now);
  void drop_udp_base(std::size_t index, Instant now);
  void found(Candidate candidate);
  void tell(Candidate candidate);
  void found_reflexive(UdpBase& base, const TransportAddress& mapped,
                       const TransportAddress& server);
  void predict(UdpBase& base);
  void leave(SocketId socket, const TransportAddress& destination, Packet packet);
  std::string next_foundation();
  std::string hidden_name();
  void tell_if_done();
  UdpBase* of_socket(SocketId socket);

  // gatherer_servers.cc
  void resolve_servers(Instant now);
  void look_for_nat64();
  void ask_through_nat64(const KnownServer& server, Instant now);
  void on_resolved(const NameResolved& resolved, Instant now);
  void server_known(std::size_t index, const IpAddress& ip, Instant now);
  void ask(const UdpBase& base, const KnownServer& server, Instant now);
  void query(const UdpBase& base, const KnownServer& server, Instant now);
  void send_query(const UdpBase& base, const ServerQuery& query);
  void on_query_done(const ServerQuery& query, std::optional<TransportAddress> mapped);
  Relay* add_relay(const KnownServer& server, const IpAddress& from);
  void allocate_over_udp(const UdpBase& base, const KnownServer& server, Instant now);
  void allocate_over_streams(Instant now);
  void allocate_again(Instant now);
  bool is_stream_server(const KnownServer& server) const;
  bool has_relay() const;
  bool asks_relays_over_udp() const;
  bool on_stream_input(HostInput& input, Instant now);
  void pump(Relay& relay, Instant now);
  void relay_event(Relay& relay, turn::Client::Event event, Instant now);
  void relay_up(Relay& relay, const turn::Allocated& allocated);
  void relay_down(Relay& relay, Instant now);
  Relay* of_base(BaseId base);
  void report(std::size_t server, const std::optional<IpAddress>& from, ServerResult result,
              std::uint16_t code);

  const Settings& settings_;
  Random random_;
  PacketPool& packets_;
  Outbox& outbox_;
  std::vector<UdpBase> udp_;
  std::vector<KnownServer> servers_;
  std::map<NameQueryId, std::size_t> resolving_;
  std::optional<NameQueryId> nat64_query_;
  std::optional<Nat64Prefix> nat64_;
  std::vector<ServerQuery> queries_;
  std::vector<std::unique_ptr<Relay>> relays_;
  std::vector<Candidate> found_;
  std::vector<ServerReport> reports_;
  std::map<std::pair<BaseId, TransportAddress>, TransportAddress> mapped_by_;  // by server
  std::uint32_t foundations_ = 0;
  std::map<IpAddress, std::string> names_;  // that stand for host addresses
  // Whom a server said no to; not asked again with the same credentials.
  std::set<std::pair<SocketId, TransportAddress>> refused_;
  Fifo<Notice> notices_;
  std::optional<Instant> streams_at_;  // when relays over streams are tried
  std::optional<Instant> again_at_;    // when lost allocations are asked for again
  Duration again_after_ = rules::first_wait_for_relay();
  std::uint32_t next_relay_ = 1;
  bool interfaces_known_ = false;
  bool udp_answered_ = false;  // a TURN server has said something over UDP
  bool started_ = false;
  bool done_ = false;
};

}  // namespace beeline::ice
