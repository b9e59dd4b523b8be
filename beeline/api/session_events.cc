// What the core tells its session, on its way to the application.
#include <utility>

#include "beeline/api/session.h"
#include "beeline/api/words.h"

namespace beeline::api {

void Session::settle() {
  if (parts_) parts_->host.settle();
}

// Once for everything that is sent until then.
void Session::settle_soon() {
  if (std::exchange(settling_soon_, true)) return;
  turns_->add([session = weak_from_this()] {
    const auto self = session.lock();
    if (!self) return;
    self->settling_soon_ = false;
    self->settle();
  });
}

void Session::on_flushed() {
  std::erase_if(watched_, [this](sctp::ChannelId id) {
    const auto one = channel(id);
    return !one || !one->look_at_senders();
  });
}

void Session::on_broken(std::string what) {
  on_state(ConnectionState::kFailed, {Reason::kInternal, std::move(what)});
}

void Session::handle_event(peer::PeerEvent event) {
  if (auto* candidate = std::get_if<peer::IceCandidate>(&event)) {
    on_candidate(std::move(*candidate));
  } else if (auto* changed = std::get_if<peer::ConnectionChanged>(&event)) {
    on_state(from_core(changed->state), {reason_of(changed->reason), std::move(changed->detail)});
  } else if (std::holds_alternative<peer::NegotiationNeeded>(event)) {
    negotiations->put(true);
  } else if (const auto* signaling = std::get_if<peer::SignalingStateChanged>(&event)) {
    signaling_states->put(from_core(signaling->state));
  } else if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) {
    on_channel(std::move(*channel));
  }
}

void Session::on_candidate(peer::IceCandidate candidate) {
  if (candidate.candidate.empty())
    gathered.settle({});
  else
    gathered.unsettle();
  candidates->put({std::move(candidate.candidate), std::move(candidate.mid),
                   static_cast<std::uint16_t>(candidate.line_index), std::move(candidate.ufrag)});
}

void Session::on_state(ConnectionState to, Error why) {
  if (state == ConnectionState::kClosed || (state == to && to == ConnectionState::kFailed)) return;
  state = to;
  failure =
      to == ConnectionState::kFailed || to == ConnectionState::kClosed ? std::move(why) : Error{};
  if (failure)
    connected.settle(failure.code());
  else if (to == ConnectionState::kConnected)
    connected.settle({});
  else
    connected.unsettle();
  states->put(to);
  // A path can be found again. Whoever failed otherwise, or is gone, does not come back.
  if (failure && failure.reason != Reason::kNoPath) end_everything();
}

void Session::end_everything() {
  while (!channels_.empty()) channel_closed(channels_.begin()->first, failure);
  candidates->end(failure.code());
  accepted->end(failure.code());
  if (state != ConnectionState::kClosed) return;
  // Nothing is left of it, once everybody was told.
  turns_->add([session = weak_from_this()] {
    if (const auto self = session.lock()) self->wind_up();
  });
}

std::shared_ptr<ChannelState> Session::channel(sctp::ChannelId id) const {
  const auto at = channels_.find(id);
  return at == channels_.end() ? nullptr : at->second;
}

void Session::channel_closed(sctp::ChannelId id, const Error& why) {
  const auto closing = channel(id);
  if (!closing) return;
  channels_.erase(id);
  std::erase_if(gone_, [](const auto& one) { return one.expired(); });
  gone_.push_back(closing);
  ++channels_closed;
  closing->on_closed(why);
}

void Session::on_channel(sctp::ChannelEvent event) {
  if (auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    const auto of = channel(message->channel);
    if (of) return of->on_message(std::move(*message));
    release(message->bytes.size());
  } else if (auto* low = std::get_if<sctp::ChannelBufferedLow>(&event)) {
    if (const auto of = channel(low->channel)) of->on_buffered_low();
  } else if (auto* ours = std::get_if<sctp::ChannelOpened>(&event)) {
    if (const auto of = channel(ours->channel)) {
      ++channels_opened;
      of->on_opened();
    }
  } else if (auto* theirs = std::get_if<sctp::ChannelAccepted>(&event)) {
    const auto made =
        std::make_shared<ChannelState>(*this, theirs->channel, std::move(theirs->options), false);
    channels_[theirs->channel] = made;
    ++channels_opened;
    made->on_opened();
    accepted->put(made->handle());
  } else if (const auto* gone = std::get_if<sctp::ChannelClosed>(&event)) {
    const Error why{gone->refused ? Reason::kChannelRefused : Reason::kChannelClosed, {}};
    channel_closed(gone->channel, failure ? failure : why);
  }
}

}  // namespace beeline::api
