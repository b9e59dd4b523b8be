// A host of a world: links to segments, and the sockets its programs open on them. Whether a core
// (core_node.h) or a test opens them makes no difference.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "beeline/base/host_io.h"
#include "beeline/base/random.h"
#include "beeline/sim/alarm.h"
#include "beeline/sim/device.h"
#include "beeline/sim/link.h"
#include "beeline/sim/stream.h"
#include "beeline/sim/tcp.h"
#include "beeline/sim/udp_socket.h"

namespace beeline::sim {

class Node final : public Device {
 public:
  // What a suspended node keeps for later, in packets.
  static constexpr std::size_t kMostAsleep = 1024;

  Node(World& world, std::string name, DeviceIndex index);

  // A new interface ("eth0", "eth1", …). Without addresses: one of each prefix of the segment.
  Link& attach(Segment& segment, const LinkProfile& profile = {});
  Link& attach(Segment& segment, std::vector<IpAddress> addresses, const LinkProfile& profile = {});
  // The interface is gone for good, with what was bound to it.
  void detach(Link& link);
  const std::vector<Link*>& links() const { return links_; }
  std::vector<Interface> interfaces() const;

  // Port 0: any. Null where the address is not the node's or taken.
  std::unique_ptr<UdpSocket> bind_udp(TransportAddress local, UdpHandlers handlers);
  // Hears `group` on the interface with that address, and what comes to that address and port;
  // sends from there. The port may be shared; what is for one alone goes to the oldest socket.
  std::unique_ptr<UdpSocket> join_group(const TransportAddress& group, const IpAddress& interface,
                                        UdpHandlers handlers);
  std::unique_ptr<Stream> connect(const StreamTarget& target, StreamHandlers handlers) {
    return tcp_.connect(target, std::move(handlers));
  }
  std::unique_ptr<Listener> listen(const TransportAddress& local, ListenFor what,
                                   ListenHandlers handlers) {
    return tcp_.listen(local, what, std::move(handlers));
  }

  // Answers for `name` ("….local") on the segment that `address` is on, until withdrawn.
  void publish(const std::string& name, const IpAddress& address) { published_[name] = address; }
  void withdraw(const std::string& name) { published_.erase(name); }

  // While suspended nothing is heard and no alarm of the node rings; all of it comes at once, late,
  // when it resumes.
  void suspend() { suspended_ = true; }
  void resume();
  bool suspended() const { return suspended_; }

  // For what lives on the node.
  bool has(const IpAddress& ip) const { return link_of(ip) != nullptr; }
  // The address a packet for `destination` leaves from; none where no interface fits.
  std::optional<IpAddress> source_for(const IpAddress& destination) const;
  Port ephemeral_port() { return {static_cast<std::uint16_t>(49152 + random_.below(16384))}; }
  void send(IpPacket packet);
  void forget(UdpSocket& socket);
  TcpStack& tcp() { return tcp_; }
  const TcpStack& tcp() const { return tcp_; }
  void keep_overdue(Alarm& alarm) { overdue_.push_back(&alarm); }
  void forget_overdue(Alarm& alarm) { std::erase(overdue_, &alarm); }
  void receive(Link* link, IpPacket packet) override;
  void addresses_changed(Link& link) override;
  bool hears_multicast() const override { return true; }
  std::optional<IpAddress> published(const std::string& name) const override;

 private:
  friend class InterfaceWatch;
  Link* link_of(const IpAddress& ip) const;
  void receive_udp(IpPacket packet);
  void receive_group(const Link& link, IpPacket packet);
  void tell_of_addresses();

  std::vector<Link*> links_;
  std::size_t links_made_ = 0;
  Random random_;
  std::unordered_map<TransportAddress, UdpSocket*> sockets_;  // never iterated
  std::vector<UdpSocket*> bound_;                             // the same, oldest first
  std::vector<UdpSocket*> group_sockets_;                     // oldest first
  std::map<std::string, IpAddress> published_;
  std::vector<std::function<void()>*> watchers_;
  bool suspended_ = false;
  bool addresses_changed_asleep_ = false;
  std::vector<std::pair<Link*, IpPacket>> asleep_;
  std::vector<Alarm*> overdue_;
  TcpStack tcp_;  // last: its alarms are in overdue_
};

// Calls `changed` whenever the node's interfaces() are others, until destroyed.
class InterfaceWatch {
 public:
  InterfaceWatch(Node& node, std::function<void()> changed);
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;
  ~InterfaceWatch() { std::erase(node_.watchers_, &changed_); }

 private:
  Node& node_;
  std::function<void()> changed_;
};

}  // namespace beeline::sim
