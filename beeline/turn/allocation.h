// One allocation (RFC 8656 §2.3, §5): who made it, its relayed addresses, and whom they may
// exchange data with.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/message.h"
#include "beeline/turn/relay_policy.h"
#include "beeline/turn/token_bucket.h"

namespace beeline::turn {

inline constexpr auto kPermissionLifetime = std::chrono::seconds(300);  // RFC 8656 §9
inline constexpr auto kChannelLifetime = std::chrono::seconds(600);     // RFC 8656 §12

// Which of the host's listeners a client talks to; its number is the host's.
struct ListenerId {
  std::uint32_t value = 0;
  auto operator<=>(const ListenerId&) const = default;
};

// A relay socket that the host opens at the core's wish.
struct RelayId {
  std::uint64_t value = 0;
  auto operator<=>(const RelayId&) const = default;
};

// What tells clients apart (RFC 8656 §2.2); the listener stands for the transport.
struct FiveTuple {
  ListenerId listener;
  TransportAddress local;
  TransportAddress remote;
  auto operator<=>(const FiveTuple&) const = default;
};

struct RelayedAddress {
  RelayId id;
  TransportAddress advertised;
};

struct Channel {
  PermittedPeer peer;
  Instant expires;
};

struct Traffic {
  std::uint64_t packets_to_peer = 0;
  std::uint64_t bytes_to_peer = 0;
  std::uint64_t packets_to_client = 0;
  std::uint64_t bytes_to_client = 0;
};

struct Allocation {
  FiveTuple client;
  std::string user;
  stun::LongTermKey key;
  stun::TransactionId transaction{};  // of the Allocate that made it
  std::vector<RelayedAddress> relayed;
  bool additional_failed = false;  // an additional family was wanted and is not to be had
  std::optional<std::uint64_t> reservation_token;
  Instant created;
  Instant expires;
  std::map<IpAddress, Instant> permissions;  // until when
  std::map<stun::ChannelNumber, Channel> channels;
  std::map<TransportAddress, stun::ChannelNumber> channel_of_peer;
  TokenBucket bandwidth;
  Traffic traffic;

  const RelayedAddress* relayed_for(IpFamily family) const {
    for (const RelayedAddress& address : relayed)
      if (address.advertised.ip.family() == family) return &address;
    return nullptr;
  }
  bool permits(const IpAddress& peer, Instant now) const {
    const auto it = permissions.find(peer);
    return it != permissions.end() && it->second > now;
  }
  // The peer bound to a channel, or the channel bound to a peer, unless that has expired.
  const Channel* channel(stun::ChannelNumber number, Instant now) const {
    const auto it = channels.find(number);
    return it != channels.end() && it->second.expires > now ? &it->second : nullptr;
  }
  std::optional<stun::ChannelNumber> channel_to(const TransportAddress& peer, Instant now) const {
    const auto it = channel_of_peer.find(peer);
    if (it == channel_of_peer.end() || channel(it->second, now) == nullptr) return std::nullopt;
    return it->second;
  }
  // Forgets permissions and channels that have expired.
  void expire(Instant now) {
    std::erase_if(permissions, [&](const auto& entry) { return entry.second <= now; });
    std::erase_if(channel_of_peer,
                  [&](const auto& entry) { return channels.at(entry.second).expires <= now; });
    std::erase_if(channels, [&](const auto& entry) { return entry.second.expires <= now; });
  }
};

}  // namespace beeline::turn

template <>
struct std::hash<beeline::turn::FiveTuple> {
  std::size_t operator()(const beeline::turn::FiveTuple& tuple) const {
    return hash_value(tuple.remote) * 31 + hash_value(tuple.local) + tuple.listener.value;
  }
};
