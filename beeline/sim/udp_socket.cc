#include "beeline/sim/udp_socket.h"

#include <utility>

#include "beeline/sim/world.h"

namespace beeline::sim {

UdpSocket::UdpSocket(Node& node, const TransportAddress& local, UdpHandlers handlers)
    : node_(&node),
      local_(local),
      handlers_(std::make_shared<const UdpHandlers>(std::move(handlers))) {}

UdpSocket::~UdpSocket() {
  if (node_ != nullptr) node_->forget(*this);
}

void UdpSocket::send(const TransportAddress& destination, Packet packet) {
  if (node_ == nullptr) return;
  TransportAddress source = local_;
  if (source.ip.is_unspecified()) source.ip = node_->source_for(destination.ip).value_or(source.ip);
  node_->send({.protocol = Protocol::kUdp,
               .source = source,
               .destination = destination,
               .origin = node_->index(),
               .payload = std::move(packet)});
}

void UdpSocket::send(const TransportAddress& destination, Bytes bytes) {
  if (node_ != nullptr) send(destination, node_->world().packets().make(bytes));
}

void UdpSocket::hear(const TransportAddress& source, Packet packet) {
  const auto handlers = handlers_;
  if (handlers->heard) handlers->heard(source, std::move(packet));
}

void UdpSocket::lose_address() {
  node_ = nullptr;
  const auto handlers = handlers_;
  if (handlers->closed) handlers->closed();
}

}  // namespace beeline::sim
