// The check list of RFC 8445 §6.1.2: all pairs of one generation, in order, and which of them is
// checked next. Knows no packets.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "beeline/base/protocol_core.h"
#include "beeline/ice/pair.h"

namespace beeline::ice {

class CheckList {
 public:
  explicit CheckList(std::size_t max_pairs) : max_pairs_(max_pairs) {}

  // The pair of `base` and `remote`: the one that exists, or a new one that is frozen or waiting
  // (due at `now`). None where the two cannot be paired, or there are too many pairs and this one
  // would be the worst.
  Pair* add(const Base& base, const Remote& remote, Role role, Instant now);
  // The same for a `remote` whose authentic request came to `base`: whether packets get through
  // between two such places is no question any more. RFC 8445 §7.3.1.4
  Pair* add_heard(const Base& base, const Remote& remote, Role role, Instant now);

  Pair* find(BaseId base, RemoteId remote);
  Pair* find(PairId id);
  std::vector<Pair>& pairs() { return pairs_; }
  const std::vector<Pair>& pairs() const { return pairs_; }

  // The role changed: so did every priority.
  void reprioritize(const std::vector<Base>& bases, const std::vector<Remote>& remotes, Role role);

  // RFC 8445 §7.2.5.3.3: the other pairs of the same foundation need wait no longer.
  void succeeded(Pair& pair, Instant now);
  // The next frozen pair of its foundation takes its turn.
  void failed(Pair& pair, PairReason reason, Instant now);
  // Has the check go out before all others.
  static void trigger(Pair& pair, Instant now);
  // Another look around: whatever has not succeeded is tried anew.
  void start_over(Instant now);

  // What should be checked now: triggered before due, what works before what
  // may, better before worse.
  Pair* next_due(Instant now);
  // When something will be due; may lie in the past.
  std::optional<Instant> next_due_at() const;

  // True where no pair can still succeed without anything new happening.
  bool exhausted() const;

  void remove_base(BaseId base);
  void clear();

 private:
  struct Foundation {
    std::string local;
    std::string remote;
    auto operator<=>(const Foundation&) const = default;
  };
  void wake_one(std::uint32_t foundation, Instant now);
  Pair* insert(const Base& base, const Remote& remote, Role role, Instant now);
  bool make_room(std::uint64_t priority);
  std::uint32_t foundation_of(const Base& base, const Remote& remote);

  std::size_t max_pairs_;
  std::vector<Pair> pairs_;
  std::map<Foundation, std::uint32_t> foundations_;
  // Checks in this look around that were spent on pairs that have given way.
  std::map<std::pair<BaseId, RemoteId>, int> spent_;
  std::uint32_t next_id_ = 1;
};

}  // namespace beeline::ice
