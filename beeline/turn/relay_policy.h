// The one place that decides whom the relay may send to or hear from. Every path (CreatePermission,
// ChannelBind, Send, ChannelData, data from a peer) asks here, and what is sent to a peer takes a
// PermittedPeer, which nothing else can make.
#pragma once

#include <expected>
#include <functional>
#include <vector>

#include "beeline/base/address.h"

namespace beeline::turn {

struct AddressPrefix {
  IpAddress ip;
  unsigned bits = 0;
};

// A peer address that the policy let through. Only RelayPolicy makes one.
class PermittedPeer {
 public:
  const TransportAddress& address() const { return address_; }
  // True for one of the server's own relayed addresses: delivered inside, never through a socket.
  bool is_own_relay() const { return own_relay_; }

 private:
  friend class RelayPolicy;
  PermittedPeer(const TransportAddress& address, bool own_relay)
      : address_(address), own_relay_(own_relay) {}
  TransportAddress address_;
  bool own_relay_;
};

enum class Denial { kSpecialPurpose, kOwnAddress, kNoPort, kNotListed };

class RelayPolicy {
 public:
  struct Settings {
    std::vector<IpAddress> own;        // the machine's and the advertised addresses
    std::vector<AddressPrefix> allow;  // special-purpose ranges that the owner opens
    std::vector<AddressPrefix> deny;   // further ranges that the owner closes; stronger than allow
    // Where this is not empty, only these are reached (also special-purpose ones among them) and
    // nothing else, not even other relayed addresses: for a relay in front of media servers.
    std::vector<AddressPrefix> only;
  };
  using IsLiveRelay = std::function<bool(const TransportAddress&)>;

  // `is_live_relay`: whether an address is a relayed address of this server in use now.
  RelayPolicy(Settings settings, IsLiveRelay is_live_relay);

  std::expected<PermittedPeer, Denial> check(const TransportAddress& peer) const;

 private:
  bool is_own(const IpAddress& ip) const;
  bool is_denied(const IpAddress& ip) const;
  Settings settings_;
  IsLiveRelay is_live_relay_;
};

// IANA's special-purpose registries, multicast, broadcast: everything that is not an ordinary
// internet address.
bool is_special_purpose(const IpAddress& ip);

}  // namespace beeline::turn
