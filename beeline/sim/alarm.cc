#include "beeline/sim/alarm.h"

#include <algorithm>
#include <utility>

#include "beeline/sim/world.h"

namespace beeline::sim {

Alarm::Alarm(World& world, std::function<void()> ring)
    : world_(world),
      ring_(std::make_shared<const std::function<void()>>(std::move(ring))),
      slot_(world.events().add(*this)) {}

Alarm::Alarm(Node& node, std::function<void()> ring) : Alarm(node.world(), std::move(ring)) {
  node_ = &node;
}

Alarm::~Alarm() {
  if (node_ != nullptr) node_->forget_overdue(*this);
  world_.events().remove(slot_);
}

void Alarm::set(std::optional<Instant> at) {
  at_ = at;
  if (at_ && (!armed_ || *at_ < *armed_)) arm(*at_);
}

void Alarm::arm(Instant at) {
  armed_ = std::max(at, world_.now());
  world_.events().arm(slot_, *armed_);
}

void Alarm::reached() {
  armed_.reset();
  if (!at_) return;
  if (*at_ > world_.now()) return arm(*at_);
  if (node_ != nullptr && node_->suspended()) return node_->keep_overdue(*this);
  at_.reset();
  const auto ring = ring_;
  (*ring)();
}

}  // namespace beeline::sim
