// Which TSNs have arrived, and when and how the other side is told (RFC 9260 §6.2): the cumulative
// one, the blocks beyond, the duplicates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"
#include "beeline/sctp/rules.h"
#include "beeline/sctp/tsn_ranges.h"
#include "beeline/sctp/wire/packet_builder.h"

namespace beeline::sctp {

class ReceivedTsns {
 public:
  static constexpr std::size_t kMostDuplicates = 16;
  static constexpr std::size_t kMostBlocks = 256;
  static constexpr std::size_t kLeastSack = 12;  // bytes of a SACK's value

  // `first` is the other side's first TSN.
  explicit ReceivedTsns(Tsn first) : cumulative_(first_long(first).previous()) {}

  LongTsn lengthen(Tsn tsn) const { return sctp::lengthen(tsn, cumulative_); }
  LongTsn cumulative() const { return cumulative_; }
  bool contains(LongTsn tsn) const {
    return rules::already_have(tsn, cumulative_, beyond_.contains(tsn));
  }
  bool has_gaps() const { return !beyond_.empty(); }

  // A TSN that is neither there nor too far ahead, nor a gap too many.
  bool is_wanted(LongTsn tsn) const {
    if (contains(tsn) || rules::is_too_far_ahead(tsn - cumulative_)) return false;
    return !rules::has_too_many_gaps(beyond_.all().size()) || !makes_gap(tsn);
  }
  void add(LongTsn tsn);
  void add_duplicate(LongTsn tsn);
  // The other side gave up everything to `tsn` (RFC 3758 §3.6).
  void forward(LongTsn tsn);

  // A packet with data came in; `at_once`: the sender wants to hear now (RFC 9260 §3.3.1, bit I).
  void packet_ends(bool at_once, Instant now);
  // Something changed that the other side has to know: the window opened.
  void hurry() { urgent_ = true; }
  bool is_ack_due(Instant now) const { return urgent_ || (ack_at_ && *ack_at_ <= now); }
  // One is owed, if not now: it goes with whatever leaves anyhow.
  bool is_ack_owed() const { return urgent_ || ack_at_.has_value(); }
  std::optional<Instant> ack_at() const { return ack_at_; }

  // Writes a SACK of as many blocks as fit into `builder`, which has room for kLeastSack; nothing
  // is owed then. `window` in bytes.
  void write_sack(PacketBuilder& builder, std::uint32_t window);

 private:
  bool makes_gap(LongTsn tsn) const {
    return tsn != cumulative_.next() && !beyond_.contains(tsn.previous()) &&
           !beyond_.contains(tsn.next());
  }

  LongTsn cumulative_;
  TsnRanges beyond_;
  std::array<Tsn, kMostDuplicates> duplicates_{};
  std::size_t duplicate_count_ = 0;
  bool urgent_ = false;
  bool out_of_order_ = false;  // something of this packet
  std::size_t packets_unacknowledged_ = 0;
  std::optional<Instant> ack_at_;
};

}  // namespace beeline::sctp
