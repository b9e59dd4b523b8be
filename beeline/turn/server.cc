#include "beeline/turn/server.h"

#include <algorithm>
#include <utility>

#include "beeline/base/protocol_core.h"
#include "beeline/stun/integrity.h"
#include "beeline/turn/channel_data.h"
#include "beeline/turn/server_reply.h"

namespace beeline::turn {
namespace {

static_assert(ProtocolCore<Server>);

using stun::AttributeType;
using stun::Class;
using stun::Method;

template <typename T>
std::optional<T> pop(std::deque<T>& queue) {
  if (queue.empty()) return std::nullopt;
  std::optional<T> front(std::move(queue.front()));
  queue.pop_front();
  return front;
}

std::vector<AttributeType> not_understood(const stun::Message& message) {
  std::vector<AttributeType> types;
  message.for_each([&](const stun::Attribute& attribute) {
    if (stun::is_comprehension_required(attribute.type) && !stun::is_known(attribute.type))
      types.push_back(attribute.type);
  });
  return types;
}

}  // namespace

Server::Server(Settings settings, const Random& random, PacketPool& packets, Log& log)
    : settings_(std::move(settings)),
      packets_(packets),
      log_(log),
      random_(random.fork("turn")),
      port_random_(random.fork("turn ports")),
      authenticator_(settings_.realm, settings_.secret, random, settings_.nonce_lifetime),
      table_(settings_.limits.bytes_per_second_per_user),
      policy_(settings_.policy,
              [this](const TransportAddress& address) {
                return table_.of_relayed_address(address) != nullptr;
              }),
      ports_v4_(settings_.first_relay_port, settings_.last_relay_port),
      ports_v6_(settings_.first_relay_port, settings_.last_relay_port) {}

std::optional<Server::Transmit> Server::poll_transmit() {
  return pop(transmits_);
}
std::optional<Server::Event> Server::poll_event() {
  return pop(events_);
}

void Server::handle_input(Input input, Instant now) {
  std::visit([&](auto& one) { on(std::move(one), now); }, input);
}

void Server::handle_timeout(Instant now) {
  while (const auto due = deadlines_.pop_due(now)) {
    if (const auto* client = std::get_if<FiveTuple>(&*due)) end(*client, EndReason::kExpired, now);
    if (const auto* token = std::get_if<std::uint64_t>(&*due)) end_reservation(*token);
  }
}

void Server::on(ClientDatagram input, Instant now) {
  const Bytes bytes = input.packet.bytes();
  //= RFC 8656 §12.5
  // The first two bits tell STUN (00) from ChannelData (01).
  if (stun::looks_like_stun(bytes)) return on_stun(std::move(input), now);
  if (!bytes.empty() && (bytes[0] & 0xC0) == 0x40) return on_channel_data(std::move(input), now);
  drop(Drop::kMalformed);
}

void Server::on_stun(ClientDatagram input, Instant now) {
  const auto message = stun::Message::parse(input.packet.bytes());
  if (!message || (message->has(AttributeType::kFingerprint) && !stun::check_fingerprint(*message)))
    return drop(Drop::kMalformed);
  if (message->message_class() == Class::kRequest) return on_request(*message, input.client, now);
  if (message->message_class() == Class::kIndication && message->method() == Method::kSend) {
    const stun::Message parsed =
        *message;  // its views stay good: the packet's buffer moves as a whole
    return on_send(parsed, std::move(input), now);
  }
  // Responses and other indications are nothing to a server (RFC 8489 §6.3.2: silently).
}

void Server::on_request(const stun::Message& message, const FiveTuple& client, Instant now) {
  if (message.method() == Method::kBinding) return on_binding(message, client);
  ++counters_.requests;
  const auto sender = authenticator_.check(message, client.remote, now);
  if (!sender) return refuse_plainly(message, client, sender.error(), now);
  const Request request{message, client, *sender};
  //= RFC 8489 §6.3.1
  if (const auto unknown = not_understood(message); !unknown.empty()) {
    ++counters_.errors[420];
    return reply(Class::kError, message, client, &sender->key, [&](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 420, {});
      stun::add_unknown_attributes(writer, unknown);
    });
  }
  if (message.method() == Method::kAllocate) return allocate(request, now);
  const Allocation* allocation = table_.of_client(client);
  //= RFC 8656 §5
  if (allocation == nullptr) return refuse(request, 437);
  if (allocation->user != sender->user) return refuse(request, 441);
  switch (message.method()) {
    case Method::kRefresh:
      return refresh(request, now);
    case Method::kCreatePermission:
      return create_permission(request, now);
    case Method::kChannelBind:
      return bind_channel(request, now);
    default:
      return refuse(request, 400);
  }
}

//= RFC 8489 §6.3.1.1
// The smallest legal answer: a server that says more is worth more to those who forge source
// addresses.
void Server::on_binding(const stun::Message& message, const FiveTuple& client) {
  ++counters_.bindings;
  const auto unknown = not_understood(message);
  if (!unknown.empty()) {
    ++counters_.errors[420];
    return reply(Class::kError, message, client, nullptr, [&](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 420, {});
      stun::add_unknown_attributes(writer, unknown);
    });
  }
  reply(Class::kSuccess, message, client, nullptr, [&](stun::MessageWriter& writer) {
    stun::add_xor_address(writer, AttributeType::kXorMappedAddress, client.remote);
  });
}

// An answer to somebody who has shown no valid credential: no integrity, no reason phrase.
void Server::refuse_plainly(const stun::Message& message, const FiveTuple& client,
                            std::uint16_t code, Instant now) {
  ++counters_.errors[code];
  reply(Class::kError, message, client, nullptr, [&](stun::MessageWriter& writer) {
    stun::add_error_code(writer, code, {});
    if (code == 401 || code == 438) authenticator_.add_challenge(writer, client.remote, now);
  });
}

void Server::refuse(const Request& request, std::uint16_t code) {
  ++counters_.errors[code];
  log_.debug("turn_refused", {{"code", std::to_string(code)}, {"user", request.sender.user}});
  reply(Class::kError, request.message, request.client, &request.sender.key,
        [&](stun::MessageWriter& writer) { stun::add_error_code(writer, code, {}); });
}

//= RFC 8656 §7.2
std::chrono::seconds Server::granted_lifetime(const stun::Message& message) const {
  const auto attribute = message.find(AttributeType::kLifetime);
  const auto wanted = attribute ? stun::read_u32(attribute->value) : std::nullopt;
  if (!wanted) return settings_.default_lifetime;
  return std::clamp(std::chrono::seconds(*wanted), settings_.default_lifetime,
                    settings_.max_lifetime);
}

void Server::end(const FiveTuple& client, EndReason reason, Instant) {
  const auto allocation = table_.remove(client);
  if (!allocation) return;
  deadlines_.cancel(client);
  for (const RelayedAddress& relayed : allocation->relayed) release(relayed);
  log_.info("allocation_ended",
            {{"user", allocation->user},
             {"relayed", allocation->relayed.front().advertised.to_string()},
             {"bytes_to_peer", std::to_string(allocation->traffic.bytes_to_peer)},
             {"bytes_to_client", std::to_string(allocation->traffic.bytes_to_client)}});
  events_.push_back(AllocationEnded{client, allocation->user, reason, allocation->traffic});
}

void Server::release(const RelayedAddress& relayed) {
  ports(relayed.advertised.ip.family()).give_back(relayed.advertised.port);
  events_.push_back(ReleaseRelay{relayed.id});
}

void Server::end_reservation(std::uint64_t token) {
  const auto it = reservations_.find(token);
  if (it == reservations_.end()) return;
  release(it->second.relayed);
  reservations_.erase(it);
}

void Server::revoke(std::string_view user, Instant now) {
  for (const FiveTuple& client : table_.clients_of_user(user))
    end(client, EndReason::kRevoked, now);
}

}  // namespace beeline::turn
