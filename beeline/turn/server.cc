#include "beeline/turn/server.h"

#include <algorithm>
#include <array>
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

//= RFC 5780 §6
// RESPONSE-PORT would aim answers at a port that did not ask, PADDING would make them large: both
// serve those who forge source addresses better than those who test a NAT, so they are unknown
// everywhere, and CHANGE-REQUEST is where there is no other address to answer from.
bool is_understood(AttributeType type, bool answers_from_elsewhere) {
  if (type == AttributeType::kChangeRequest) return answers_from_elsewhere;
  if (type == AttributeType::kResponsePort || type == AttributeType::kPadding) return false;
  return stun::is_known(type);
}

std::vector<AttributeType> not_understood(const stun::Message& message,
                                          bool answers_from_elsewhere = false) {
  std::vector<AttributeType> types;
  message.for_each([&](const stun::Attribute& attribute) {
    if (stun::is_comprehension_required(attribute.type) &&
        !is_understood(attribute.type, answers_from_elsewhere))
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
      strangers_(random.fork("turn strangers"), settings_.limits.strangers),
      table_(settings_.limits.bytes_per_second_per_user),
      policy_(settings_.policy,
              [this](const TransportAddress& address) {
                return table_.of_relayed_address(address) != nullptr;
              }),
      ports_v4_(settings_.first_relay_port, settings_.last_relay_port),
      ports_v6_(settings_.first_relay_port, settings_.last_relay_port),
      revoked_(settings_.limits.revoked_users) {}

std::optional<Server::Transmit> Server::poll_transmit() {
  return transmits_.pop();
}
std::optional<Server::Event> Server::poll_event() {
  return events_.pop();
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
  if (message.method() == Method::kBinding) return on_binding(message, client, now);
  ++counters_.requests;
  const auto sender = authenticator_.check(message, client.remote, now);
  if (!sender) return refuse_plainly(message, client, sender.error(), now);
  const Request request{message, client, *sender};
  //= RFC 8489 §6.3.1
  if (const auto unknown = not_understood(message); !unknown.empty())
    return refuse_unknown(message, client, &sender->key, unknown, now);
  if (message.method() == Method::kAllocate) return allocate(request, now);
  const Allocation* allocation = table_.of_client(client);
  //= RFC 8656 §5
  if (allocation == nullptr) return refuse(request, Refusal::kNoAllocation, now);
  if (allocation->user != sender->user) return refuse(request, Refusal::kWrongUser, now);
  switch (message.method()) {
    case Method::kRefresh:
      return refresh(request, now);
    case Method::kCreatePermission:
      return create_permission(request, now);
    case Method::kChannelBind:
      return bind_channel(request, now);
    default:
      return refuse(request, Refusal::kUnknownMethod, now);
  }
}

//= RFC 8489 §6.3.1.1
// The smallest legal answer: a server that says more is worth more to those who forge source
// addresses.
void Server::on_binding(const stun::Message& message, const FiveTuple& client, Instant now) {
  if (!may_answer_stranger(client, now)) return;
  ++counters_.bindings;
  const Alternates* const alternates = alternates_at(client);
  const auto unknown = not_understood(message, alternates != nullptr);
  if (!unknown.empty()) return refuse_unknown(message, client, nullptr, unknown, now);
  if (alternates != nullptr) return answer_nat_test(message, client, *alternates, now);
  reply(Class::kSuccess, message, client, nullptr, [&](stun::MessageWriter& writer) {
    stun::add_xor_address(writer, AttributeType::kXorMappedAddress, client.remote);
  });
}

//= RFC 5780 §6.1
// Larger than a plain answer (68 bytes over IPv4 and not 32), which is one reason why this is off
// unless its owner wants it.
void Server::answer_nat_test(const stun::Message& message, const FiveTuple& client,
                             const Alternates& alternates, Instant now) {
  stun::ChangeRequest change;
  if (const auto attribute = message.find(AttributeType::kChangeRequest)) {
    const auto wanted = stun::read_change_request(attribute->value);
    if (!wanted) {
      note_refusal(Refusal::kMalformed, client, {}, now);
      return reply(Class::kError, message, client, nullptr, [](stun::MessageWriter& writer) {
        stun::add_error_code(writer, facts_of(Refusal::kMalformed).code, {});
      });
    }
    change = *wanted;
    ++counters_.nat_tests;
  }
  const std::size_t place = *alternates.place_of(client);
  const Place& origin = alternates.origin(place, change);
  // The RFC's table has it name the first address to whoever asks at the second; coturn's server
  // names the second to everybody, and its discovery program, which many use, asks there in turn.
  const Place& other = alternates.places.back();
  reply(Class::kSuccess, message, {origin.listener, origin.address, client.remote}, nullptr,
        [&](stun::MessageWriter& writer) {
          stun::add_xor_address(writer, AttributeType::kXorMappedAddress, client.remote);
          stun::add_address(writer, AttributeType::kMappedAddress, client.remote);
          stun::add_address(writer, AttributeType::kResponseOrigin, origin.address);
          stun::add_address(writer, AttributeType::kOtherAddress, other.address);
        });
}

const Alternates* Server::alternates_at(const FiveTuple& client) const {
  const auto it = std::ranges::find_if(alternates_, [&](const Alternates& alternates) {
    return alternates.place_of(client).has_value();
  });
  return it == alternates_.end() ? nullptr : &*it;
}

bool Server::may_answer_stranger(const FiveTuple& client, Instant now) {
  // All places of a NAT test share one budget, or somebody could be hit from each.
  const Alternates* const alternates = alternates_at(client);
  const ListenerId payer = alternates ? alternates->places[0].listener : client.listener;
  if (strangers_.take(client.remote.ip, payer.value, now)) return true;
  drop(Drop::kStranger);
  return false;
}

// An answer to somebody who has shown no valid credential: no integrity, no reason phrase.
void Server::refuse_plainly(const stun::Message& message, const FiveTuple& client, Refusal reason,
                            Instant now) {
  if (!may_answer_stranger(client, now)) return;
  note_refusal(reason, client, {}, now);
  const std::uint16_t code = facts_of(reason).code;
  reply(Class::kError, message, client, nullptr, [&](stun::MessageWriter& writer) {
    stun::add_error_code(writer, code, {});
    if (code == 401 || code == 438) authenticator_.add_challenge(writer, client.remote, now);
  });
}

void Server::refuse(const Request& request, Refusal reason, Instant now) {
  note_refusal(reason, request.client, request.sender.user, now);
  reply(Class::kError, request.message, request.client, &request.sender.key,
        [&](stun::MessageWriter& writer) {
          stun::add_error_code(writer, facts_of(reason).code, {});
        });
}

void Server::refuse_unknown(const stun::Message& message, const FiveTuple& client,
                            const stun::LongTermKey* key, const std::vector<AttributeType>& unknown,
                            Instant now) {
  note_refusal(Refusal::kUnknownAttribute, client, {}, now);
  reply(Class::kError, message, client, key, [&](stun::MessageWriter& writer) {
    stun::add_error_code(writer, facts_of(Refusal::kUnknownAttribute).code, {});
    stun::add_unknown_attributes(writer, unknown);
  });
}

// Counts and logs. A challenge is how every client starts; anything else is worth a line, as long
// as nobody can make us write too many.
void Server::note_refusal(Refusal reason, const FiveTuple& client, std::string_view user,
                          Instant now) {
  ++counters_.refusals[static_cast<std::size_t>(reason)];
  const RefusalFacts& facts = facts_of(reason);
  const LogLevel level = facts.is_challenge ? LogLevel::kDebug : LogLevel::kInfo;
  if (!log_.enabled(level)) return;
  if (!refusal_lines_.take(1, now)) {
    ++refusals_unlogged_;
    return;
  }
  const std::array<LogField, 5> fields{
      {{"reason", std::string(facts.name)},
       {"code", std::to_string(facts.code)},
       {"user", std::string(user)},
       {"client", client.remote.to_string()},
       {"unlogged_before", std::to_string(std::exchange(refusals_unlogged_, 0))}}};
  log_.write(level, facts.is_challenge ? "turn_challenge" : "turn_refused", fields);
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
  events_.push(AllocationEnded{client, allocation->user, reason, allocation->traffic});
}

void Server::release(const RelayedAddress& relayed) {
  ports(relayed.advertised.ip.family()).give_back(relayed.advertised.port);
  events_.push(ReleaseRelay{relayed.id});
}

void Server::end_reservation(std::uint64_t token) {
  const auto it = reservations_.find(token);
  if (it == reservations_.end()) return;
  release(it->second.relayed);
  reservations_.erase(it);
}

void Server::revoke(std::string_view user, Instant now) {
  revoked_.add(user, wall_time_ + settings_.credential_lifetime);
  for (const FiveTuple& client : table_.clients_of_user(user))
    end(client, EndReason::kRevoked, now);
}

}  // namespace beeline::turn
