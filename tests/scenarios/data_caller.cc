#include "tests/scenarios/data_caller.h"

namespace beeline::scenarios {

void take_snap_away(peer::Description& description) {
  std::string& sdp = description.sdp;
  constexpr std::string_view kLine = "\na=sctp-init:";
  for (std::size_t at = sdp.find(kLine); at != std::string::npos; at = sdp.find(kLine, at))
    sdp.erase(at, sdp.find('\n', at + 1) - at);
}

ChannelCaller::ChannelCaller(sim::Node& node, peer::TransportSettings settings)
    : node_(node),
      world_(node.world()),
      peer_(std::move(settings), node.world().random("caller/" + node.name()),
            node.world().packets(), log_),
      host_(node, peer_, [this](peer::PeerEvent event) { handle(std::move(event)); }) {}

void ChannelCaller::meet(ChannelCaller& other, bool polite, Duration delay) {
  other_ = &other;
  polite_ = polite;
  delay_ = delay;
}

void ChannelCaller::tell(const std::function<void(peer::PeerConnection&, Instant)>& command) {
  command(peer_, world_.now());
  host_.settle();
}

// Signaling keeps its order and loses nothing.
void ChannelCaller::say(Word to_other) {
  if (other_ == nullptr) return;
  world_.after(delay_, [other = other_, to_other = std::move(to_other)]() mutable {
    other->inbox_.push_back(std::move(to_other));
    if (other->inbox_.size() == 1) other->read_inbox();
  });
}

// Who sleeps reads when they wake.
void ChannelCaller::read_inbox() {
  if (node_.suspended())
    return world_.after(std::chrono::milliseconds(50), [this] { read_inbox(); });
  while (!inbox_.empty()) {
    inbox_.front()(*this);
    host_.settle();
    inbox_.pop_front();
  }
}

void ChannelCaller::offer() {
  const auto made = peer_.set_local_description(world_.now());
  if (!made) {
    refused.push_back("offer: " + std::string(to_string(made.error().cause)));
    return;
  }
  peer::Description told{made->type, peer_.local_description()};
  if (tamper) tamper(told);
  say([told = std::move(told)](ChannelCaller& other) { other.on_description(told); });
}

// Perfect negotiation, as the W3C's example has it.
void ChannelCaller::on_description(const peer::Description& description) {
  const bool is_offer = description.type == peer::DescriptionType::kOffer;
  const bool glare = is_offer && peer_.signaling_state() != peer::SignalingState::kStable;
  ignoring_ = glare && !polite_;
  if (ignoring_) return;
  const auto applied = peer_.set_remote_description(description, world_.now());
  if (!applied)
    refused.push_back(std::string(to_string(description.type)) + ": " +
                      std::string(to_string(applied.error().cause)) + " " + applied.error().detail);
  if (applied && is_offer) offer();
}

void ChannelCaller::handle(peer::PeerEvent event) {
  if (std::holds_alternative<peer::NegotiationNeeded>(event)) offer();
  if (auto* found = std::get_if<peer::IceCandidate>(&event)) {
    say([candidate = std::move(*found)](ChannelCaller& other) {
      if (!other.peer_.add_ice_candidate(candidate.candidate, candidate.ufrag,
                                         other.world_.now()) &&
          !other.ignoring_)
        other.refused.push_back("candidate: " + candidate.candidate);
    });
  }
  if (auto* changed = std::get_if<peer::ConnectionChanged>(&event)) {
    if (changed->state == peer::ConnectionState::kConnected && !connected_at)
      connected_at = world_.now();
    states.push_back(std::move(*changed));
  }
  if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) handle(std::move(*channel));
}

void ChannelCaller::handle(sctp::ChannelEvent event) {
  if (auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    peer_.channels().release(message->bytes.size());
    received.push_back({message->channel, message->text, std::move(message->bytes)});
    if (on_received) on_received(received.back());
  }
  if (auto* one = std::get_if<sctp::ChannelAccepted>(&event)) accepted[one->channel] = one->options;
  if (const auto* one = std::get_if<sctp::ChannelOpened>(&event)) opened.push_back(one->channel);
  if (std::holds_alternative<sctp::ChannelAccepted>(event) ||
      std::holds_alternative<sctp::ChannelOpened>(event))
    if (!opened_at) opened_at = world_.now();
  if (const auto* one = std::get_if<sctp::ChannelClosed>(&event)) {
    closed.push_back(one->channel);
    if (on_closed) on_closed(one->channel);
  }
}

}  // namespace beeline::scenarios
