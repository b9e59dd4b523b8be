// RTCPeerConnection of the W3C, for data, as a core: its names in snake_case, and an executor is
// whoever drains it. A facade over negotiation and transport that decides nothing they can decide.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/peer/negotiation/negotiation.h"
#include "beeline/peer/transport.h"

namespace beeline::peer {

// Time to make an offer (W3C negotiationneeded).
struct NegotiationNeeded {};
struct SignalingStateChanged {
  SignalingState state = SignalingState::kStable;
};
// To be carried to the other side's add_ice_candidate(). An empty candidate: nothing follows.
struct IceCandidate {
  std::string candidate;
  std::string mid;
  std::size_t line_index = 0;  // sdpMLineIndex
  std::string ufrag;           // usernameFragment
};
struct IceGatheringDone {};

using PeerEvent = std::variant<HostRequest, NegotiationNeeded, SignalingStateChanged, IceCandidate,
                               ConnectionChanged, ice::PathChanged, sctp::ChannelEvent>;

class PeerConnection {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = PeerEvent;

  // `packets` and `log` are borrowed.
  PeerConnection(TransportSettings settings, const Random& random, PacketPool& packets, Log& log);
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  void handle_input(Input input, Instant now) { transport_.handle_input(std::move(input), now); }
  void handle_timeout(Instant now) { transport_.handle_timeout(now); }
  void flush(Instant now);
  std::optional<Transmit> poll_transmit() { return transport_.poll_transmit(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const { return transport_.next_timeout(); }

  // --- negotiation ---
  using Made = std::expected<Description, NegotiationError>;
  using Applied = std::expected<void, NegotiationError>;
  Made create_offer(Instant now);
  Made create_answer(Instant now);
  // What create_offer() or create_answer() made, unchanged, or a rollback.
  Applied set_local_description(const Description& description, Instant now);
  // The one that comes next, made on the spot. What the other side is to be told is
  // local_description(): it has the candidates that were gathered so far.
  Made set_local_description(Instant now);
  Applied set_remote_description(const Description& description, Instant now);
  // "candidate:…", as the other side's event had it. Empty: nothing follows. Of another ICE
  // generation than the one described: passed over. False where it cannot be read, or nothing was
  // described yet.
  bool add_ice_candidate(std::string_view candidate, std::string_view ufrag, Instant now);
  // The next offer begins ICE anew; NegotiationNeeded follows.
  void restart_ice();
  // New TURN credentials, for what is gathered from now on.
  void set_servers(std::vector<ice::Server> servers, Instant now);

  SignalingState signaling_state() const { return negotiation_.state(); }
  ConnectionState connection_state() const { return transport_.state(); }
  std::string local_description() const { return negotiation_.local_description(); }
  std::string remote_description() const { return negotiation_.remote_description(); }

  // --- data channels ---
  // `number`: agreed on elsewhere (W3C negotiated, id).
  std::expected<sctp::ChannelId, sctp::OpenError> create_data_channel(
      sctp::ChannelOptions options, std::optional<sctp::StreamId> number, Instant now);
  std::expected<void, sctp::ChannelSendError> send(sctp::ChannelId channel, bool text,
                                                   std::vector<std::uint8_t> bytes, Instant now);
  sctp::Channels& channels() { return transport_.channels(); }

  // Nothing comes after this but ConnectionChanged.
  void close(Instant now);

  const Transport& transport() const { return transport_; }
  // None before both sides have agreed.
  std::optional<dtls::Role> dtls_role() const { return negotiation_.dtls_role(); }
  ice::Explanation explain() const { return transport_.agent().explain(); }

 private:
  LocalTransport local_transport() const;
  void agreed(Instant now);
  void taken_back();
  void begin_generation(Instant now);
  void describe_gathered();
  void add_candidates(const RemoteSection& remote, Instant now);
  void take(TransportEvent event);
  void tell_state_if_changed();
  void need_negotiation();

  Transport transport_;
  Negotiation negotiation_;
  dtls::Fingerprint fingerprint_;
  std::size_t max_message_;
  SignalingState told_ = SignalingState::kStable;
  bool gathering_ = false;
  std::vector<sdp::Candidate> gathered_;  // of this ICE generation
  bool gathered_all_ = false;
  bool restart_wanted_ = false;
  bool restarted_ = false;  // and the offer that says so is not agreed on yet
  bool need_told_ = false;
  Fifo<PeerEvent> events_;
};

}  // namespace beeline::peer
