#include "beeline/sctp/tx/congestion.h"

#include "beeline/sctp/tx/cubic.h"
#include "beeline/sctp/tx/rate_control.h"

namespace beeline::sctp {

std::unique_ptr<CongestionControl> make_congestion_control(CongestionModel model,
                                                           std::size_t packet,
                                                           Duration round_trip) {
  if (model == CongestionModel::kCubic) return std::make_unique<Cubic>(packet, round_trip);
  return std::make_unique<RateControl>(packet, round_trip);
}

}  // namespace beeline::sctp
