// What happens next in a world: a heap of small entries ordered by time, then by the order they
// were pushed in. Packets in flight lie in slots that are used again, so that a running world
// allocates nothing per packet.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "beeline/base/instant.h"
#include "beeline/sim/ip_packet.h"

namespace beeline::sim {

class Alarm;
class Device;
class Link;

using Task = std::move_only_function<void()>;

class EventQueue {
 public:
  enum class Stop : std::uint8_t { kSegment, kDevice };

  // A packet reaches one end of `link`.
  void push(Instant at, Link& link, Stop stop, IpPacket packet);
  // A packet a device sends to itself.
  void push(Instant at, Device& device, IpPacket packet);
  void push(Instant at, Task task);

  // When the earliest event is due; none: nothing will ever happen.
  std::optional<Instant> next() const;
  // Takes out the earliest event and does it.
  void run_next();

  // For Alarm: a place to be called at, and a deadline for it that replaces the former.
  std::uint32_t add(Alarm& alarm);
  void remove(std::uint32_t slot);
  void arm(std::uint32_t slot, Instant at);

  std::size_t size() const { return heap_.size(); }
  // Nothing that is waiting will happen.
  void clear();

 private:
  enum class Kind : std::uint8_t { kFlight, kTask, kAlarm };
  struct Entry {
    Instant at{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  // of the alarm's deadline
    Kind kind = Kind::kFlight;
  };
  struct Flight {
    Link* link = nullptr;
    Device* device = nullptr;
    Stop stop = Stop::kDevice;
    IpPacket packet{};
  };
  struct AlarmSlot {
    Alarm* alarm = nullptr;
    std::uint32_t generation = 0;
  };
  // Turned around: the standard heap keeps the greatest on top.
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };
  void push(Entry entry);
  void land(Flight flight);

  std::vector<Entry> heap_;
  std::uint64_t next_sequence_ = 0;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_flights_;
  std::vector<Task> tasks_;
  std::vector<std::uint32_t> free_tasks_;
  std::vector<AlarmSlot> alarms_;
  std::vector<std::uint32_t> free_alarms_;
};

}  // namespace beeline::sim
