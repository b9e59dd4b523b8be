// turn::Server: CreatePermission and ChannelBind (RFC 8656 §10, §12).
#include <algorithm>

#include "beeline/turn/server_reply.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::Class;

}  // namespace

//= RFC 8656 §10.2
// All peers or none: an error leaves every permission as it was.
void Server::create_permission(const Request& request, Instant now) {
  Allocation& allocation = *table_.of_client(request.client);
  allocation.expire(now);
  std::vector<IpAddress> peers;
  std::optional<Refusal> refusal;
  request.message.for_each([&](const stun::Attribute& attribute) {
    if (attribute.type != AttributeType::kXorPeerAddress || refusal) return;
    const auto peer = stun::read_xor_address(attribute.value, request.message.transaction_id());
    if (!peer) {
      refusal = Refusal::kMalformed;
    } else if (allocation.relayed_for(peer->ip.family()) == nullptr) {
      refusal = Refusal::kFamilyMismatch;
    } else if (!may_permit(*peer)) {
      refusal = Refusal::kForbiddenPeer;
    } else if (std::ranges::find(peers, peer->ip) == peers.end()) {
      peers.push_back(peer->ip);
    }
  });
  if (!refusal && peers.empty()) refusal = Refusal::kMalformed;
  if (refusal) return refuse(request, *refusal, now);
  const auto fresh = std::ranges::count_if(
      peers, [&](const IpAddress& peer) { return !allocation.permissions.contains(peer); });
  if (allocation.permissions.size() + static_cast<std::size_t>(fresh) >
      settings_.limits.permissions_per_allocation)
    return refuse(request, Refusal::kPermissionLimit, now);
  for (const IpAddress& peer : peers) allocation.permissions[peer] = now + kPermissionLifetime;
  reply(Class::kSuccess, request.message, request.client, &request.sender.key,
        [](stun::MessageWriter&) {});
}

//= RFC 8656 §9.1
// A permission is for all ports of a host, so its request may name none. Where that host is this
// one, its relayed addresses are meant; what is sent is checked again, with its port.
bool Server::may_permit(const TransportAddress& peer) const {
  const auto permitted = policy_.check(peer);
  if (permitted || permitted.error() == Denial::kNoPort) return true;
  return permitted.error() == Denial::kOwnAddress && peer.port.value == 0 &&
         std::ranges::any_of(settings_.families, [&](const RelayFamily& family) {
           return family.advertised == peer.ip;
         });
}

//= RFC 8656 §12.2
void Server::bind_channel(const Request& request, Instant now) {
  Allocation& allocation = *table_.of_client(request.client);
  allocation.expire(now);
  const auto channel_attribute = request.message.find(AttributeType::kChannelNumber);
  const auto peer_attribute = request.message.find(AttributeType::kXorPeerAddress);
  const auto channel =
      channel_attribute ? stun::read_channel_number(channel_attribute->value) : std::nullopt;
  const auto peer = peer_attribute ? stun::read_xor_address(peer_attribute->value,
                                                            request.message.transaction_id())
                                   : std::nullopt;
  if (!channel || !peer || !channel->is_acceptable())
    return refuse(request, Refusal::kMalformed, now);
  if (allocation.relayed_for(peer->ip.family()) == nullptr)
    return refuse(request, Refusal::kFamilyMismatch, now);
  if (const auto refusal = check_channel(allocation, *channel, *peer, now))
    return refuse(request, *refusal, now);
  const auto permitted = policy_.check(*peer);
  if (!permitted) return refuse(request, Refusal::kForbiddenPeer, now);
  allocation.channels.insert_or_assign(*channel, Channel{*permitted, now + kChannelLifetime});
  allocation.channel_of_peer[*peer] = *channel;
  allocation.permissions[peer->ip] = now + kPermissionLifetime;
  reply(Class::kSuccess, request.message, request.client, &request.sender.key,
        [](stun::MessageWriter&) {});
}

// None where the pair may be bound: both free, or bound to each other already.
std::optional<Refusal> Server::check_channel(const Allocation& allocation,
                                             stun::ChannelNumber channel,
                                             const TransportAddress& peer, Instant now) const {
  const Channel* bound = allocation.channel(channel, now);
  const auto other = allocation.channel_to(peer, now);
  if ((bound != nullptr && bound->peer.address() != peer) || (other && *other != channel))
    return Refusal::kChannelTaken;
  if (bound == nullptr && allocation.channels.size() >= settings_.limits.channels_per_allocation)
    return Refusal::kChannelLimit;
  const bool new_permission = !allocation.permissions.contains(peer.ip);
  if (new_permission &&
      allocation.permissions.size() >= settings_.limits.permissions_per_allocation)
    return Refusal::kPermissionLimit;
  return std::nullopt;
}

}  // namespace beeline::turn
