// Which TSNs beyond the cumulative one are there: the receiver's record of what arrived out of
// order, and the sender's of what the other side said about it. Costs by gaps, not by TSNs.
#pragma once

#include <algorithm>
#include <vector>

#include "beeline/sctp/numbers.h"

namespace beeline::sctp {

// Both ends belong to it.
struct TsnRange {
  LongTsn first;
  LongTsn last;
  bool operator==(const TsnRange&) const = default;
};

// Sorted, with a gap between any two.
class TsnRanges {
 public:
  const std::vector<TsnRange>& all() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  void clear() { ranges_.clear(); }

  bool contains(LongTsn tsn) const {
    const auto at = after_or_at(tsn);
    return at != ranges_.end() && at->first <= tsn;
  }

  // Adds `range` and calls `is_new(TsnRange)` for each part of it that was not there, in order.
  template <typename New>
  void add(TsnRange range, New&& is_new) {
    // The first that touches or follows.
    auto from =
        std::lower_bound(ranges_.begin(), ranges_.end(), range.first,
                         [](const TsnRange& each, LongTsn tsn) { return each.last.next() < tsn; });
    auto to = from;
    LongTsn next = range.first;
    TsnRange merged = range;
    for (; to != ranges_.end() && to->first <= range.last.next(); ++to) {
      if (next < to->first) is_new(TsnRange{next, to->first.previous()});
      next = std::max(next, to->last.next());
      merged = {std::min(merged.first, to->first), std::max(merged.last, to->last)};
    }
    if (next <= range.last) is_new(TsnRange{next, range.last});
    if (from == to) {
      ranges_.insert(from, merged);
      return;
    }
    *from = merged;
    ranges_.erase(from + 1, to);
  }
  void add(LongTsn tsn) {
    add({tsn, tsn}, [](TsnRange) {});
  }

  // Forgets everything up to `tsn`.
  void drop_to(LongTsn tsn) {
    const auto keep = after_or_at(tsn.next());
    ranges_.erase(ranges_.begin(), keep);
    if (!ranges_.empty()) ranges_.front().first = std::max(ranges_.front().first, tsn.next());
  }

 private:
  // The first range that ends at `tsn` or later.
  std::vector<TsnRange>::const_iterator after_or_at(LongTsn tsn) const {
    return std::lower_bound(ranges_.begin(), ranges_.end(), tsn,
                            [](const TsnRange& each, LongTsn at) { return each.last < at; });
  }
  std::vector<TsnRange>::iterator after_or_at(LongTsn tsn) {
    return std::lower_bound(ranges_.begin(), ranges_.end(), tsn,
                            [](const TsnRange& each, LongTsn at) { return each.last < at; });
  }

  std::vector<TsnRange> ranges_;
};

}  // namespace beeline::sctp
