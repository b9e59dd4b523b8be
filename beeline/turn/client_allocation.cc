// turn::Client: Allocate and Refresh (RFC 8656 §7, §8).
#include <algorithm>
#include <utility>

#include "beeline/turn/client.h"
#include "beeline/turn/client_rules.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;

std::optional<Duration> lifetime_of(const stun::Message& response) {
  const auto attribute = response.find(AttributeType::kLifetime);
  const auto seconds = attribute ? stun::read_u32(attribute->value) : std::nullopt;
  return seconds ? std::optional<Duration>(std::chrono::seconds(*seconds)) : std::nullopt;
}

std::optional<TransportAddress> mapped_address_of(const stun::Message& response) {
  const auto attribute = response.find(AttributeType::kXorMappedAddress);
  return attribute ? stun::read_xor_address(attribute->value, response.transaction_id())
                   : std::nullopt;
}

}  // namespace

void Client::allocate(RelayFamilies families, Instant now) {
  ensure(state_ == State::kIdle, "a client allocates once");
  families_ = families;
  state_ = State::kAllocating;
  if (settings_.username.size() > stun::kMaxUsername)
    return lose({ClientError::kUnauthorized, 0, {}});
  ask(AllocateRequest{}, 0, now);
  rearm();
}

//= RFC 8656 §7.3
void Client::succeeded(const Request& request, const AllocateRequest&,
                       const stun::Message& response, Instant now) {
  std::vector<TransportAddress> relayed;
  response.for_each([&](const stun::Attribute& attribute) {
    if (attribute.type != AttributeType::kXorRelayedAddress) return;
    const auto address = stun::read_xor_address(attribute.value, response.transaction_id());
    if (!address || relays(address->ip.family())) return;
    (address->ip.is_v4() ? relays_v4_ : relays_v6_) = true;
    relayed.push_back(*address);
  });
  const auto mapped = mapped_address_of(response);
  const auto lifetime = lifetime_of(response);
  if (relayed.empty() || !mapped || !lifetime || *lifetime == Duration{})
    return lose({ClientError::kMalformed, 0, {}});
  if (closing_) return release(now);
  state_ = State::kAllocated;
  expires_ = rules::allocation_expires(request.asked, *lifetime);
  refresh_at_ = rules::refresh_allocation_at(request.asked, *lifetime);
  events_.push(Allocated{std::move(relayed), *mapped});
  withdraw_unrelayed();
  permissions_owed_ = channels_owed_ = true;
}

void Client::failed(const AllocateRequest&, const Failure& failure, Instant) {
  lose(failure);
}

//= RFC 8656 §8.3
void Client::succeeded(const Request& request, const RefreshRequest& refresh,
                       const stun::Message& response, Instant now) {
  if (refresh.release) return end();
  const auto lifetime = lifetime_of(response);
  if (!lifetime) return failed(refresh, {ClientError::kMalformed, 0, {}}, now);
  // An allocation that has reached its greatest age is not prolonged but ended.
  if (*lifetime == Duration{}) return lose({ClientError::kExpired, 0, {}});
  refreshing_ = false;
  refresh_failures_ = 0;
  last_failure_ = {ClientError::kExpired, 0, {}};
  expires_ = rules::allocation_expires(request.asked, *lifetime);
  refresh_at_ = rules::refresh_allocation_at(request.asked, *lifetime);
}

void Client::failed(const RefreshRequest& refresh, const Failure& failure, Instant now) {
  if (refresh.release) return end();
  //= RFC 8656 §8.3
  // The server was started anew, or takes us for somebody else.
  if (failure.reason == ClientError::kMismatch) return lose(failure);
  refreshing_ = false;
  last_failure_ = failure;
  refresh_at_ = now + rules::retry_after(++refresh_failures_);
}

void Client::verify(Instant now) {
  if (state_ != State::kAllocated) return;
  refresh_at_ = std::min(refresh_at_, now);
  refresh_if_due(now);
  rearm();
}

void Client::refresh_if_due(Instant now) {
  if (state_ != State::kAllocated) return;
  if (now >= expires_) return lose(last_failure_);
  if (refreshing_ || now < refresh_at_) return;
  refreshing_ = true;
  ask(RefreshRequest{}, 0, now);
}

}  // namespace beeline::turn
