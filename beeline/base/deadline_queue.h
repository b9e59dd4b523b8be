// Deadlines of many like things (allocations, members, connections), keyed by who they belong to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "beeline/base/instant.h"

namespace beeline {

// One deadline per key; setting it again moves it. O(log n).
template <typename Key>
class DeadlineQueue {
 public:
  void set(const Key& key, Instant at) {
    const auto [it, added] = by_key_.try_emplace(key, at);
    if (!added) {
      if (it->second == at) return;
      by_time_.erase({it->second, key});
      it->second = at;
    }
    by_time_.insert({at, key});
  }
  void cancel(const Key& key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) return;
    by_time_.erase({it->second, key});
    by_key_.erase(it);
  }
  std::optional<Instant> at(const Key& key) const {
    const auto it = by_key_.find(key);
    return it == by_key_.end() ? std::nullopt : std::optional(it->second);
  }
  std::optional<Instant> next() const {
    return by_time_.empty() ? std::nullopt : std::optional(by_time_.begin()->first);
  }
  // Removes and returns the key whose deadline is due at `now`, earliest first; none when nothing
  // is due.
  std::optional<Key> pop_due(Instant now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    Key key = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    by_key_.erase(key);
    return key;
  }
  std::size_t size() const { return by_key_.size(); }

 private:
  std::map<Key, Instant> by_key_;
  std::set<std::pair<Instant, Key>> by_time_;
};

}  // namespace beeline
