// Anything that hangs on a segment by a link: a node or a router.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "beeline/sim/ip_packet.h"

namespace beeline::sim {

class Link;
class World;

// Lives as long as its world, at one place.
class Device {
 public:
  Device(World& world, std::string name, DeviceIndex index)
      : world_(world), name_(std::move(name)), index_(index) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  World& world() const { return world_; }
  const std::string& name() const { return name_; }
  DeviceIndex index() const { return index_; }

  // A packet has come through `link` (null: from the device itself).
  virtual void receive(Link* link, IpPacket packet) = 0;
  // The link's addresses are others now.
  virtual void addresses_changed(Link&) {}
  virtual bool hears_multicast() const { return false; }
  // The address it answers with when `name` is asked for on a segment (RFC 6762); none: silence.
  virtual std::optional<IpAddress> published(const std::string&) const { return std::nullopt; }

 private:
  World& world_;
  std::string name_;
  DeviceIndex index_;
};

}  // namespace beeline::sim
