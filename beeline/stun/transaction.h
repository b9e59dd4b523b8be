// The client's side of one STUN request: when to send it again and when to give up (RFC 8489
// §6.2.1, §6.2.2).
#pragma once

#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/stun/message.h"

namespace beeline::stun {

// Told when it was sent, says when to send it again.
//
//   waiting ──due, fewer than Rc sent──▶ (send again) waiting
//      └──────due, Rc sent and Rm × RTO waited──▶ failed
class Transaction {
 public:
  struct Timing {
    Duration rto = std::chrono::milliseconds(500);  // the first interval; it doubles
    int max_sends = 7;                              // Rc
    int last_wait = 16;                             // Rm, in RTOs, after the last send
    Duration reliable_timeout =
        std::chrono::milliseconds(39500);  // Ti, where the transport repeats by itself
  };
  enum class Due { kNothing, kSendAgain, kFailed };

  // The first send happens at `now`.
  Transaction(const TransactionId& id, Timing timing, bool reliable_transport, Instant now);

  const TransactionId& id() const { return id_; }
  Instant next_timeout() const { return deadline_; }
  // What is due at `now`; kSendAgain counts as sent.
  Due handle_timeout(Instant now);
  // The round trip, for a response at `now`; none where a repeat makes it ambiguous (Karn).
  std::optional<Duration> round_trip(Instant now) const;

 private:
  TransactionId id_;
  Timing timing_;
  Instant first_sent_;
  Instant deadline_;
  Duration interval_;
  int sends_ = 1;
  bool reliable_;
};

}  // namespace beeline::stun
