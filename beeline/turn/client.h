// A TURN client (RFC 8656) as a core: one allocation on one server over one transport. The owner
// has the socket or the stream; this only says bytes. No choice of servers, no TCP allocations.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/fifo.h"
#include "beeline/base/instant.h"
#include "beeline/base/packet.h"
#include "beeline/base/random.h"
#include "beeline/base/timer_table.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/transaction.h"
#include "beeline/turn/client_authenticator.h"
#include "beeline/turn/client_error.h"
#include "beeline/turn/stream_framer.h"

namespace beeline::turn {

struct ClientSettings {
  std::string username;
  std::string password;
  // TCP or TLS: requests are not repeated, and messages have to be found in the bytes.
  bool stream = false;
  stun::Transaction::Timing timing;
  std::size_t max_permissions = 64;
  std::size_t max_channels = 64;
};

enum class RelayFamilies : std::uint8_t { kV4, kV6, kBoth };

// --- inputs ---
// A whole datagram of the server; packets of others are not for this.
struct FromServer {
  Packet packet;
};
// Of the server's stream, cut anywhere. Borrowed for the call.
struct ServerBytes {
  Bytes bytes;
};

// --- transmit ---
// A datagram, or the next bytes of the stream.
struct ToServer {
  Packet packet;
};

// --- events ---
struct Allocated {
  std::vector<TransportAddress> relayed;  // one per family, at most two
  TransportAddress mapped;                // as the server sees us
};
// The end of this client; another attempt is another client.
struct AllocationFailed {
  ClientError reason;
  int code = 0;  // STUN's error code, 0 where it is not the server that says so
  // RFC 8656 §7.4: not to be tried on this server before. With kMismatch never from this address.
  Duration retry_after{};
  std::optional<TransportAddress> alternate;  // with kAlternateServer
};
// The end of this client, after Allocated.
struct AllocationLost {
  ClientError reason;
  int code = 0;
};
struct PeerData {
  TransportAddress peer;
  Packet packet;  // the packet that came, without what TURN had put around it
};
struct PermissionReady {
  IpAddress peer;
};
// There is none, or no longer; it is not tried again before the next permit().
struct PermissionFailed {
  IpAddress peer;
  ClientError reason;
  int code = 0;
};
// Answers close(): the server knows, or will not answer. The socket may go.
struct Released {};

// What was not done, and how often.
struct ClientCounters {
  std::uint64_t malformed = 0;        // neither STUN nor ChannelData, or broken
  std::uint64_t forged = 0;           // an answer without the right integrity, a tampered challenge
  std::uint64_t foreign = 0;          // an answer to nothing that was asked
  std::uint64_t unknown_channel = 0;  // data on a channel that is not ours
  std::uint64_t unpermitted_data = 0;  // data of somebody to whom we gave no permission
  std::uint64_t too_large = 0;         // frames of a stream that no packet can hold
  std::uint64_t unsent = 0;            // send() without permission or allocation
};

//   idle ──allocate()──▶ allocating ──▶ allocated ──close()──▶ releasing ──▶ ended
//                            └── failed ───┴── lost ───────────────────────────┘
// No timer runs in idle and ended.
class Client {
 public:
  using Input = std::variant<FromServer, ServerBytes>;
  using Transmit = ToServer;
  using Event = std::variant<Allocated, AllocationFailed, AllocationLost, PeerData, PermissionReady,
                             PermissionFailed, Released>;

  // `packets` is borrowed.
  Client(ClientSettings settings, const Random& random, PacketPool& packets);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // Once. Answered by Allocated, which may have fewer families than were asked for, or by
  // AllocationFailed.
  void allocate(RelayFamilies families, Instant now);
  // Answered by PermissionReady (also where there is one already) or PermissionFailed, and kept
  // until the end. May be said before Allocated, then it is asked for right after. All that are
  // said before a flush() go in as few requests as possible.
  void permit(const IpAddress& peer, Instant now);
  // Asks for a channel, and for the permission where there is none. Nothing is said of it: send()
  // and PeerData are the same with and without.
  void bind_channel(const TransportAddress& peer, Instant now);
  // Wrapped in place, with 48 bytes of head room; as ChannelData where the channel is bound. A
  // permission that is being asked for is good enough, because the server reads the request first.
  void send(const TransportAddress& peer, Packet packet, Instant now);
  // For the next time the server asks who we are. RFC 8656 §5 wants the name that made an
  // allocation in all its requests, so an allocation stays with it until the server refuses it.
  void set_credentials(std::string username, std::string password, Instant now);
  // Asks at once whether the server still has the allocation: it may have been started anew, or see
  // another address of ours. AllocationLost where not; nothing is said otherwise.
  void verify(Instant now);
  // Answered by Released; no other event comes after this.
  void close(Instant now);

  bool has_allocation() const { return state_ == State::kAllocated; }
  // Whether the server has yet to say if there is an allocation.
  bool awaits_verdict() const { return state_ == State::kAllocating || refreshing_; }
  const ClientCounters& counters() const { return counters_; }

 private:
  enum class State : std::uint8_t { kIdle, kAllocating, kAllocated, kReleasing, kEnded };
  enum class Timer : std::uint8_t {
    kTransaction,
    kRefresh,
    kExpiry,
    kPermission,
    kChannel,
    kCount
  };
  // A permission or a channel, from the first wish to the end.
  struct Grant {
    bool owed = true;     // a request for it is to be made
    bool asking = false;  // a request for it is on its way
    bool ready = false;
    bool alone = false;  // not together with others: one of them was refused
    int failures = 0;    // since it was last granted
    Instant refresh_at{};
    Instant expires{};
  };
  struct BoundChannel {
    stun::ChannelNumber number;
    Grant grant;
  };
  // What a request is for.
  struct AllocateRequest {};
  struct RefreshRequest {
    bool release = false;
  };
  struct PermissionRequest {
    std::vector<IpAddress> peers;
  };
  struct ChannelRequest {
    TransportAddress peer;
  };
  using Purpose = std::variant<AllocateRequest, RefreshRequest, PermissionRequest, ChannelRequest>;
  // A request whose answer is waited for.
  struct Request {
    Purpose purpose;
    stun::Transaction transaction;
    Instant asked;                    // when it was first sent
    std::vector<std::uint8_t> bytes;  // to send again as they are
    std::optional<Protection> protection;
    int challenges = 0;       // how often the server asked to say it anew
    bool distrusted = false;  // an answer to it was dropped
  };
  struct Failure {
    ClientError reason;
    int code = 0;
    std::optional<TransportAddress> alternate;
  };

  // client.cc
  void on(FromServer input, Instant now);
  void on(ServerBytes input, Instant now);
  void on_stun(Packet packet, Instant now);
  void release(Instant now);
  void lose(const Failure& failure);
  void end();
  void rearm();

  // client_requests.cc
  void ask(Purpose purpose, int challenges, Instant now);
  void write(stun::MessageWriter& writer, const AllocateRequest&) const;
  void write(stun::MessageWriter& writer, const RefreshRequest& refresh) const;
  void write(stun::MessageWriter& writer, const PermissionRequest& permission) const;
  void write(stun::MessageWriter& writer, const ChannelRequest& channel) const;
  void on_response(const stun::Message& response, Instant now);
  bool is_trusted(const Request& request, const stun::Message& response, int code);
  bool may_ask_anew(const Request& request, int code);
  void distrust(std::size_t index, Instant now);
  Request take_request(std::size_t index);
  void handle_due_requests(Instant now);
  void fail(const Request& request, const Failure& failure, Instant now);

  // client_allocation.cc
  void succeeded(const Request& request, const AllocateRequest&, const stun::Message& response,
                 Instant now);
  void succeeded(const Request& request, const RefreshRequest& refresh,
                 const stun::Message& response, Instant now);
  void failed(const AllocateRequest&, const Failure& failure, Instant now);
  void failed(const RefreshRequest& refresh, const Failure& failure, Instant now);
  void refresh_if_due(Instant now);

  // client_grants.cc
  void succeeded(const Request& request, const PermissionRequest& permission,
                 const stun::Message& response, Instant now);
  void succeeded(const Request& request, const ChannelRequest& channel,
                 const stun::Message& response, Instant now);
  void failed(const PermissionRequest& permission, const Failure& failure, Instant now);
  void failed(const ChannelRequest& channel, const Failure& failure, Instant now);
  bool relays(IpFamily family) const { return family == IpFamily::kV4 ? relays_v4_ : relays_v6_; }
  void withdraw(const IpAddress& peer, const Failure& failure);
  void withdraw_unrelayed();
  void handle_due_permissions(Instant now);
  void handle_due_channels(Instant now);
  void ask_for_owed_permissions(Instant now);
  void ask_for_owed_channels(Instant now);

  // client_relay.cc
  void on_data(const stun::Message& message, Packet packet);
  void on_channel_data(Packet packet);
  void deliver(const TransportAddress& peer, Packet packet);

  ClientSettings settings_;
  Random random_;
  PacketPool& packets_;
  StreamFramer framer_;
  ClientAuthenticator authenticator_;
  State state_ = State::kIdle;
  bool closing_ = false;  // close() was said
  RelayFamilies families_ = RelayFamilies::kV4;
  bool relays_v4_ = false;
  bool relays_v6_ = false;
  Instant refresh_at_;
  Instant expires_;
  bool refreshing_ = false;
  int refresh_failures_ = 0;
  Failure last_failure_{ClientError::kExpired, 0, {}};
  std::vector<Request> requests_;
  std::map<IpAddress, Grant> permissions_;
  // A number belongs to one peer for good, also where its binding failed or ended: RFC 8656 §12
  // forbids others to have it for five minutes, and there are enough.
  std::map<TransportAddress, BoundChannel> channels_;
  std::map<stun::ChannelNumber, TransportAddress> peer_of_channel_;
  bool permissions_owed_ = false;
  bool channels_owed_ = false;
  TimerTable<Timer> timers_;
  Fifo<ToServer> transmits_;
  Fifo<Event> events_;
  ClientCounters counters_;
};

}  // namespace beeline::turn
