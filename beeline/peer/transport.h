// Where ICE, DTLS and SCTP meet, and nowhere else: one flat pump that carries what one layer has to
// say to the next. RFC 7983 tells whose a datagram is, RFC 8261 puts SCTP into DTLS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/log.h"
#include "beeline/base/random.h"
#include "beeline/crypto/identity.h"
#include "beeline/dtls/early_datagrams.h"
#include "beeline/dtls/session.h"
#include "beeline/ice/agent.h"
#include "beeline/sctp/data_channel/channels.h"

namespace beeline::peer {

struct TransportSettings {
  ice::Settings ice;
  sctp::Settings sctp;
  crypto::Identity identity;
};

// W3C RTCPeerConnectionState.
enum class ConnectionState : std::uint8_t {
  kNew,
  kConnecting,
  kConnected,     // data flows
  kDisconnected,  // the path does not answer; another is looked for
  kFailed,        // see the reason
  kClosed,
};
std::string_view to_string(ConnectionState state);

// Why there is no connection, for programs; docs/ has what to do about each.
enum class FailureReason : std::uint8_t {
  kNone,
  kNoPath,               // ICE found none, or the one there was went away
  kFingerprintMismatch,  // whoever answers is not who signaling announced
  kDtls,                 // another failure of the handshake
  kClosedByPeer,         // close_notify, or the end of the SCTP association
  kProtocolViolation,    // the other side broke SCTP's rules
};
std::string_view to_string(FailureReason reason);

struct ConnectionChanged {
  ConnectionState state = ConnectionState::kNew;
  FailureReason reason = FailureReason::kNone;
  std::string detail;  // for people
};

using TransportEvent = std::variant<HostRequest, ice::CandidateGathered, ice::GatheringDone,
                                    ice::PathChanged, ConnectionChanged, sctp::ChannelEvent>;

// What a description of the other side says about how to reach it.
struct RemoteTransport {
  ice::Parameters ice;
  std::vector<dtls::Fingerprint> fingerprints;
  dtls::Role dtls_role = dtls::Role::kClient;  // ours
  std::uint16_t sctp_port = 5000;
  std::size_t max_message = 65536;      // bytes it takes; 0: any
  std::vector<std::uint8_t> sctp_init;  // where both sides sent one (SNAP)
};

class Transport {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = TransportEvent;

  // `packets` and `log` are borrowed.
  Transport(TransportSettings settings, const Random& random, PacketPool& packets, Log& log);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit() { return agent_.poll_transmit(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const;

  // The layers' own commands, where a wrapper would only repeat them.
  ice::Agent& agent() { return agent_; }
  const ice::Agent& agent() const { return agent_; }
  sctp::Channels& channels() { return channels_; }
  const sctp::Channels& channels() const { return channels_; }
  const dtls::Session* dtls() const { return dtls_ ? &*dtls_ : nullptr; }

  // The other side's description was agreed on, for the first time or again. Another ICE ufrag than
  // before is a restart; the DTLS role and the rest stay as they were agreed first.
  void set_remote(const RemoteTransport& remote, Instant now);
  void close(Instant now);

  ConnectionState state() const { return state_; }
  FailureReason failure() const { return failure_; }
  // What waits for the role of DTLS to be known, in datagrams.
  std::size_t early_datagrams() const { return early_.size(); }

  struct Counters {
    // Of DTLS and what is in it, by whichever path.
    std::uint64_t packets_sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t packets_received = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t not_ours = 0;  // datagrams that are neither DTLS nor anything else known
    std::uint64_t media = 0;     // RTP and RTCP, for which nobody is here yet
    std::uint64_t not_sent = 0;  // packets for which ICE had no path
  };
  const Counters& counters() const { return counters_; }

 private:
  void pump_down(Instant now);
  bool pump_up(Instant now);
  void take(ice::AgentEvent event, Instant now);
  void take(dtls::Session::Event event, Instant now);
  void take(sctp::ChannelEvent event, Instant now);
  void on_datagram(Packet packet, Instant now);
  void begin_dtls(Instant now);
  void settle_state(Instant now);
  void fail(FailureReason reason, std::string detail);
  Duration round_trip() const;
  std::size_t largest_packet() const;

  TransportSettings settings_;
  PacketPool& packets_;
  Log& log_;
  ice::Agent agent_;
  std::optional<dtls::Session> dtls_;  // once the role is known
  dtls::EarlyDatagrams early_;
  sctp::Channels channels_;
  std::optional<RemoteTransport> remote_;
  bool dtls_connected_ = false;
  bool sctp_connected_ = false;
  bool was_connected_ = false;
  ConnectionState state_ = ConnectionState::kNew;
  FailureReason failure_ = FailureReason::kNone;
  std::string detail_;
  Fifo<TransportEvent> events_;
  Counters counters_;
};

}  // namespace beeline::peer
