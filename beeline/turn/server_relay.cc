// turn::Server: the data path (RFC 8656 §11, §12.6, §12.7). Everything happens in the packet that
// arrived.
#include "beeline/turn/channel_data.h"
#include "beeline/turn/indication.h"
#include "beeline/turn/server_reply.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::Class;
using stun::Method;

constexpr std::size_t kMaxData =
    Packet::kMaxPayload - 64;  // leaves room for a Data indication's header

}  // namespace

//= RFC 8656 §11.2
void Server::on_send(const stun::Message& message, ClientDatagram input, Instant now) {
  const auto peer_attribute = message.find(AttributeType::kXorPeerAddress);
  const auto data = message.find(AttributeType::kData);
  const auto peer = peer_attribute
                        ? stun::read_xor_address(peer_attribute->value, message.transaction_id())
                        : std::nullopt;
  if (!peer || !data) return drop(Drop::kMalformed);
  Allocation* allocation = table_.of_client(input.client);
  if (allocation == nullptr) return drop(Drop::kNoAllocation);
  if (!allocation->permits(peer->ip, now)) return drop(Drop::kNoPermission);
  const auto permitted = policy_.check(*peer);
  if (!permitted) return drop(Drop::kForbiddenPeer);
  const bool whole = message.has(AttributeType::kDontFragment);
  const std::size_t length = data->value.size();
  input.packet.trim_front(data->offset + 4);
  input.packet.resize(length);
  input.packet.set_fragmenting(whole ? Fragmenting::kForbidden : Fragmenting::kAllowed);
  to_peer(*allocation, *permitted, std::move(input.packet), now);
}

//= RFC 8656 §12.6
void Server::on_channel_data(ClientDatagram input, Instant now) {
  const auto frame = read_channel_frame(input.packet.bytes());
  if (!frame) return drop(Drop::kMalformed);
  Allocation* allocation = table_.of_client(input.client);
  if (allocation == nullptr) return drop(Drop::kNoAllocation);
  const Channel* channel = allocation->channel(frame->channel, now);
  if (channel == nullptr) return drop(Drop::kUnknownChannel);
  input.packet.trim_front(kChannelHeader);
  input.packet.resize(frame->length);
  const PermittedPeer peer = channel->peer;
  input.packet.set_fragmenting(Fragmenting::kAllowed);
  to_peer(*allocation, peer, std::move(input.packet), now);
}

void Server::to_peer(Allocation& allocation, const PermittedPeer& peer, Packet packet,
                     Instant now) {
  const RelayedAddress* from = allocation.relayed_for(peer.address().ip.family());
  if (from == nullptr) return drop(Drop::kMalformed);
  const std::size_t bytes = packet.size();
  if (!table_.take_bandwidth(allocation, bytes, now)) return drop(Drop::kTooFast);
  ++allocation.traffic.packets_to_peer;
  ++counters_.packets_to_peer;
  allocation.traffic.bytes_to_peer += bytes;
  counters_.bytes_to_peer += bytes;
  if (!peer.is_own_relay()) {
    transmits_.push(ToPeer{from->id, peer, std::move(packet)});
    return;
  }
  // Two relayed clients of this server: handed over inside, under the other's permissions as if it
  // had come from outside. The other allocation may have ended since the channel was bound.
  Allocation* other = table_.of_relayed_address(peer.address());
  if (other == nullptr) return drop(Drop::kForbiddenPeer);
  packet.set_fragmenting(Fragmenting::kAny);
  to_client(*other, from->advertised, std::move(packet), now);
}

void Server::on(PeerDatagram input, Instant now) {
  Allocation* allocation = table_.of_relay(input.relay);
  if (allocation == nullptr) return drop(Drop::kNoAllocation);
  // A channel is bound to a PermittedPeer only, so its peer has been asked about.
  const bool on_channel = allocation->channel_to(input.peer, now).has_value();
  if (!on_channel && !policy_.check(input.peer)) return drop(Drop::kForbiddenPeer);
  to_client(*allocation, input.peer, std::move(input.packet), now);
}

//= RFC 8656 §11.3, §12.7
void Server::to_client(Allocation& allocation, const TransportAddress& peer, Packet packet,
                       Instant now) {
  if (!allocation.permits(peer.ip, now)) return drop(Drop::kNoPermission);
  const std::size_t bytes = packet.size();
  if (bytes > kMaxData) return drop(Drop::kTooLarge);
  if (!table_.take_bandwidth(allocation, bytes, now)) return drop(Drop::kTooFast);
  ++allocation.traffic.packets_to_client;
  ++counters_.packets_to_client;
  allocation.traffic.bytes_to_client += bytes;
  counters_.bytes_to_client += bytes;
  if (const auto channel = allocation.channel_to(peer, now)) {
    push_channel_header(packet, *channel);
  } else {
    stun::TransactionId id{};
    random_.fill(id);
    push_indication(packet, Method::kData, peer, id);
  }
  transmits_.push(ToClient{allocation.client, std::move(packet)});
}

//= RFC 8656 §11.5
void Server::on(PeerUnreachable input, Instant now) {
  Allocation* allocation = table_.of_relay(input.relay);
  if (allocation == nullptr || !allocation->permits(input.peer.ip, now)) return;
  stun::TransactionId id{};
  random_.fill(id);
  transmits_.push(ToClient{allocation->client,
                           write_message(packets_, Class::kIndication, Method::kData, id, nullptr,
                                         [&](stun::MessageWriter& writer) {
                                           stun::add_xor_address(
                                               writer, AttributeType::kXorPeerAddress, input.peer);
                                           stun::add_icmp(writer, input.icmp);
                                         })});
}

}  // namespace beeline::turn
