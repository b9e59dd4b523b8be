// How much may be under way and how fast it may leave: the seam between what is sent and the model
// that decides. Two models: tx/rate_control (the default) and tx/cubic.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "beeline/base/instant.h"

namespace beeline::sctp {

// What one acknowledgement taught.
struct AckSample {
  std::uint64_t acknowledged = 0;  // bytes, newly
  std::uint64_t lost = 0;          // bytes, newly taken for lost
  std::uint64_t delivered = 0;     // bytes, in all
  std::uint64_t in_flight = 0;     // bytes, now
  Duration round_trip{};           // of the newest chunk acknowledged; 0: none
  // A sample of the path's rate: `rate_bytes` took `rate_interval`; 0: none.
  std::uint64_t rate_bytes = 0;
  Duration rate_interval{};
  std::uint64_t delivered_before = 0;  // when that chunk was sent
  bool application_limited = false;    // there was nothing to send: the path may carry more
};

class CongestionControl {
 public:
  virtual ~CongestionControl() = default;
  virtual void on_ack(const AckSample& sample, Instant now) = 0;
  // Nothing was heard for a whole timeout.
  virtual void on_timeout(Instant now) = 0;
  // Another path below: nothing that was learned holds.
  virtual void on_new_path(Instant now) = 0;
  // Bytes that may be in flight, and bytes per second.
  virtual std::uint64_t window() const = 0;
  virtual std::uint64_t rate() const = 0;
  virtual std::string_view name() const = 0;
};

enum class CongestionModel : std::uint8_t { kRate, kCubic };

// `packet`: bytes of a full packet. `round_trip`: a guess to begin with.
std::unique_ptr<CongestionControl> make_congestion_control(CongestionModel model,
                                                           std::size_t packet, Duration round_trip);

}  // namespace beeline::sctp
