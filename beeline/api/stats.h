// What getStats() of W3C gives (webrtc-stats), as plain structs: the same names in snake_case, the
// same types. Times are in seconds, as there; none where not known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beeline/api/configuration.h"

namespace beeline {

// RTCTransportStats. Bytes and packets are those of DTLS and what is in it; ICE's own are not
// counted, as there.
struct TransportStats {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::string ice_role;   // "controlling", "controlled"
  std::string ice_state;  // "new", "checking", "connected", "disconnected", "failed", "closed"
  std::string ice_local_username_fragment;
  std::string dtls_state;                  // "new", "connecting", "connected", "closed", "failed"
  std::string dtls_role;                   // "client", "server", "unknown"
  std::string dtls_cipher;                 // as IANA or OpenSSL names it; empty before it is known
  std::string selected_candidate_pair_id;  // empty: none
  // Beeline's own: SCTP.
  std::uint64_t sctp_retransmissions = 0;  // chunks
  std::optional<double> sctp_round_trip_time;
};

// RTCIceCandidateStats. Both ends' are listed; `address` is empty where the other side hides it.
struct CandidateStats {
  std::string id;
  std::string address;
  std::uint16_t port = 0;
  std::string protocol;        // "udp", "tcp"
  std::string candidate_type;  // "host", "srflx", "prflx", "relay"
  std::uint32_t priority = 0;
  std::string foundation;
  std::string related_address;  // empty: none
  std::uint16_t related_port = 0;
  std::string tcp_type;  // "active", "passive", "so"; empty for UDP
};

// RTCIceCandidatePairStats.
struct CandidatePairStats {
  std::string id;
  std::string local_candidate_id;
  std::string remote_candidate_id;
  std::string state;       // "frozen", "waiting", "in-progress", "failed", "succeeded"
  bool nominated = false;  // data takes it
  std::uint64_t requests_sent = 0;
  std::uint64_t responses_received = 0;
  std::uint64_t requests_received = 0;
  std::optional<double> current_round_trip_time;
  // Beeline's own: why it is as it is, one of the codes of ice/explanation.h ("no_answer").
  std::string reason;
};

// RTCDataChannelStats.
struct DataChannelStats {
  std::string label;
  std::string protocol;
  std::optional<std::uint16_t> data_channel_identifier;
  DataChannelState state = DataChannelState::kConnecting;
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_sent = 0;  // of messages, as the next ones
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_received = 0;
};

// RTCPeerConnectionStats.
struct PeerConnectionStats {
  std::uint64_t data_channels_opened = 0;
  std::uint64_t data_channels_closed = 0;
};

// RTCStatsReport, sorted by type.
struct StatsReport {
  double timestamp = 0;  // milliseconds since 1970-01-01
  PeerConnectionStats peer_connection;
  TransportStats transport;
  std::vector<CandidatePairStats> candidate_pairs;  // best first
  std::vector<CandidateStats> local_candidates;
  std::vector<CandidateStats> remote_candidates;
  std::vector<DataChannelStats> data_channels;  // that are not closed
};

}  // namespace beeline
