// Tells when the machine's addresses change (rtnetlink), and which there are.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "beeline/base/host_io.h"
#include "beeline/net/event_loop.h"

namespace beeline::net {

class InterfaceWatch {
 public:
  using Changed = std::function<void(const std::vector<Interface>&)>;
  // `changed` is called from the loop, each time the list is another one.
  InterfaceWatch(EventLoop& loop, Changed changed);
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;
  ~InterfaceWatch() { *alive_ = false; }

  const std::vector<Interface>& interfaces() const { return interfaces_; }

 private:
  void wait();
  void read();

  Changed changed_;
  std::vector<Interface> interfaces_;
  boost::asio::posix::stream_descriptor socket_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeline::net
