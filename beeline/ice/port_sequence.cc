#include "beeline/ice/port_sequence.h"

#include <algorithm>
#include <cstdlib>

namespace beeline::ice {
namespace {

constexpr std::size_t kMostDestinations = 64;

}  // namespace

void PortSequence::sent(const TransportAddress& destination) {
  if (over_ || (last_ < destinations_.size() && destinations_[last_] == destination)) return;
  const auto known = std::ranges::find(destinations_, destination);
  last_ = static_cast<std::size_t>(known - destinations_.begin());
  if (known != destinations_.end()) return;
  destinations_.push_back(destination);
  if (destinations_.size() > kMostDestinations) give_up();
}

void PortSequence::seen(const TransportAddress& server, const TransportAddress& mapped) {
  if (over_ || predicted_at_) return;
  const auto place = std::ranges::find(destinations_, server);
  if (place == destinations_.end()) return;
  const auto at = static_cast<std::size_t>(place - destinations_.begin());
  for (const Seen& other : seen_) {
    if (other.place == at) return;
    // The same for two destinations, or another address each time: nothing to predict.
    if (other.mapped == mapped || other.mapped.ip != mapped.ip) return give_up();
  }
  seen_.push_back({at, mapped});
  if (seen_.size() >= 2 && !step()) give_up();
}

void PortSequence::give_up() {
  over_ = true;
  destinations_.clear();
  destinations_.shrink_to_fit();
  seen_.clear();
}

// None where what was seen does not lie on one line.
std::optional<std::int32_t> PortSequence::step() const {
  std::optional<std::int32_t> step;
  const Seen& first = seen_.front();
  for (std::size_t i = 1; i < seen_.size(); ++i) {
    const auto places =
        static_cast<std::int32_t>(seen_[i].place) - static_cast<std::int32_t>(first.place);
    const std::int32_t ports = seen_[i].mapped.port.value - first.mapped.port.value;
    if (ports % places != 0 || (step && *step != ports / places)) return std::nullopt;
    step = ports / places;
  }
  if (step && std::abs(*step) > kMaxStep) return std::nullopt;
  return step;
}

std::vector<TransportAddress> PortSequence::predict() {
  if (over_ || predicted_at_ || seen_.size() < 2) return {};
  predicted_at_ = destinations_.size();
  std::vector<TransportAddress> predictions;
  const Seen& last = seen_.back();
  for (std::uint32_t number = 1; number <= kPredictions; ++number) {
    const auto places = static_cast<std::int32_t>(*predicted_at_ + number - 1 - last.place);
    const std::int32_t port = last.mapped.port.value + places * *step();
    if (port <= 0 || port > 0xFFFF) break;
    predictions.push_back({last.mapped.ip, Port{static_cast<std::uint16_t>(port)}});
  }
  return predictions;
}

bool PortSequence::meets(const TransportAddress& destination, std::uint32_t number) const {
  if (over_ || !predicted_at_) return true;
  if (std::ranges::find(destinations_, destination) != destinations_.end()) return true;
  return destinations_.size() + 1 == *predicted_at_ + number;
}

}  // namespace beeline::ice
