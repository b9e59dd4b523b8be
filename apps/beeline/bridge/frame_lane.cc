#include "apps/beeline/bridge/frame_lane.h"

#include <algorithm>

namespace beeline::cli {

void FrameLane::enter(Bytes frame, Instant now) {
  ++counts_.frames_in;
  counts_.bytes_in += frame.size();
  const sim::Lane::Passage passage = lane_.pass(frame.size(), now);
  if (passage.drop == sim::Drop::kLoss) {
    ++counts_.lost;
    return;
  }
  if (passage.drop != sim::Drop::kNone || bytes_waiting_ + 2 * frame.size() > kMostBytes) {
    ++counts_.queue_full;
    return;
  }
  if (passage.twice) {
    ++counts_.doubled;
    keep(frame, passage.arrives);
  }
  keep(frame, passage.arrives);
}

void FrameLane::keep(Bytes frame, Instant due) {
  waiting_.emplace(std::pair(due, next_number_++), Frame(frame.begin(), frame.end()));
  bytes_waiting_ += frame.size();
}

std::optional<FrameLane::Frame> FrameLane::leave(Instant now) {
  if (waiting_.empty() || waiting_.begin()->first.first > now) return std::nullopt;
  counts_.latest = std::max(counts_.latest, now - waiting_.begin()->first.first);
  Frame frame = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  bytes_waiting_ -= frame.size();
  ++counts_.frames_out;
  counts_.bytes_out += frame.size();
  return frame;
}

}  // namespace beeline::cli
