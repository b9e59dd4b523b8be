// A UDP socket of a node, as the node's programs hold it.
#pragma once

#include <functional>
#include <memory>

#include "beeline/base/address.h"
#include "beeline/base/packet.h"

namespace beeline::sim {

class Link;
class Node;

struct UdpHandlers {
  std::function<void(const TransportAddress& source, Packet packet)> heard{};
  std::function<void()> closed{};  // its address went away; nothing more will be heard
};

// Made by Node::bind_udp() and Node::join_group(). Destroying it closes it, also from a handler.
class UdpSocket {
 public:
  UdpSocket(Node& node, const TransportAddress& local, UdpHandlers handlers);
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  const TransportAddress& local() const { return local_; }
  // Leaves from local(), or from a fitting address of the node where that is unspecified. What
  // cannot leave is dropped, as on a wire.
  void send(const TransportAddress& destination, Packet packet);
  void send(const TransportAddress& destination, Bytes bytes);

  // For the node.
  const TransportAddress& group() const { return group_; }
  void set_group(const TransportAddress& group) { group_ = group; }
  void hear(const TransportAddress& source, Packet packet);
  void lose_address();
  void abandon() { node_ = nullptr; }

 private:
  Node* node_;  // null once closed
  TransportAddress local_;
  TransportAddress group_;                       // unspecified: none
  std::shared_ptr<const UdpHandlers> handlers_;  // outlive the socket while they run
};

}  // namespace beeline::sim
