#include "beeline/sctp/tx/outstanding.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {

const SentChunk& Outstanding::send_new(Fragment fragment, Instant now) {
  const LongTsn tsn = next_tsn();
  SentChunk& chunk = chunks_.push({});
  chunk.chunk = fragment.chunk;
  chunk.chunk.tsn = tsn.wire();
  chunk.message = fragment.message;
  put_in_flight(tsn, chunk, now);
  return chunk;
}

void Outstanding::send_nothing(const Fragment& fragment) {
  const LongTsn tsn = next_tsn();
  SentChunk& chunk = chunks_.push({});
  chunk.chunk = fragment.chunk;
  chunk.chunk.tsn = tsn.wire();
  chunk.message = fragment.message;
  chunk.state = State::kGivenUp;
  give_up(tsn);
}

void Outstanding::put_in_flight(LongTsn tsn, SentChunk& chunk, Instant now) {
  if (in_flight_ == 0) first_sent_ = delivered_at_ = now;
  chunk.state = State::kInFlight;
  ++chunk.transmissions;
  chunk.sent = now;
  chunk.snapshot = {delivered_, delivered_at_, first_sent_, limited_until_ > delivered_};
  in_flight_ += chunk.size();
  chunk.sent_before = newest_;
  chunk.sent_after = 0;
  if (newest_ != 0) at(LongTsn{newest_}).sent_after = tsn.value;
  newest_ = tsn.value;
  if (oldest_ == 0) oldest_ = tsn.value;
}

void Outstanding::take_out_of_flight(SentChunk& chunk) {
  in_flight_ -= chunk.size();
  if (chunk.sent_before != 0)
    at(LongTsn{chunk.sent_before}).sent_after = chunk.sent_after;
  else
    oldest_ = chunk.sent_after;
  if (chunk.sent_after != 0)
    at(LongTsn{chunk.sent_after}).sent_before = chunk.sent_before;
  else
    newest_ = chunk.sent_before;
}

Outstanding::Heard Outstanding::on_sack(const SackChunk& sack, RoundTrip& round_trip,
                                        AckSample& sample, Instant now) {
  const LongTsn cumulative = lengthen(sack.cumulative(), cumulative_);
  if (cumulative >= next_tsn()) return Heard::kImpossible;
  if (rules::is_old_sack(cumulative, cumulative_)) return Heard::kOld;
  rate_base_.reset();
  const std::uint64_t delivered_before = delivered_;
  const auto acknowledge_range = [&](TsnRange range) {
    for (LongTsn tsn = range.first; tsn <= range.last; tsn = tsn.next())
      acknowledge(tsn, sample, now);
  };
  for (LongTsn tsn = std::max(cumulative_.next(), first_); tsn <= cumulative; tsn = tsn.next())
    if (!acknowledged_.contains(tsn)) acknowledge(tsn, sample, now);
  cumulative_ = cumulative;
  acknowledged_.drop_to(cumulative_);
  for (std::size_t i = 0; i < sack.blocks(); ++i) {
    const SackChunk::Block block = sack.block(i);
    const TsnRange range{cumulative_ + block.first, cumulative_ + block.last};
    if (block.first < 2 || block.last < block.first || range.last >= next_tsn())
      return Heard::kImpossible;
    acknowledged_.add(range, acknowledge_range);
  }
  // What arrived twice was not lost: be more patient with reordering (RFC 8985 §6.2 step 4).
  if (sack.duplicates() > 0 && reordering_steps_ < 4) {
    reordering_seen_ = true;
    ++reordering_steps_;
  }
  notice_reneging();
  drop_acknowledged();
  advance();
  sample.acknowledged = delivered_ - delivered_before;
  note_round_trip(round_trip, sample, now);
  finish_sample(sample, now);
  return Heard::kNews;
}

void Outstanding::acknowledge(LongTsn tsn, AckSample& sample, Instant now) {
  SentChunk& chunk = at(tsn);
  if (chunk.state == State::kAcknowledged) return;
  if (chunk.state == State::kInFlight) take_out_of_flight(chunk);
  const bool given_up = chunk.state == State::kGivenUp;
  chunk.state = State::kAcknowledged;
  // It may never have arrived, and says nothing about the path.
  if (given_up) return;
  delivered_ += chunk.size();
  delivered_at_ = now;
  if (!rate_base_ || chunk.snapshot.delivered >= rate_base_->snapshot.delivered) {
    rate_base_ = RateBase{chunk.snapshot, chunk.sent};
    first_sent_ = chunk.sent;
    sample.application_limited = chunk.snapshot.application_limited;
  }
  const Duration round_trip = now - chunk.sent;
  const bool again = chunk.transmissions > 1;
  //= RFC 8985 §6.2
  // An answer sooner than any path allows is one to the first transmission.
  if (again && least_round_trip_ != Duration::max() && round_trip < least_round_trip_) return;
  if (tsn < highest_acknowledged_ && !again) reordering_seen_ = true;
  highest_acknowledged_ = std::max(highest_acknowledged_, tsn);
  if (!latest_ || chunk.sent > latest_->sent || (chunk.sent == latest_->sent && tsn > latest_->tsn))
    latest_ = Latest{chunk.sent, tsn, round_trip, again};
}

void Outstanding::note_round_trip(RoundTrip& round_trip, AckSample& sample, Instant now) {
  // Only news, not what an older SACK told.
  if (sample.acknowledged == 0 || !latest_) return;
  if (!rules::tells_round_trip(latest_->is_retransmission)) return;
  if (now - latest_->sent != latest_->round_trip) return;
  sample.round_trip = latest_->round_trip;
  if (std::exchange(least_is_doubted_, false)) least_round_trip_ = latest_->round_trip;
  least_round_trip_ = std::min(least_round_trip_, latest_->round_trip);
  round_trip.sample(latest_->round_trip);
}

void Outstanding::finish_sample(AckSample& sample, Instant now) const {
  sample.delivered = delivered_;
  sample.in_flight = in_flight_;
  if (!rate_base_) return;
  const DeliverySnapshot& base = rate_base_->snapshot;
  sample.delivered_before = base.delivered;
  sample.rate_bytes = delivered_ - base.delivered;
  // The slower of how it was sent and how it was acknowledged: neither can be faster than the path.
  sample.rate_interval = std::max(rate_base_->sent - base.first_sent, now - base.delivered_at);
}

void Outstanding::drop_acknowledged() {
  while (!chunks_.empty() && first_ <= cumulative_) {
    queue_.settle(chunks_.front().message);
    chunks_.drop();
    first_ = first_.next();
  }
}

//= RFC 9260 §6.2
// The other side may take back what it said of TSNs beyond the cumulative one; that it did shows
// when it stands right before one that it had.
void Outstanding::notice_reneging() {
  const LongTsn next = cumulative_.next();
  if (next >= next_tsn() || next < first_ || !acknowledged_.contains(next)) return;
  for (const TsnRange& range : acknowledged_.all())
    for (LongTsn tsn = range.first; tsn <= range.last; tsn = tsn.next()) mark_lost(tsn);
  acknowledged_.clear();
}

//= RFC 8985 §6.2
std::uint64_t Outstanding::detect_losses(const RoundTrip& round_trip, Instant now) {
  loss_at_.reset();
  if (!latest_) return 0;
  const Duration reordering = reordering_window(round_trip);
  std::uint64_t lost = 0;
  while (oldest_ != 0) {
    const LongTsn tsn{oldest_};
    const SentChunk& chunk = at(tsn);
    const bool before_latest =
        chunk.sent < latest_->sent || (chunk.sent == latest_->sent && tsn < latest_->tsn);
    if (!before_latest) break;
    if (!rules::is_lost(chunk.sent, latest_->round_trip, reordering, now)) {
      loss_at_ = chunk.sent + latest_->round_trip + reordering;
      break;
    }
    lost += chunk.size();
    lose(tsn);
  }
  return lost;
}

Duration Outstanding::reordering_window(const RoundTrip& round_trip) const {
  const Duration shortest =
      least_round_trip_ == Duration::max() ? round_trip.smoothed() : least_round_trip_;
  return rules::reordering_window(reordering_seen_, reordering_steps_, shortest,
                                  round_trip.smoothed());
}

void Outstanding::on_new_path() {
  latest_.reset();
  loss_at_.reset();
  least_round_trip_ = Duration::max();
  least_is_doubted_ = false;
  reordering_seen_ = false;
  reordering_steps_ = 1;
}

// The path may have become shorter, with everything lost that could have shown it: then all answers
// to what is sent again would come too soon to be believed.
void Outstanding::on_silence() {
  if (least_round_trip_ == Duration::max()) return;
  least_round_trip_ /= 2;
  least_is_doubted_ = true;
}

void Outstanding::lose(LongTsn tsn) {
  take_out_of_flight(at(tsn));
  mark_lost(tsn);
}

void Outstanding::mark_lost(LongTsn tsn) {
  at(tsn).state = State::kLost;
  // Who takes back what it said, again and again, gets no heap of it.
  if (lost_.size() > 2 * chunks_.size() + 64) {
    lost_.clear();
    for (LongTsn each = first_; each < next_tsn(); each = each.next())
      if (each != tsn && at(each).state == State::kLost) lost_.push_back(each);
    std::ranges::make_heap(lost_, std::greater<>{});
  }
  lost_.push_back(tsn);
  std::ranges::push_heap(lost_, std::greater<>{});
}

std::uint64_t Outstanding::lose_all() {
  std::uint64_t lost = 0;
  while (oldest_ != 0) {
    lost += at(LongTsn{oldest_}).size();
    lose(LongTsn{oldest_});
  }
  loss_at_.reset();
  return lost;
}

const SentChunk* Outstanding::send_again(std::size_t room, Instant now) {
  while (!lost_.empty()) {
    const LongTsn tsn = lost_.front();
    const bool still_lost = tsn >= first_ && at(tsn).state == State::kLost;
    if (still_lost) {
      SentChunk& chunk = at(tsn);
      if (queue_.is_over(chunk.message, chunk.transmissions, now)) {
        give_up(tsn);
      } else if (chunk.chunk.payload.size() > room) {
        return nullptr;
      }
    }
    std::ranges::pop_heap(lost_, std::greater<>{});
    lost_.pop_back();
    if (!still_lost || at(tsn).state != State::kLost) continue;
    SentChunk& chunk = at(tsn);
    put_in_flight(tsn, chunk, now);
    return &chunk;
  }
  return nullptr;
}

const SentChunk* Outstanding::probe(std::size_t room, Instant now) {
  for (LongTsn tsn{newest_}; tsn.value != 0; tsn.value = at(tsn).sent_before) {
    SentChunk& chunk = at(tsn);
    if (queue_.is_over(chunk.message, chunk.transmissions, now)) continue;
    if (chunk.chunk.payload.size() > room) return nullptr;
    take_out_of_flight(chunk);
    put_in_flight(tsn, chunk, now);
    return &chunk;
  }
  return nullptr;
}

std::optional<Instant> Outstanding::oldest_sent() const {
  if (oldest_ == 0) return std::nullopt;
  return at(LongTsn{oldest_}).sent;
}

std::optional<Instant> Outstanding::newest_sent() const {
  if (newest_ == 0) return std::nullopt;
  return at(LongTsn{newest_}).sent;
}

//= RFC 3758 §3.5
// A message is given up as a whole, also those fragments that are still in flight.
void Outstanding::give_up(LongTsn tsn) {
  const DataChunk& lost = at(tsn).chunk;
  const MessageId message = at(tsn).message;
  queue_.give_up(message);
  const bool is_whole = lost.begin && lost.end;
  for (LongTsn each = is_whole ? tsn : first_; each <= (is_whole ? tsn : next_tsn().previous());
       each = each.next()) {
    SentChunk& chunk = at(each);
    if (chunk.message != message || chunk.state == State::kAcknowledged) continue;
    if (chunk.state == State::kInFlight) take_out_of_flight(chunk);
    chunk.state = State::kGivenUp;
  }
  advance();
}

//= RFC 3758 §3.5
void Outstanding::advance() {
  advanced_ = std::max(advanced_, cumulative_);
  while (advanced_.next() < next_tsn() && advanced_.next() >= first_) {
    const State state = at(advanced_.next()).state;
    if (state != State::kGivenUp && state != State::kAcknowledged) return;
    advanced_ = advanced_.next();
  }
}

//= RFC 3758 §3.2
//  |   Type = 192  |  Flags = 0x00 |        Length = Variable      |
//  |                      New Cumulative TSN                       |
//  |         Stream-1              |       Stream Sequence-1       | …
//= RFC 8260 §2.3.1
//  |       Stream Identifier       |          Reserved           |U|
//  |                       Message Identifier                      | …
LongTsn Outstanding::write_forward_tsn(PacketBuilder& builder, bool interleaved) const {
  const std::size_t each = interleaved ? 8 : 4;
  const std::size_t most = (builder.room() - 4) / each;
  LongTsn to = advanced();
  // The last number of each stream that is skipped.
  std::vector<ForwardTsnChunk::Skipped> skips;
  for (LongTsn tsn = std::max(first_, cumulative_.next()); tsn <= advanced_; tsn = tsn.next()) {
    const SentChunk& chunk = at(tsn);
    if (chunk.state != State::kGivenUp) continue;
    // Unordered DATA has no number; RFC 3758 §3.2 wants it left out.
    if (chunk.chunk.unordered && !interleaved) continue;
    const auto same = std::ranges::find_if(skips, [&](const auto& skip) {
      return skip.stream == chunk.chunk.stream && skip.unordered == chunk.chunk.unordered;
    });
    if (same != skips.end()) {
      same->message = chunk.chunk.message;
      continue;
    }
    if (skips.size() == most) {
      to = tsn.previous();
      break;
    }
    skips.push_back({chunk.chunk.stream, chunk.chunk.unordered, chunk.chunk.message});
  }
  ByteWriter writer(builder.chunk(interleaved ? ChunkType::kIForwardTsn : ChunkType::kForwardTsn, 0,
                                  4 + each * skips.size()));
  writer.u32(to.wire().value);
  for (const auto& skip : skips) {
    writer.u16(skip.stream.value);
    if (interleaved) {
      writer.u16(skip.unordered ? 1 : 0);
      writer.u32(skip.message);
    } else {
      writer.u16(static_cast<std::uint16_t>(skip.message & 0xFFFF));
    }
  }
  return to;
}

}  // namespace beeline::sctp
