#include "beeline/peer/peer_connection.h"

#include <algorithm>

#include "beeline/peer/candidate_text.h"

namespace beeline::peer {
namespace {

// Networks that come and go bring new ones for as long as the connection lives.
constexpr std::size_t kMostDescribed = 64;

}  // namespace

PeerConnection::PeerConnection(TransportSettings settings, const Random& random,
                               PacketPool& packets, Log& log)
    : transport_(settings, random.fork("transport"), packets, log),
      negotiation_(random.fork("session id").u64() >> 1),
      fingerprint_(dtls::fingerprint_of(settings.identity)),
      max_message_(settings.sctp.max_message) {}

void PeerConnection::flush(Instant now) {
  transport_.flush(now);
  while (auto event = transport_.poll_event()) take(std::move(*event));
}

void PeerConnection::take(TransportEvent event) {
  if (const auto* found = std::get_if<ice::CandidateGathered>(&event)) {
    const sdp::Candidate candidate = to_sdp(found->candidate);
    if (gathered_.size() >= kMostDescribed) gathered_.erase(gathered_.begin());
    gathered_.push_back(candidate);
    negotiation_.add_local_candidate(candidate);
    events_.push(IceCandidate{sdp::candidate_string(candidate), negotiation_.mid(),
                              negotiation_.index(), transport_.agent().local_parameters().ufrag});
    return;
  }
  if (std::holds_alternative<ice::GatheringDone>(event)) {
    gathered_all_ = true;
    negotiation_.end_local_candidates();
    events_.push(IceCandidate{"", negotiation_.mid(), negotiation_.index(),
                              transport_.agent().local_parameters().ufrag});
    return;
  }
  if (auto* request = std::get_if<HostRequest>(&event)) events_.push(std::move(*request));
  if (auto* path = std::get_if<ice::PathChanged>(&event)) events_.push(std::move(*path));
  if (auto* changed = std::get_if<ConnectionChanged>(&event)) events_.push(std::move(*changed));
  if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) events_.push(std::move(*channel));
}

LocalTransport PeerConnection::local_transport() const {
  return {transport_.agent().local_parameters(), fingerprint_, max_message_,
          transport_.channels().association().local_init()};
}

PeerConnection::Made PeerConnection::create_offer(Instant now) {
  if (restart_wanted_ && negotiation_.state() == SignalingState::kStable) {
    restart_wanted_ = false;
    restarted_ = true;
    if (gathering_) begin_generation(now);
  }
  return negotiation_.make_offer(local_transport(), transport_.channels().open_channels() > 0);
}

PeerConnection::Made PeerConnection::create_answer(Instant now) {
  //= RFC 8839 §4.4.1.1
  // Begun anew by one side, it is begun anew by both; once, however often the answer is made.
  if (negotiation_.is_remote_restart() && transport_.agent().remote_parameters() && !restarted_) {
    begin_generation(now);
    restarted_ = true;
  }
  return negotiation_.make_answer(local_transport());
}

void PeerConnection::begin_generation(Instant now) {
  gathered_.clear();
  gathered_all_ = false;
  transport_.agent().restart(now);
}

//= RFC 9429 §5.2.1
// A description says what was gathered before it, too. The other side may have passed over those it
// was told alone: they came with an offer that it ignored.
void PeerConnection::describe_gathered() {
  for (const sdp::Candidate& candidate : gathered_) negotiation_.add_local_candidate(candidate);
  if (gathered_all_) negotiation_.end_local_candidates();
}

PeerConnection::Applied PeerConnection::set_local_description(const Description& description,
                                                              Instant now) {
  const auto applied = negotiation_.set_local(description);
  if (!applied) return std::unexpected(applied.error());
  if (description.type == DescriptionType::kRollback)
    taken_back();
  else
    describe_gathered();
  if (!gathering_ && description.type != DescriptionType::kRollback) {
    //= RFC 8445 §6.1.1
    if (description.type != DescriptionType::kOffer)
      transport_.agent().take_role(ice::Role::kControlled);
    gathering_ = true;
    transport_.agent().gather(now);
  }
  if (*applied) agreed(now);
  tell_state_if_changed();
  return {};
}

PeerConnection::Made PeerConnection::set_local_description(Instant now) {
  const bool answer = negotiation_.state() == SignalingState::kHaveRemoteOffer ||
                      negotiation_.state() == SignalingState::kHaveLocalPranswer;
  auto made = answer ? create_answer(now) : create_offer(now);
  if (!made) return made;
  if (const auto applied = set_local_description(*made, now); !applied)
    return std::unexpected(applied.error());
  return made;
}

PeerConnection::Applied PeerConnection::set_remote_description(const Description& description,
                                                               Instant now) {
  const bool gives_up_restart = restarted_ && description.type == DescriptionType::kOffer &&
                                negotiation_.state() == SignalingState::kHaveLocalOffer;
  const auto applied = negotiation_.set_remote(description);
  if (!applied) return std::unexpected(applied.error());
  if (description.type == DescriptionType::kRollback) taken_back();
  if (gives_up_restart && !negotiation_.is_remote_restart()) {
    restarted_ = false;
    restart_wanted_ = true;
  }
  if (*applied) agreed(now);
  tell_state_if_changed();
  return {};
}

// An offer of either side is void. ICE that has begun anew for it cannot go back: it has to be
// agreed on after all, and so has whatever else was never agreed on.
void PeerConnection::taken_back() {
  restart_wanted_ |= restarted_;
  restarted_ = need_told_ = false;
  const bool first = !negotiation_.remote() && transport_.channels().open_channels() > 0;
  if (restart_wanted_ || first) need_negotiation();
}

void PeerConnection::agreed(Instant now) {
  const RemoteSection& remote = *negotiation_.remote();
  transport_.set_remote({.ice = remote.ice,
                         .fingerprints = remote.fingerprints,
                         .dtls_role = *negotiation_.dtls_role(),
                         .sctp_port = remote.sctp_port,
                         .max_message = remote.max_message,
                         .sctp_init = remote.sctp_init},
                        now);
  add_candidates(remote, now);
  restarted_ = need_told_ = false;
  if (restart_wanted_) need_negotiation();
}

void PeerConnection::add_candidates(const RemoteSection& remote, Instant now) {
  for (const ice::Candidate& candidate : remote.candidates)
    transport_.agent().add_remote(candidate, now);
  if (remote.candidates_complete) transport_.agent().end_of_remote_candidates(now);
}

bool PeerConnection::add_ice_candidate(std::string_view text, std::string_view ufrag, Instant now) {
  const auto& remote = negotiation_.remote();
  if (!remote) return false;
  if (sdp::is_end_of_candidates(text)) {
    if (transport_.agent().remote_parameters()) transport_.agent().end_of_remote_candidates(now);
    return true;
  }
  const auto parsed = sdp::Candidate::parse(text);
  if (!parsed) return false;
  const std::string_view of = ufrag.empty() ? parsed->extension("ufrag") : ufrag;
  if (!of.empty() && of != remote->ice.ufrag) return true;
  const auto candidate = to_ice(*parsed);
  if (!candidate || candidate->component != 1) return true;
  if (negotiation_.state() == SignalingState::kHaveRemoteOffer) {
    // Our answer is not made yet: kept with the offer it belongs to.
    negotiation_.add_remote_candidate(*candidate);
    return true;
  }
  transport_.agent().add_remote(*candidate, now);
  return true;
}

void PeerConnection::restart_ice() {
  restart_wanted_ = true;
  need_negotiation();
}

void PeerConnection::set_servers(std::vector<ice::Server> servers, Instant now) {
  transport_.agent().set_servers(std::move(servers), now);
}

void PeerConnection::need_negotiation() {
  if (need_told_ || negotiation_.state() != SignalingState::kStable) return;
  need_told_ = true;
  events_.push(NegotiationNeeded{});
}

void PeerConnection::tell_state_if_changed() {
  if (told_ == negotiation_.state()) return;
  told_ = negotiation_.state();
  events_.push(SignalingStateChanged{told_});
}

std::expected<sctp::ChannelId, sctp::OpenError> PeerConnection::create_data_channel(
    sctp::ChannelOptions options, std::optional<sctp::StreamId> number, Instant now) {
  auto made = transport_.channels().open(std::move(options), number, now);
  if (made && !negotiation_.remote()) need_negotiation();
  return made;
}

std::expected<void, sctp::ChannelSendError> PeerConnection::send(sctp::ChannelId channel, bool text,
                                                                 std::vector<std::uint8_t> bytes,
                                                                 Instant now) {
  return transport_.channels().send(channel, text, std::move(bytes), now);
}

void PeerConnection::close(Instant now) {
  if (negotiation_.state() == SignalingState::kClosed) return;
  negotiation_.close();
  transport_.close(now);
  tell_state_if_changed();
}

}  // namespace beeline::peer
