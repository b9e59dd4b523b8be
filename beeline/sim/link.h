// The cable (or air) between one device and one segment; what it does to packets on the way is
// lane.h's. Carries the device's addresses there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beeline/sim/ip_packet.h"
#include "beeline/sim/lane.h"

namespace beeline::sim {

class Device;
class Segment;
class World;

class Link {
 public:
  // Borrows all; they live as long as the world. `name` is for people and seeds: "eth0".
  Link(Device& device, Segment& segment, std::string name, const LinkProfile& profile);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  Device& device() const { return device_; }
  Segment& segment() const { return segment_; }
  const std::string& name() const { return name_; }

  const std::vector<IpAddress>& addresses() const { return addresses_; }
  bool has(const IpAddress& ip) const;
  // Replaces all; none: the interface is gone. The device is told.
  void set_addresses(std::vector<IpAddress> addresses);

  // A link that is down loses everything, also what is on its way, and nobody is told.
  bool is_up() const { return is_up_; }
  void set_up(bool up) { is_up_ = up; }

  void set_profile(const LinkProfile& both) { set_profiles(both, both); }
  void set_profiles(const LinkProfile& from_device, const LinkProfile& to_device);

  // Links of one segment reach each other only inside the same partition.
  std::uint32_t partition() const { return partition_; }
  void set_partition(std::uint32_t partition) { partition_ = partition; }

  // Device to segment, segment to device.
  void send(IpPacket packet);
  void deliver(IpPacket packet);
  // The end of deliver()'s delay, and of send()'s; the event queue calls them.
  void arrive_at_device(IpPacket packet);
  void arrive_at_segment(IpPacket packet);

 private:
  enum class Direction : std::uint8_t { kFromDevice, kToDevice };
  void travel(Direction direction, Lane& lane, IpPacket packet);

  World& world_;
  Device& device_;
  Segment& segment_;
  std::string name_;
  std::vector<IpAddress> addresses_;
  bool is_up_ = true;
  std::uint32_t partition_ = 0;
  Lane from_device_;
  Lane to_device_;
};

}  // namespace beeline::sim
