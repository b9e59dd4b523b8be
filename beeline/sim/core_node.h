// Hosts one core on a node: the simulator's counterpart of net/core_host.h. Any core will do whose
// words are those of base/host_io.h, or contain them.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include "beeline/base/host_io.h"
#include "beeline/base/protocol_core.h"
#include "beeline/sim/core_sockets.h"
#include "beeline/sim/world.h"

namespace beeline::sim {

// Whether T is Variant itself or one of its alternatives.
template <typename T, typename Variant>
struct IsWordOf : std::false_type {};
template <typename T, typename... Words>
struct IsWordOf<T, std::variant<Words...>>
    : std::bool_constant<std::is_same_v<T, std::variant<Words...>> ||
                         (std::is_same_v<T, Words> || ...)> {};

// Core::Input is HostInput, or a variant with it or with all its alternatives; Core::Transmit is
// HostTransmit, or a variant of it; Core::Event is HostRequest, or a variant with it or some of its
// alternatives. Every other event goes to `on_event`, which may call the core again.
template <ProtocolCore Core>
class CoreNode {
 public:
  using OnEvent = std::function<void(typename Core::Event event)>;

  // Core and node are borrowed and outlive this. Destroying it is the death of the core's process.
  CoreNode(Node& node, Core& core, OnEvent on_event = {})
      : world_(node.world()),
        core_(core),
        on_event_(std::move(on_event)),
        sockets_(node, [this](HostInput input) { tell(std::move(input)); }),
        deadline_(node,
                  [this] {
                    core_.handle_timeout(world_.now());
                    settle();
                  }),
        owed_(node, [this] { settle(); }) {
    owed_.set(world_.now());
  }

  // After a command to the core: takes out what it has to say. Inputs need no settle().
  void settle() {
    if (draining_) return;
    draining_ = true;
    drain(core_, *this, world_.now());
    draining_ = false;
    deadline_.set(core_.next_timeout());
  }

  // For drain().
  void transmit(typename Core::Transmit transmit) { send(std::move(transmit)); }
  void handle_event(typename Core::Event event) {
    if (serve(event)) return;
    if (on_event_) on_event_(std::move(event));
  }

 private:
  // What arrives at the same time is drained together, as a real host does after reading a batch.
  void tell(HostInput input) {
    if constexpr (IsWordOf<HostInput, typename Core::Input>::value) {
      core_.handle_input(typename Core::Input(std::move(input)), world_.now());
    } else {
      std::visit(
          [this](auto& told) {
            core_.handle_input(typename Core::Input(std::move(told)), world_.now());
          },
          input);
    }
    if (!draining_) owed_.set(world_.now());
  }

  template <typename T>
  void send(T transmit) {
    if constexpr (IsWordOf<T, HostTransmit>::value) {
      sockets_.send(HostTransmit(std::move(transmit)));
    } else {
      std::visit([this](auto& one) { this->send(std::move(one)); }, transmit);
    }
  }

  // True where it was for the host.
  template <typename T>
  bool serve(T& event) {
    if constexpr (IsWordOf<T, HostRequest>::value) {
      sockets_.serve(HostRequest(std::move(event)));
      return true;
    } else if constexpr (requires { std::variant_size<T>::value; }) {
      return std::visit([this](auto& one) { return this->serve(one); }, event);
    } else {
      return false;
    }
  }

  World& world_;
  Core& core_;
  OnEvent on_event_;
  CoreSockets sockets_;
  Alarm deadline_;
  Alarm owed_;
  bool draining_ = false;
};

}  // namespace beeline::sim
