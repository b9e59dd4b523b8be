// The cable (or air) between one device and one segment, and what it does to packets on the way:
// delay, loss, duplication, reordering, a rate, an MTU. Carries the device's addresses there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/sim/ip_packet.h"

namespace beeline::sim {

class Device;
class Segment;
class World;

// A probability in whole millionths, so that every compiler draws the same.
struct Chance {
  std::uint32_t per_million = 0;

  static constexpr Chance percent(std::uint32_t percent) { return {percent * 10'000}; }
  static constexpr Chance always() { return {1'000'000}; }
  // Draws only where the outcome is open.
  bool happens(Random& random) const;
};

// Loss in bursts (Gilbert and Elliott): each packet may start or end a burst, inside of which
// `loss` applies.
struct Bursts {
  Chance start{};
  Chance end = Chance::percent(25);
  Chance loss = Chance::always();
};

// What one direction of a link does. The default does nothing at all.
struct LinkProfile {
  Duration delay{0};
  Duration jitter{0};  // up to this much more; the order stays
  Chance loss{};
  Bursts bursts{};
  Chance duplication{};
  Chance reordering{};  // such a packet comes up to `reordering_delay` later and is overtaken
  Duration reordering_delay{std::chrono::milliseconds(5)};
  std::uint64_t bits_per_second = 0;     // 0: no limit
  std::size_t queue_bytes = 256 * 1024;  // waiting for the rate; what does not fit is dropped
  std::size_t mtu = 1500;                // IP header included; larger packets vanish without a word
};

// One direction's profile and what it remembers.
struct Lane {
  LinkProfile profile{};
  Random random;
  bool in_burst = false;
  std::uint64_t busy_until_ns = 0;  // the rate: when the last accepted byte is out
  Instant last_arrival{};           // what jitter may not overtake
};

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
  // When the packet is through; none where the rate's queue is full.
  std::optional<Instant> departure(Lane& lane, std::size_t size) const;

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
