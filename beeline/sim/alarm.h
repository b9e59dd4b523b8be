// One deadline on a world's clock and what to do then. An alarm of a node waits while the node is
// suspended and rings late.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "beeline/base/instant.h"

namespace beeline::sim {

class Node;
class World;

// Destroying it cancels, also from what it rings. Cores move their deadlines with every packet, so
// moving one to later costs nothing: the entry in the queue stays and is put off when it is
// reached.
class Alarm {
 public:
  Alarm(World& world, std::function<void()> ring);
  Alarm(Node& node, std::function<void()> ring);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

  // Replaces the deadline; none cancels. A deadline in the past rings at once, from the world.
  void set(std::optional<Instant> at);
  std::optional<Instant> at() const { return at_; }

  // For the queue: an armed moment has come.
  void reached();

 private:
  void arm(Instant at);

  World& world_;
  Node* node_ = nullptr;
  std::shared_ptr<const std::function<void()>> ring_;  // outlives the alarm while it rings
  std::optional<Instant> at_;
  std::optional<Instant> armed_;  // never later than at_ while there is one
  std::uint32_t slot_;
};

}  // namespace beeline::sim
