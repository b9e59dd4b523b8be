// turn::Server: Allocate and Refresh (RFC 8656 §7, §8).
#include <algorithm>

#include "beeline/turn/server_reply.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::Class;
using stun::Method;
using stun::RequestedFamily;

constexpr int kBindTries = 8;
constexpr auto kReservationTime = std::chrono::seconds(30);  // RFC 8656 §7.2

// The family an attribute asks for; none where it is absent, kUnknown where its value is malformed
// or no family.
std::optional<RequestedFamily> wanted_family(const stun::Message& message, AttributeType type) {
  const auto attribute = message.find(type);
  if (!attribute) return std::nullopt;
  return stun::read_address_family(attribute->value).value_or(RequestedFamily::kUnknown);
}

}  // namespace

const RelayFamily* Server::family(IpFamily family) const {
  for (const RelayFamily& one : settings_.families)
    if (one.advertised.family() == family) return &one;
  return nullptr;
}

//= RFC 8656 §7.2
void Server::allocate(const Request& request, Instant now) {
  if (const Allocation* existing = table_.of_client(request.client)) {
    // The same request again, because our answer was lost, gets the same answer.
    if (existing->transaction == request.message.transaction_id())
      return reply_allocated(&request.message, *existing, now);
    return refuse(request, Refusal::kAllocationExists, now);
  }
  if (pending_.contains(request.client)) return;  // the answer is on its way
  if (request.sender.credential_expires < wall_time_)
    return refuse_plainly(request.message, request.client, Refusal::kExpiredCredential, now);
  if (revoked_.refuse(request.sender.user, request.sender.credential_expires))
    return refuse_plainly(request.message, request.client, Refusal::kRevokedCredential, now);
  const auto transport = request.message.find(AttributeType::kRequestedTransport);
  const auto protocol = transport ? stun::read_requested_transport(transport->value) : std::nullopt;
  if (!protocol) return refuse(request, Refusal::kMalformed, now);
  if (*protocol != stun::kProtocolUdp) return refuse(request, Refusal::kUnsupportedTransport, now);
  Pending pending{request.client,
                  request.sender,
                  request.message.transaction_id(),
                  granted_lifetime(request.message),
                  false,
                  {}};
  const auto token = request.message.find(AttributeType::kReservationToken);
  const auto refusal = plan(request, pending);
  if (refusal) return refuse(request, *refusal, now);
  if (const auto quota = over_quota(request)) return refuse(request, *quota, now);
  if (token) return allocate_reserved(request, token->value, now);
  Pending& added = pending_.emplace(request.client, std::move(pending)).first->second;
  for (Binding& binding : added.bindings) bind_next_port(added, binding);
  finish_if_bound(added, now);
}

std::optional<Refusal> Server::over_quota(const Request& request) const {
  const Limits& limits = settings_.limits;
  if (table_.count_of_user(request.sender.user) >= limits.allocations_per_user)
    return Refusal::kUserQuota;
  if (table_.count_of_source(request.client.remote.ip) >= limits.allocations_per_source)
    return Refusal::kSourceQuota;
  if (table_.size() + pending_.size() >= limits.allocations) return Refusal::kServerQuota;
  return std::nullopt;
}

// Fills in what must be bound; a refusal where the request asks for what it may not or we
// cannot.
std::optional<Refusal> Server::plan(const Request& request, Pending& pending) const {
  const stun::Message& message = request.message;
  const auto requested = wanted_family(message, AttributeType::kRequestedAddressFamily);
  const auto additional = wanted_family(message, AttributeType::kAdditionalAddressFamily);
  const auto even_attribute = message.find(AttributeType::kEvenPort);
  const auto even = even_attribute ? stun::read_even_port(even_attribute->value) : std::nullopt;
  if (even_attribute && !even) return Refusal::kMalformed;
  const bool pair = even.value_or(false);
  const bool token = message.has(AttributeType::kReservationToken);
  if (token && (even_attribute || requested || additional)) return Refusal::kMalformed;
  if (requested && additional) return Refusal::kMalformed;
  if (additional && (pair || *additional == RequestedFamily::kV4)) return Refusal::kMalformed;
  if (token) return std::nullopt;
  if (requested == RequestedFamily::kUnknown) return Refusal::kUnsupportedFamily;
  const RelayFamily* primary =
      family(requested == RequestedFamily::kV6 ? IpFamily::kV6 : IpFamily::kV4);
  if (primary == nullptr) return Refusal::kUnsupportedFamily;
  Binding binding;
  binding.family = *primary;
  binding.even = even.has_value();
  binding.pair = pair;
  pending.bindings.push_back(binding);
  if (additional) {
    const RelayFamily* second = family(IpFamily::kV6);
    pending.additional_unavailable = second == nullptr || *additional == RequestedFamily::kUnknown;
    if (!pending.additional_unavailable) {
      pending.bindings.push_back({});
      pending.bindings.back().family = *second;
      pending.bindings.back().additional = true;
    }
  }
  return std::nullopt;
}

void Server::allocate_reserved(const Request& request, Bytes token, Instant now) {
  const auto number = stun::read_u64(token);
  if (!number) return refuse(request, Refusal::kMalformed, now);
  const auto it = reservations_.find(*number);
  if (it == reservations_.end() || it->second.user != request.sender.user)
    return refuse(request, Refusal::kNoReservation, now);
  const RelayedAddress relayed = it->second.relayed;
  reservations_.erase(it);
  deadlines_.cancel(*number);
  Allocation& allocation = make(request.client, request.sender, request.message.transaction_id(),
                                {relayed}, granted_lifetime(request.message), now);
  reply_allocated(&request.message, allocation, now);
}

// Asks the host for the next random port, or gives the binding up.
void Server::bind_next_port(Pending& pending, Binding& binding) {
  RelayPorts& free_ports = ports(binding.family.advertised.family());
  const auto port = binding.tries < kBindTries
                        ? free_ports.take(port_random_, binding.even, binding.pair)
                        : std::nullopt;
  if (!port) {
    binding.failed = true;
    return;
  }
  ++binding.tries;
  binding.port = *port;
  for (std::uint16_t offset = 0; offset < (binding.pair ? 2 : 1); ++offset) {
    const RelayId relay{next_relay_++};
    binding.waiting.push_back(relay);
    binding_for_.emplace(relay, pending.client);
    events_.push(BindRelay{
        relay, {binding.family.bound, Port{static_cast<std::uint16_t>(port->value + offset)}}});
  }
}

Server::Pending* Server::pending_of(RelayId relay, Binding*& binding) {
  const auto client = binding_for_.find(relay);
  if (client == binding_for_.end()) return nullptr;
  Pending& pending = pending_.at(client->second);
  binding_for_.erase(client);
  for (Binding& one : pending.bindings)
    if (std::erase(one.waiting, relay) > 0) binding = &one;
  return &pending;
}

void Server::on(RelayBound input, Instant now) {
  Binding* binding = nullptr;
  Pending* pending = pending_of(input.relay, binding);
  if (pending == nullptr) return;
  binding->bound.push_back(input.relay);
  finish_if_bound(*pending, now);
}

void Server::on(RelayBindFailed input, Instant now) {
  Binding* binding = nullptr;
  Pending* pending = pending_of(input.relay, binding);
  if (pending == nullptr) return;
  give_up(*binding);  // another program holds that port
  bind_next_port(*pending, *binding);
  finish_if_bound(*pending, now);
}

// Lets go of the port that is being bound, and of both where it is a pair.
void Server::give_up(Binding& binding) {
  for (const RelayId relay : binding.waiting) {
    binding_for_.erase(relay);
    events_.push(ReleaseRelay{relay});
  }
  for (const RelayId relay : binding.bound) events_.push(ReleaseRelay{relay});
  binding.waiting.clear();
  binding.bound.clear();
  RelayPorts& taken = ports(binding.family.advertised.family());
  taken.give_back(binding.port);
  if (binding.pair) taken.give_back(Port{static_cast<std::uint16_t>(binding.port.value + 1)});
}

//= RFC 8656 §3.1
// An allocation lives no longer than the connection it was made on, and neither does one that is
// still being made.
void Server::on(ClientStreamClosed input, Instant now) {
  if (const auto it = pending_.find(input.client); it != pending_.end()) {
    for (Binding& binding : it->second.bindings)
      if (!binding.failed) give_up(binding);
    pending_.erase(it);
  }
  end(input.client, EndReason::kDisconnected, now);
}

void Server::finish_if_bound(Pending& pending, Instant now) {
  const auto done = [](const Binding& binding) {
    return binding.failed || binding.waiting.empty();
  };
  if (!std::ranges::all_of(pending.bindings, done)) return;
  Pending finished = std::move(pending);
  pending_.erase(finished.client);
  create(finished, now);
}

void Server::create(Pending& pending, Instant now) {
  std::vector<RelayedAddress> relayed;
  const Binding& primary = pending.bindings.front();
  const auto address_of = [](const Binding& binding, std::uint16_t offset) {
    return TransportAddress{binding.family.advertised,
                            Port{static_cast<std::uint16_t>(binding.port.value + offset)}};
  };
  // Revoked while its address was being bound.
  const bool revoked = revoked_.refuse(pending.sender.user, pending.sender.credential_expires);
  if (primary.failed || revoked) {
    for (const Binding& binding : pending.bindings)
      for (std::uint16_t i = 0; !binding.failed && i < binding.bound.size(); ++i)
        release({binding.bound[i], address_of(binding, i)});
    return reply_failed(pending, revoked ? Refusal::kRevokedCredential : Refusal::kNoPort, now);
  }
  for (const Binding& binding : pending.bindings)
    if (!binding.failed) relayed.push_back({binding.bound[0], address_of(binding, 0)});
  Allocation& allocation = make(pending.client, pending.sender, pending.transaction,
                                std::move(relayed), pending.lifetime, now);
  allocation.additional_failed =
      pending.additional_unavailable || (pending.bindings.size() > 1 && pending.bindings[1].failed);
  if (primary.pair) {
    const std::uint64_t token = random_.u64();
    reservations_.emplace(token,
                          Reservation{allocation.user, {primary.bound[1], address_of(primary, 1)}});
    deadlines_.set(token, now + kReservationTime);
    allocation.reservation_token = token;
  }
  reply_allocated(nullptr, allocation, now);
}

Allocation& Server::make(const FiveTuple& client, const Authenticated& sender,
                         const stun::TransactionId& transaction,
                         std::vector<RelayedAddress> relayed, std::chrono::seconds lifetime,
                         Instant now) {
  const std::uint64_t rate = settings_.limits.bytes_per_second_per_allocation;
  auto allocation = std::make_unique<Allocation>(Allocation{.client = client,
                                                            .user = sender.user,
                                                            .key = sender.key,
                                                            .transaction = transaction,
                                                            .relayed = std::move(relayed),
                                                            .additional_failed = false,
                                                            .reservation_token = std::nullopt,
                                                            .created = now,
                                                            .expires = now + lifetime,
                                                            .permissions = {},
                                                            .channels = {},
                                                            .channel_of_peer = {},
                                                            .bandwidth = TokenBucket(rate, rate),
                                                            .traffic = {}});
  Allocation& added = table_.add(std::move(allocation));
  deadlines_.set(client, added.expires);
  ++counters_.allocations_created;
  log_.info("allocation_created",
            {{"user", added.user}, {"relayed", added.relayed.front().advertised.to_string()}});
  return added;
}

// `request`: the retransmission that is being answered, or null for the first answer.
void Server::reply_allocated(const stun::Message* request, const Allocation& allocation,
                             Instant now) {
  const auto& id = request == nullptr ? allocation.transaction : request->transaction_id();
  transmits_.push(ToClient{
      allocation.client,
      write_message(
          packets_, Class::kSuccess, Method::kAllocate, id, &allocation.key,
          [&](stun::MessageWriter& writer) {
            for (const RelayedAddress& relayed : allocation.relayed)
              stun::add_xor_address(writer, AttributeType::kXorRelayedAddress, relayed.advertised);
            //= RFC 8656 §7.2
            if (allocation.additional_failed)
              stun::add_address_error_code(writer, IpFamily::kV6,
                                           family(IpFamily::kV6) == nullptr ? 440 : 508);
            const auto left =
                std::chrono::duration_cast<std::chrono::seconds>(allocation.expires - now);
            writer.add_u32(AttributeType::kLifetime, static_cast<std::uint32_t>(left.count()));
            if (allocation.reservation_token)
              writer.add_u64(AttributeType::kReservationToken, *allocation.reservation_token);
            stun::add_xor_address(writer, AttributeType::kXorMappedAddress,
                                  allocation.client.remote);
          })});
}

void Server::reply_failed(const Pending& pending, Refusal reason, Instant now) {
  note_refusal(reason, pending.client, pending.sender.user, now);
  transmits_.push(ToClient{
      pending.client, write_message(packets_, Class::kError, Method::kAllocate, pending.transaction,
                                    &pending.sender.key, [&](stun::MessageWriter& writer) {
                                      stun::add_error_code(writer, facts_of(reason).code, {});
                                    })});
}

//= RFC 8656 §8.2
void Server::refresh(const Request& request, Instant now) {
  Allocation& allocation = *table_.of_client(request.client);
  if (const auto wanted = wanted_family(request.message, AttributeType::kRequestedAddressFamily)) {
    const bool have =
        (*wanted == RequestedFamily::kV4 && allocation.relayed_for(IpFamily::kV4) != nullptr) ||
        (*wanted == RequestedFamily::kV6 && allocation.relayed_for(IpFamily::kV6) != nullptr);
    if (!have) return refuse(request, Refusal::kFamilyMismatch, now);
  }
  const auto attribute = request.message.find(AttributeType::kLifetime);
  const auto wanted = attribute ? stun::read_u32(attribute->value) : std::nullopt;
  std::chrono::seconds lifetime =
      wanted == 0U ? std::chrono::seconds(0) : granted_lifetime(request.message);
  // However often it is refreshed, an allocation ends with its credential's greatest age.
  const auto oldest = allocation.created + settings_.max_allocation_age;
  lifetime = std::min(lifetime, std::chrono::duration_cast<std::chrono::seconds>(oldest - now));
  allocation.key = request.sender.key;
  reply(Class::kSuccess, request.message, request.client, &request.sender.key,
        [&](stun::MessageWriter& writer) {
          writer.add_u32(AttributeType::kLifetime, static_cast<std::uint32_t>(lifetime.count()));
        });
  if (lifetime.count() <= 0) return end(request.client, EndReason::kDeleted, now);
  allocation.expires = now + lifetime;
  allocation.expire(now);
  deadlines_.set(request.client, allocation.expires);
}

}  // namespace beeline::turn
