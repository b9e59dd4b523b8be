// The sockets of an mDNS core: one per interface and family, which hears and speaks to the group on
// port 5353 (RFC 6762 §3). Asks for them and lets go of them as interfaces come and go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"

namespace beeline::mdns {

inline constexpr Port kPort{5353};

TransportAddress group_of(IpFamily family);

class GroupSockets {
 public:
  // Uses the socket ids from `first` upwards.
  explicit GroupSockets(SocketId first) : next_(first) {}

  struct Socket {
    SocketId id;
    std::string interface;
    IpAddress address;  // by which the interface was joined
    bool bound = false;
  };

  // What the host is asked for.
  std::optional<HostRequest> poll_request();

  // Asks to be told of the interfaces, the first time it is called.
  void start();
  void stop();
  // What InterfacesChanged says now. Loopback is used only where there is nothing else.
  void set_interfaces(const std::vector<Interface>& interfaces);
  // The socket that a UdpBound is about; null where it is not one of ours.
  Socket* bound(SocketId id);
  void closed(SocketId id);

  const Socket* find(SocketId id) const;
  const std::vector<Socket>& all() const { return sockets_; }
  bool any_bound() const;
  // The interface that has `address`; empty where none has.
  std::string_view interface_of(const IpAddress& address) const;

 private:
  void join(const Interface& interface);

  SocketId next_;
  Fifo<HostRequest> requests_;
  bool started_ = false;
  std::vector<Interface> interfaces_;
  std::vector<Socket> sockets_;
};

}  // namespace beeline::mdns
