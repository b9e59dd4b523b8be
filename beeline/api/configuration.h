// What a connection is told when it is made (W3C RTCConfiguration), and what signaling carries
// (RTCSessionDescription, RTCIceCandidate). Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beeline {

// W3C RTCIceServer. `urls`: stun:, turn:, turns: (RFC 7064, RFC 7065). TURN needs both others.
struct IceServer {
  std::vector<std::string> urls;
  std::string username{};
  std::string credential{};
};

enum class IceTransportPolicy : std::uint8_t {
  kAll,
  kRelay,  // the other side learns no address of ours
};

struct Configuration {
  std::vector<IceServer> ice_servers{};
  IceTransportPolicy ice_transport_policy = IceTransportPolicy::kAll;
  // Names of the local network instead of host addresses (draft-ietf-mmusic-mdns-ice-candidates).
  bool hide_addresses = false;
  // Candidates over TCP as well (RFC 6544).
  bool tcp_candidates = false;
  // 127.0.0.1 and ::1 as well: for two programs of one machine.
  bool loopback = false;
  // Bytes of a message that we take, at most (RFC 8841 §6).
  std::size_t max_message_size = 256 * 1024;
  // Bytes of messages that wait for the application, at most, all channels together.
  std::size_t receive_window = 16 * 1024 * 1024;
  // Trusted for turns: besides what the system trusts (PEM); may be empty.
  std::string authority_pem{};
};

// W3C RTCSdpType.
enum class SdpType : std::uint8_t { kOffer, kPranswer, kAnswer, kRollback };
std::string_view to_string(SdpType type);  // "offer"
std::optional<SdpType> parse_sdp_type(std::string_view text);

// W3C RTCSessionDescription.
struct SessionDescription {
  SdpType type = SdpType::kOffer;
  std::string sdp{};
};

// W3C RTCIceCandidate. An empty `candidate`: nothing follows.
struct IceCandidate {
  std::string candidate{};  // "candidate:…"
  std::string sdp_mid{};
  std::uint16_t sdp_m_line_index = 0;
  std::string username_fragment{};
};

// W3C RTCPeerConnectionState, RTCSignalingState, RTCDataChannelState.
enum class ConnectionState : std::uint8_t {
  kNew,
  kConnecting,
  kConnected,     // data flows
  kDisconnected,  // the path does not answer; another is looked for
  kFailed,        // see failure(); restart_ice() may help
  kClosed,
};
enum class SignalingState : std::uint8_t {
  kStable,
  kHaveLocalOffer,
  kHaveRemoteOffer,
  kHaveLocalPranswer,
  kHaveRemotePranswer,
  kClosed,
};
enum class DataChannelState : std::uint8_t { kConnecting, kOpen, kClosing, kClosed };
// The words of W3C: "connected", "have-local-offer", "open".
std::string_view to_string(ConnectionState state);
std::string_view to_string(SignalingState state);
std::string_view to_string(DataChannelState state);

}  // namespace beeline
