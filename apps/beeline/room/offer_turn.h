// Whose turn it is to offer once a connection exists: the polite side asks first, so that two
// offers do not meet (docs/protocol/signaling.md, section 9). A decision with two deadlines; no
// connection in here.
//
//   polite:    idle ──want──▶ asking ──go, or 4 s──▶ (offer) idle
//   impolite:  idle ──ask──▶ promised ──offer came, or 4 s──▶ (offer, if one is wanted) idle
#pragma once

#include <optional>

#include "beeline/base/instant.h"
#include "beeline/base/protocol_core.h"

namespace beeline::cli {

class OfferTurn {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(4);
  enum class Move { kNone, kOffer, kSayAsk, kSayGo };

  explicit OfferTurn(bool polite) : polite_(polite) {}

  // Something is to be negotiated. `established`: a session was agreed on before.
  Move want(bool established, Instant now) {
    if (promised_until_) {
      held_back_ = true;
      return Move::kNone;
    }
    if (!polite_ || !established) return Move::kOffer;
    if (asking_until_) return Move::kNone;
    asking_until_ = now + kPatience;
    return Move::kSayAsk;
  }
  // The other side said `go`.
  Move granted() {
    if (!asking_until_) return Move::kNone;
    asking_until_.reset();
    return Move::kOffer;
  }
  // The other side said `ask`; `quiet`: nothing is being negotiated at this moment.
  Move asked(bool quiet, Instant now) {
    if (polite_) return Move::kNone;
    to_grant_ = true;
    return settled(quiet, now);
  }
  // A negotiation came to its end, perhaps the one that the other side was given.
  Move settled(bool quiet, Instant now) {
    if (!quiet) return Move::kNone;
    if (to_grant_) {
      to_grant_ = false;
      promised_until_ = now + kPatience;
      return Move::kSayGo;
    }
    return promised_until_ ? release() : Move::kNone;
  }

  Move handle_timeout(Instant now) {
    // Who hears no `go` offers all the same: the other side may not know the question.
    if (asking_until_ && *asking_until_ <= now) return granted();
    return promised_until_ && *promised_until_ <= now ? release() : Move::kNone;
  }
  std::optional<Instant> next_timeout() const { return earliest(asking_until_, promised_until_); }

 private:
  Move release() {
    promised_until_.reset();
    if (!held_back_) return Move::kNone;
    held_back_ = false;
    return Move::kOffer;
  }

  bool polite_;
  std::optional<Instant> asking_until_;
  std::optional<Instant> promised_until_;
  bool held_back_ = false;
  bool to_grant_ = false;
};

}  // namespace beeline::cli
