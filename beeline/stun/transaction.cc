#include "beeline/stun/transaction.h"

namespace beeline::stun {

Transaction::Transaction(const TransactionId& id, Timing timing, bool reliable_transport,
                         Instant now)
    : id_(id),
      timing_(timing),
      first_sent_(now),
      deadline_(now + (reliable_transport ? timing.reliable_timeout : timing.rto)),
      interval_(timing.rto),
      reliable_(reliable_transport) {}

Transaction::Due Transaction::handle_timeout(Instant now) {
  if (now < deadline_) return Due::kNothing;
  if (reliable_ || sends_ == timing_.max_sends) return Due::kFailed;
  ++sends_;
  interval_ *= 2;
  deadline_ =
      deadline_ + (sends_ == timing_.max_sends ? timing_.rto * timing_.last_wait : interval_);
  return Due::kSendAgain;
}

std::optional<Duration> Transaction::round_trip(Instant now) const {
  if (sends_ > 1) return std::nullopt;
  return now - first_sent_;
}

}  // namespace beeline::stun
