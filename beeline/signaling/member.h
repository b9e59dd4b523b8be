// One membership in a room: who it is, on which connection, and the events it may still have to be
// told again.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "beeline/signaling/message.h"

namespace beeline::signaling {

struct ConnectionId {
  std::uint64_t value = 0;
  auto operator<=>(const ConnectionId&) const = default;
};

// The last events of a member, numbered, for a connection that comes back. Bounded: the oldest go
// first.
class EventLog {
 public:
  EventLog(std::size_t max_events, std::size_t max_bytes)
      : max_events_(max_events), max_bytes_(max_bytes) {}

  std::uint64_t last() const { return last_; }

  // Keeps an event, which is last() then. False where an event that was kept since mark() had to go
  // for it.
  bool add(const RoomEvent& event) {
    ++last_;
    kept_.push_back(event);
    bytes_ += event.size();
    bool whole = true;
    while (size() > max_events_ || bytes_ > max_bytes_) {
      whole = whole && first() <= marked_;
      drop_first();
    }
    close_gap();
    return whole;
  }
  // Events up to number `seen` arrived and will not be asked for again.
  void forget(std::uint64_t seen) {
    if (seen > last_) return;
    while (first() <= seen) drop_first();
    close_gap();
  }
  // Everything after this moment must be kept (the member is away).
  void mark() { marked_ = last_; }

  // True where every event after `last_seen` is still here.
  bool reaches_back_to(std::uint64_t last_seen) const {
    return last_seen <= last_ && last_seen + 1 >= first();
  }
  // Calls `tell` with each event after `last_seen` and its number, in order.
  template <typename Tell>
  void replay(std::uint64_t last_seen, Tell tell) const {
    for (std::uint64_t event = last_seen + 1; event <= last_; ++event)
      tell(kept_[dropped_ + static_cast<std::size_t>(event - first())], event);
  }

 private:
  void drop_first() {
    bytes_ -= kept_[dropped_].size();
    kept_[dropped_++] = {};
  }
  void close_gap() {
    if (dropped_ <= size()) return;
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(dropped_));
    dropped_ = 0;
  }
  std::size_t size() const { return kept_.size() - dropped_; }
  std::uint64_t first() const { return last_ + 1 - size(); }

  std::size_t max_events_;
  std::size_t max_bytes_;
  std::uint64_t last_ = 0;
  std::uint64_t marked_ = 0;
  // A deque would cost more than all else of a member that is told little.
  std::vector<RoomEvent> kept_;
  std::size_t dropped_ = 0;  // at the front of kept_
  std::size_t bytes_ = 0;
};

struct Member {
  std::string id;
  std::string room;
  std::string name;
  std::string presence_json;
  std::string server_name;                 // by which its client calls this server
  std::uint64_t token_serial = 0;          // of the one token that brings it back
  bool is_host = false;                    // may lock, remove, hand over
  std::optional<ConnectionId> connection;  // none: away
  EventLog events;
};

}  // namespace beeline::signaling

template <>
struct std::hash<beeline::signaling::ConnectionId> {
  std::size_t operator()(const beeline::signaling::ConnectionId& id) const {
    return std::hash<std::uint64_t>()(id.value);
  }
};
