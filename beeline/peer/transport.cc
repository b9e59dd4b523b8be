#include "beeline/peer/transport.h"

#include <algorithm>

namespace beeline::peer {
namespace {

constexpr Duration kUnknownRoundTrip = std::chrono::milliseconds(50);
// Bytes of SCTP that Ethernet takes with IP (also where it is made IPv6 on the way), UDP and a DTLS
// record around it.
constexpr std::size_t kLargestPacket = 1412;

//= RFC 7983 §7
bool is_dtls(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63;
}
bool is_media(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 128 && datagram[0] <= 191;
}

}  // namespace

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::kNew:
      return "new";
    case ConnectionState::kConnecting:
      return "connecting";
    case ConnectionState::kConnected:
      return "connected";
    case ConnectionState::kDisconnected:
      return "disconnected";
    case ConnectionState::kFailed:
      return "failed";
    case ConnectionState::kClosed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(FailureReason reason) {
  switch (reason) {
    case FailureReason::kNone:
      return "none";
    case FailureReason::kNoPath:
      return "no_path";
    case FailureReason::kFingerprintMismatch:
      return "fingerprint_mismatch";
    case FailureReason::kDtls:
      return "dtls_failed";
    case FailureReason::kClosedByPeer:
      return "closed_by_peer";
    case FailureReason::kProtocolViolation:
      return "protocol_violation";
  }
  return "unknown";
}

Transport::Transport(TransportSettings settings, const Random& random, PacketPool& packets,
                     Log& log)
    : settings_(std::move(settings)),
      packets_(packets),
      log_(log),
      agent_(settings_.ice, ice::Role::kControlling, random.fork("ice"), packets, log),
      channels_(settings_.sctp, random.fork("sctp"), packets, log) {}

void Transport::handle_input(Input input, Instant now) {
  agent_.handle_input(std::move(input), now);
}

void Transport::handle_timeout(Instant now) {
  agent_.handle_timeout(now);
  if (dtls_) dtls_->handle_timeout(now);
  channels_.handle_timeout(now);
}

std::optional<Instant> Transport::next_timeout() const {
  auto at = agent_.next_timeout();
  if (dtls_) at = earliest(at, dtls_->next_timeout());
  return sctp_connected_ || dtls_connected_ ? earliest(at, channels_.next_timeout()) : at;
}

// Until no layer has news for another: what comes up may make something owed, which goes down.
void Transport::flush(Instant now) {
  do {
    pump_down(now);
  } while (pump_up(now));
  settle_state(now);
}

void Transport::pump_down(Instant now) {
  channels_.flush(now);
  while (auto packet = channels_.poll_transmit())
    if (!dtls_ || !dtls_->send(std::move(*packet), now)) ++counters_.not_sent;
  if (dtls_) {
    dtls_->flush(now);
    while (auto datagram = dtls_->poll_transmit()) {
      const std::size_t size = datagram->size();
      if (!agent_.send(std::move(*datagram), now)) {
        ++counters_.not_sent;
        continue;
      }
      ++counters_.packets_sent;
      counters_.bytes_sent += size;
    }
  }
  agent_.flush(now);
}

bool Transport::pump_up(Instant now) {
  bool news = false;
  while (auto event = agent_.poll_event()) {
    take(std::move(*event), now);
    news = true;
  }
  while (auto event = dtls_ ? dtls_->poll_event() : std::nullopt) {
    take(std::move(*event), now);
    news = true;
  }
  while (auto event = channels_.poll_event()) take(std::move(*event), now);
  return news;
}

void Transport::take(ice::AgentEvent event, Instant now) {
  if (auto* received = std::get_if<ice::Received>(&event))
    return on_datagram(std::move(received->packet), now);
  if (const auto* changed = std::get_if<ice::StateChanged>(&event)) {
    if (changed->state == ice::State::kConnected) begin_dtls(now);
    return;
  }
  if (auto* path = std::get_if<ice::PathChanged>(&event)) {
    begin_dtls(now);
    if (sctp_connected_) channels_.association().on_new_path(round_trip(), now, largest_packet());
    events_.push(std::move(*path));
    return;
  }
  if (auto* request = std::get_if<HostRequest>(&event)) events_.push(std::move(*request));
  if (auto* found = std::get_if<ice::CandidateGathered>(&event)) events_.push(std::move(*found));
  if (std::holds_alternative<ice::GatheringDone>(event)) events_.push(ice::GatheringDone{});
}

void Transport::on_datagram(Packet packet, Instant now) {
  if (is_media(packet.bytes())) {
    ++counters_.media;
    return;
  }
  if (!is_dtls(packet.bytes())) {
    ++counters_.not_ours;
    return;
  }
  ++counters_.packets_received;
  counters_.bytes_received += packet.size();
  if (dtls_) {
    dtls_->handle_input(std::move(packet), now);
  } else {
    //= RFC 5763 §5
    // The answer is still on its way, the answerer's handshake is not.
    early_.keep(std::move(packet));
  }
}

Duration Transport::round_trip() const {
  const auto path = agent_.path();
  return path && path->round_trip ? *path->round_trip : kUnknownRoundTrip;
}

// Relays add bytes of their own and cut on the far side what we said must not be cut; in a stream
// nothing is won. In IPv6 nobody on the way cuts anything, so that a chunk that was made for a
// wider path could be stuck for good where routers keep silent.
std::size_t Transport::largest_packet() const {
  const auto path = agent_.path();
  const bool grows = path && !path->relayed && path->local.is_udp() &&
                     path->local.address.ip.is_v4() && path->remote.address.ip.is_v4();
  return grows ? kLargestPacket : 0;
}

// As soon as there is a path and somebody is known to be at its end.
void Transport::begin_dtls(Instant now) {
  if (dtls_ || !remote_ || !agent_.path()) return;
  dtls_.emplace(
      dtls::Settings{
          .role = remote_->dtls_role,
          .identity = settings_.identity,
          .remote_fingerprints = remote_->fingerprints,
          .first_timeout = std::max<Duration>(2 * round_trip(), std::chrono::milliseconds(50)),
          // ICE says when there is no way, DTLS does not.
          .handshake_limit = std::nullopt,
          // Not for data, but Pion ends a handshake that does not offer or take it.
          .srtp_profiles = {dtls::SrtpProfile::kAeadAes128Gcm,
                            dtls::SrtpProfile::kAes128CmHmacSha1_80}},
      packets_, log_);
  dtls_->start(now);
  while (auto datagram = early_.take()) dtls_->handle_input(std::move(*datagram), now);
}

void Transport::set_remote(const RemoteTransport& remote, Instant now) {
  const bool first = !remote_.has_value();
  if (first) {
    remote_ = remote;
    channels_.association().set_remote_port(remote.sctp_port);
    channels_.set_dtls_client(remote.dtls_role == dtls::Role::kClient);
  }
  channels_.association().set_max_outgoing(remote.max_message);
  // The same parameters again change nothing there.
  agent_.set_remote(remote.ice, now);
  if (dtls_) dtls_->set_remote_fingerprints(remote.fingerprints, now);
  begin_dtls(now);
}

void Transport::take(dtls::Session::Event event, Instant now) {
  if (auto* received = std::get_if<dtls::Received>(&event))
    return channels_.handle_input(std::move(received->packet), now);
  if (std::holds_alternative<dtls::Connected>(event)) {
    dtls_connected_ = true;
    auto& association = channels_.association();
    association.on_new_path(round_trip(), now, largest_packet());
    if (remote_->sctp_init.empty() || !association.connect_with(remote_->sctp_init, now))
      association.connect(now);
    return;
  }
  if (std::holds_alternative<dtls::Closed>(event))
    return fail(FailureReason::kClosedByPeer, "the other side said goodbye");
  const auto& failed = std::get<dtls::Failed>(event);
  const bool wrong_one = failed.reason == dtls::FailureReason::kFingerprintMismatch ||
                         failed.reason == dtls::FailureReason::kNoFingerprint ||
                         failed.reason == dtls::FailureReason::kNoCertificate;
  fail(wrong_one ? FailureReason::kFingerprintMismatch : FailureReason::kDtls,
       std::string(dtls::to_text(failed.reason)));
}

void Transport::take(sctp::ChannelEvent event, Instant) {
  if (std::holds_alternative<sctp::Connected>(event)) sctp_connected_ = true;
  if (const auto* ended = std::get_if<sctp::Ended>(&event);
      ended != nullptr && state_ != ConnectionState::kClosed) {
    const bool broke = ended->reason == sctp::EndReason::kProtocolViolation ||
                       ended->reason == sctp::EndReason::kMessageTooLong;
    fail(broke ? FailureReason::kProtocolViolation : FailureReason::kClosedByPeer,
         std::string(sctp::to_string(ended->reason)) +
             (ended->detail.empty() ? "" : ": " + ended->detail));
  }
  events_.push(std::move(event));
}

void Transport::fail(FailureReason reason, std::string detail) {
  if (failure_ != FailureReason::kNone) return;
  failure_ = reason;
  detail_ = std::move(detail);
  log_.warning("peer_failed", {{"reason", std::string(to_string(reason))}, {"detail", detail_}});
}

void Transport::settle_state(Instant now) {
  if (state_ == ConnectionState::kClosed) return;
  ConnectionState state = ConnectionState::kNew;
  FailureReason reason = FailureReason::kNone;
  const ice::State ice = agent_.state();
  if (failure_ == FailureReason::kClosedByPeer) {
    state = ConnectionState::kClosed;
    reason = failure_;
  } else if (failure_ != FailureReason::kNone || ice == ice::State::kFailed) {
    state = ConnectionState::kFailed;
    reason = failure_ != FailureReason::kNone ? failure_ : FailureReason::kNoPath;
  } else if (was_connected_ && ice == ice::State::kDisconnected) {
    state = ConnectionState::kDisconnected;
  } else if (was_connected_ && ice == ice::State::kChecking) {
    // Begun anew after no path was left: nothing flows before one works.
    state = ConnectionState::kConnecting;
  } else if (dtls_connected_) {
    state = ConnectionState::kConnected;
    was_connected_ = true;
  } else if (ice != ice::State::kNew) {
    state = ConnectionState::kConnecting;
  }
  if (state == state_) return;
  state_ = state;
  // Nothing comes after this: no relay is held, nobody is asked anything any more.
  if (state_ == ConnectionState::kClosed) agent_.close(now);
  events_.push(ConnectionChanged{state, reason, detail_});
}

void Transport::close(Instant now) {
  if (state_ == ConnectionState::kClosed) return;
  if (!channels_.association().is_ended()) channels_.association().abort(now);
  pump_down(now);
  if (dtls_) dtls_->close(now);
  pump_down(now);
  state_ = ConnectionState::kClosed;
  agent_.close(now);
  events_.push(ConnectionChanged{state_, FailureReason::kNone, {}});
}

}  // namespace beeline::peer
