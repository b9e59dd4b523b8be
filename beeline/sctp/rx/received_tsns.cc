#include "beeline/sctp/rx/received_tsns.h"

#include <algorithm>

namespace beeline::sctp {

void ReceivedTsns::add(LongTsn tsn) {
  if (tsn == cumulative_.next() && beyond_.empty()) {
    cumulative_ = tsn;
    return;
  }
  out_of_order_ = true;
  beyond_.add(tsn);
  if (beyond_.all().front().first == cumulative_.next()) {
    cumulative_ = beyond_.all().front().last;
    beyond_.drop_to(cumulative_);
  }
}

void ReceivedTsns::add_duplicate(LongTsn tsn) {
  //= RFC 9260 §6.2
  urgent_ = true;
  if (duplicate_count_ < kMostDuplicates) duplicates_[duplicate_count_++] = tsn.wire();
}

void ReceivedTsns::forward(LongTsn tsn) {
  //= RFC 3758 §3.6
  urgent_ = true;
  if (tsn <= cumulative_) return;
  cumulative_ = tsn;
  beyond_.drop_to(tsn);
  if (beyond_.empty() || beyond_.all().front().first != tsn.next()) return;
  cumulative_ = beyond_.all().front().last;
  beyond_.drop_to(cumulative_);
}

void ReceivedTsns::packet_ends(bool at_once, Instant now) {
  //= RFC 9260 §6.2
  // At least every second packet, and none later than the delay.
  ++packets_unacknowledged_;
  const bool gaps = has_gaps() || out_of_order_;
  out_of_order_ = false;
  if (rules::acknowledges_at_once(at_once, gaps, packets_unacknowledged_)) urgent_ = true;
  if (!ack_at_) ack_at_ = now + rules::acknowledgement_delay();
}

//= RFC 9260 §3.3.4
//  |   Type = 3    |  Chunk Flags  |         Chunk Length          |
//  |                      Cumulative TSN Ack                       |
//  |          Advertised Receiver Window Credit (a_rwnd)           |
//  | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = X |
//  |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      | …
//  |                       Duplicate TSN 1                         | …
void ReceivedTsns::write_sack(PacketBuilder& builder, std::uint32_t window) {
  constexpr std::size_t kFixed = kLeastSack;
  const std::size_t fit = (builder.room() - kFixed) / 4;
  const std::size_t blocks = std::min({beyond_.all().size(), kMostBlocks, fit});
  const std::size_t duplicates = std::min(duplicate_count_, fit - blocks);
  ByteWriter writer(builder.chunk(ChunkType::kSack, 0, kFixed + 4 * (blocks + duplicates)));
  writer.u32(cumulative_.wire().value);
  writer.u32(window);
  writer.u16(static_cast<std::uint16_t>(blocks));
  writer.u16(static_cast<std::uint16_t>(duplicates));
  for (std::size_t i = 0; i < blocks; ++i) {
    writer.u16(static_cast<std::uint16_t>(beyond_.all()[i].first - cumulative_));
    writer.u16(static_cast<std::uint16_t>(beyond_.all()[i].last - cumulative_));
  }
  for (std::size_t i = 0; i < duplicates; ++i) writer.u32(duplicates_[i].value);
  duplicate_count_ = 0;
  urgent_ = false;
  packets_unacknowledged_ = 0;
  ack_at_.reset();
}

}  // namespace beeline::sctp
