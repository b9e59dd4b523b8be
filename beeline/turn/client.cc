#include "beeline/turn/client.h"

#include <algorithm>
#include <utility>

#include "beeline/base/protocol_core.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/client_rules.h"

namespace beeline::turn {
namespace {

static_assert(ProtocolCore<Client>);

using stun::Class;
using stun::Method;

}  // namespace

Client::Client(ClientSettings settings, const Random& random, PacketPool& packets)
    : settings_(std::move(settings)),
      random_(random.fork("turn client")),
      packets_(packets),
      framer_(packets),
      authenticator_(settings_.username, settings_.password) {}

std::optional<Client::Transmit> Client::poll_transmit() {
  return transmits_.pop();
}
std::optional<Client::Event> Client::poll_event() {
  return events_.pop();
}
std::optional<Instant> Client::next_timeout() const {
  const auto next = timers_.next();
  return next ? std::optional(next->at) : std::nullopt;
}

void Client::handle_input(Input input, Instant now) {
  if (state_ == State::kEnded) return;
  std::visit([&](auto& one) { on(std::move(one), now); }, input);
}

void Client::on(FromServer input, Instant now) {
  const Bytes bytes = input.packet.bytes();
  //= RFC 8656 §12.5
  // The first two bits tell STUN (00) from ChannelData (01).
  if (stun::looks_like_stun(bytes)) return on_stun(std::move(input.packet), now);
  if (!bytes.empty() && (bytes[0] & 0xC0) == 0x40) return on_channel_data(std::move(input.packet));
  ++counters_.malformed;
}

void Client::on(ServerBytes input, Instant now) {
  while (state_ != State::kEnded) {
    switch (framer_.read(input.bytes)) {
      case StreamFramer::Result::kMore:
        return;
      case StreamFramer::Result::kFrame:
        on(FromServer{framer_.take()}, now);
        break;
      case StreamFramer::Result::kTooLarge:
        ++counters_.too_large;
        break;
      case StreamFramer::Result::kBroken:
        ++counters_.malformed;
        return lose({ClientError::kBrokenStream, 0, {}});
    }
  }
}

void Client::on_stun(Packet packet, Instant now) {
  const auto message = stun::Message::parse(packet.bytes());
  const bool broken = !message || (message->has(stun::AttributeType::kFingerprint) &&
                                   !stun::check_fingerprint(*message));
  if (broken) {
    ++counters_.malformed;
    return;
  }
  switch (message->message_class()) {
    case Class::kSuccess:
    case Class::kError:
      on_response(*message, now);
      return rearm();
    case Class::kIndication:
      if (message->method() == Method::kData) {
        const stun::Message parsed = *message;  // its views stay good: the buffer moves as a whole
        return on_data(parsed, std::move(packet));
      }
      break;
    case Class::kRequest:
      break;
  }
  ++counters_.foreign;  // a server asks nothing
}

void Client::handle_timeout(Instant now) {
  if (state_ == State::kEnded) return;
  handle_due_requests(now);
  refresh_if_due(now);
  handle_due_permissions(now);
  handle_due_channels(now);
  rearm();
}

void Client::flush(Instant now) {
  if (state_ != State::kAllocated) return;
  if (!permissions_owed_ && !channels_owed_) return;
  if (std::exchange(permissions_owed_, false)) ask_for_owed_permissions(now);
  if (std::exchange(channels_owed_, false)) ask_for_owed_channels(now);
  rearm();
}

void Client::set_credentials(std::string username, std::string password, Instant) {
  authenticator_.replace(std::move(username), std::move(password));
  //= RFC 8656 §5
  // The name that made an allocation is the one that may use it; before there is one, any will do.
  if (state_ == State::kIdle) authenticator_.use_replacement();
}

void Client::close(Instant now) {
  if (std::exchange(closing_, true)) return;
  events_.clear();
  // An Allocate on its way may succeed, and then there is something to give back.
  if (state_ == State::kAllocating) return;
  if (state_ == State::kAllocated) return release(now);
  end();
}

//= RFC 8656 §8.1
// A lifetime of zero ends the allocation and with it everything that hangs on it.
void Client::release(Instant now) {
  requests_.clear();
  permissions_.clear();
  channels_.clear();
  peer_of_channel_.clear();
  state_ = State::kReleasing;
  ask(RefreshRequest{.release = true}, 0, now);
  rearm();
}

// The end of the allocation, or of the attempt to get one.
void Client::lose(const Failure& failure) {
  if (!closing_) {
    if (state_ == State::kAllocated)
      events_.push(AllocationLost{failure.reason, failure.code});
    else
      events_.push(AllocationFailed{failure.reason, failure.code,
                                    rules::retry_allocation_after(failure.reason),
                                    failure.alternate});
  }
  end();
}

void Client::end() {
  state_ = State::kEnded;
  requests_.clear();
  permissions_.clear();
  channels_.clear();
  peer_of_channel_.clear();
  timers_ = {};
  if (closing_) events_.push(Released{});
}

// Sets every timer to the earliest of what it is for.
void Client::rearm() {
  timers_ = {};
  const auto sooner = [this](Timer timer, Instant at) {
    if (const auto set = timers_.at(timer); !set || at < *set) timers_.set(timer, at);
  };
  for (const Request& request : requests_)
    sooner(Timer::kTransaction, request.transaction.next_timeout());
  if (state_ != State::kAllocated) return;
  sooner(Timer::kExpiry, expires_);
  if (!refreshing_) sooner(Timer::kRefresh, refresh_at_);
  const auto add = [&](Timer timer, const Grant& grant) {
    if (!grant.ready) return;
    sooner(timer, grant.expires);
    if (!grant.asking && !grant.owed) sooner(timer, grant.refresh_at);
  };
  for (const auto& [peer, permission] : permissions_) add(Timer::kPermission, permission);
  for (const auto& [peer, channel] : channels_) add(Timer::kChannel, channel.grant);
}

}  // namespace beeline::turn
