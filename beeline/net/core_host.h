// Ties one core to the loop: drains it after each batch of inputs and calls it again when its next
// timer is due.
#pragma once

#include <utility>

#include "beeline/base/protocol_core.h"
#include "beeline/net/event_loop.h"

namespace beeline::net {

// `Host` takes what the core says: transmit(Core::Transmit), handle_event(Core::Event), and
// drained() when that was all, for hosts that send in batches. Core and Host are borrowed and
// outlive this.
template <ProtocolCore Core, typename Host>
class CoreHost {
 public:
  CoreHost(EventLoop& loop, Core& core, Host& host)
      : loop_(loop), core_(core), host_(host), alarm_(loop, [this] { wake(); }) {}

  // Hand in as many inputs as were read at once, then settle() once.
  void input(typename Core::Input input) { core_.handle_input(std::move(input), loop_.now()); }

  void settle() {
    // An event handled while draining may lead back here; the drain in progress takes that along.
    if (draining_) return;
    draining_ = true;
    try {
      drain(core_, host_, loop_.now());
    } catch (...) {
      draining_ = false;
      throw;
    }
    draining_ = false;
    host_.drained();
    alarm_.set(core_.next_timeout());
  }

 private:
  void wake() {
    core_.handle_timeout(loop_.now());
    settle();
  }

  EventLoop& loop_;
  Core& core_;
  Host& host_;
  Alarm alarm_;
  bool draining_ = false;
};

}  // namespace beeline::net
