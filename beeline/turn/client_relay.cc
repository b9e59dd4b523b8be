// turn::Client: the data path (RFC 8656 §11, §12.4 to §12.7). Everything happens in the packet that
// came or goes.
#include <utility>

#include "beeline/turn/channel_data.h"
#include "beeline/turn/client.h"
#include "beeline/turn/client_rules.h"
#include "beeline/turn/indication.h"

namespace beeline::turn {

using stun::AttributeType;

void Client::send(const TransportAddress& peer, Packet packet, Instant now) {
  if (state_ != State::kAllocated || !rules::may_send(permissions_.contains(peer.ip))) {
    ++counters_.unsent;
    return;
  }
  // The request must leave before what relies on it.
  if (permissions_owed_) flush(now);
  const auto channel = channels_.find(peer);
  if (channel != channels_.end() &&
      rules::may_use_channel(channel->second.grant.ready, channel->second.grant.expires, now)) {
    push_channel_header(packet, channel->second.number);
    //= RFC 8656 §12.5
    if (settings_.stream) pad_for_stream(packet);
  } else {
    stun::TransactionId id{};
    random_.fill(id);
    push_indication(packet, stun::Method::kSend, peer, id);
  }
  transmits_.push(ToServer{std::move(packet)});
}

//= RFC 8656 §11.4
void Client::on_data(const stun::Message& message, Packet packet) {
  const auto peer_attribute = message.find(AttributeType::kXorPeerAddress);
  const auto peer = peer_attribute
                        ? stun::read_xor_address(peer_attribute->value, message.transaction_id())
                        : std::nullopt;
  const auto data = message.find(AttributeType::kData);
  // One with ICMP has no DATA: ICE finds out by itself that nobody answers.
  if (peer && message.has(AttributeType::kIcmp)) return;
  if (!peer || !data) {
    ++counters_.malformed;
    return;
  }
  const std::size_t length = data->value.size();
  packet.trim_front(data->offset + 4);
  packet.resize(length);
  deliver(*peer, std::move(packet));
}

//= RFC 8656 §12.6
void Client::on_channel_data(Packet packet) {
  const auto frame = read_channel_frame(packet.bytes());
  if (!frame) {
    ++counters_.malformed;
    return;
  }
  const auto peer = peer_of_channel_.find(frame->channel);
  if (peer == peer_of_channel_.end()) {
    ++counters_.unknown_channel;
    return;
  }
  packet.trim_front(kChannelHeader);
  packet.resize(frame->length);
  deliver(peer->second, std::move(packet));
}

//= RFC 8656 §11.4
// Only from those whom we permitted: what else comes is a server's mistake, or not the server's.
void Client::deliver(const TransportAddress& peer, Packet packet) {
  if (state_ != State::kAllocated || !rules::may_receive(permissions_.contains(peer.ip))) {
    ++counters_.unpermitted_data;
    return;
  }
  events_.push(PeerData{peer, std::move(packet)});
}

}  // namespace beeline::turn
