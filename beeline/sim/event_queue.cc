#include "beeline/sim/event_queue.h"

#include <algorithm>
#include <utility>

#include "beeline/sim/alarm.h"
#include "beeline/sim/device.h"
#include "beeline/sim/link.h"

namespace beeline::sim {
namespace {

// Puts `value` into a slot that is free, or a new one.
template <typename T>
std::uint32_t keep(std::vector<T>& slots, std::vector<std::uint32_t>& free, T value) {
  if (free.empty()) {
    slots.push_back(std::move(value));
    return static_cast<std::uint32_t>(slots.size() - 1);
  }
  const std::uint32_t slot = free.back();
  free.pop_back();
  slots[slot] = std::move(value);
  return slot;
}

}  // namespace

void EventQueue::push(Entry entry) {
  entry.sequence = next_sequence_++;
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

void EventQueue::push(Instant at, Link& link, Stop stop, IpPacket packet) {
  const std::uint32_t slot = keep(flights_, free_flights_,
                                  Flight{.link = &link, .stop = stop, .packet = std::move(packet)});
  push(Entry{.at = at, .slot = slot, .kind = Kind::kFlight});
}

void EventQueue::push(Instant at, Device& device, IpPacket packet) {
  const std::uint32_t slot =
      keep(flights_, free_flights_, Flight{.device = &device, .packet = std::move(packet)});
  push(Entry{.at = at, .slot = slot, .kind = Kind::kFlight});
}

void EventQueue::push(Instant at, Task task) {
  const std::uint32_t slot = keep(tasks_, free_tasks_, std::move(task));
  push(Entry{.at = at, .slot = slot, .kind = Kind::kTask});
}

std::optional<Instant> EventQueue::next() const {
  return heap_.empty() ? std::nullopt : std::optional(heap_.front().at);
}

void EventQueue::run_next() {
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  const Entry entry = heap_.back();
  heap_.pop_back();
  // The slot is free before its content acts: what it does may push events and grow the slots.
  if (entry.kind == Kind::kFlight) {
    Flight flight = std::move(flights_[entry.slot]);
    free_flights_.push_back(entry.slot);
    land(std::move(flight));
  } else if (entry.kind == Kind::kTask) {
    Task task = std::move(tasks_[entry.slot]);
    free_tasks_.push_back(entry.slot);
    task();
  } else if (const AlarmSlot slot = alarms_[entry.slot];
             slot.alarm != nullptr && slot.generation == entry.generation) {
    slot.alarm->reached();
  }
}

void EventQueue::land(Flight flight) {
  if (flight.link == nullptr) return flight.device->receive(nullptr, std::move(flight.packet));
  if (flight.stop == Stop::kSegment)
    return flight.link->arrive_at_segment(std::move(flight.packet));
  flight.link->arrive_at_device(std::move(flight.packet));
}

void EventQueue::clear() {
  heap_.clear();
  flights_.clear();
  free_flights_.clear();
  tasks_.clear();
  free_tasks_.clear();
}

std::uint32_t EventQueue::add(Alarm& alarm) {
  if (free_alarms_.empty()) {
    alarms_.push_back({.alarm = &alarm});
    return static_cast<std::uint32_t>(alarms_.size() - 1);
  }
  const std::uint32_t slot = free_alarms_.back();
  free_alarms_.pop_back();
  alarms_[slot].alarm = &alarm;
  return slot;
}

void EventQueue::remove(std::uint32_t slot) {
  alarms_[slot].alarm = nullptr;
  ++alarms_[slot].generation;  // entries of this owner must not ring for the next
  free_alarms_.push_back(slot);
}

void EventQueue::arm(std::uint32_t slot, Instant at) {
  push(Entry{
      .at = at, .slot = slot, .generation = ++alarms_[slot].generation, .kind = Kind::kAlarm});
}

}  // namespace beeline::sim
