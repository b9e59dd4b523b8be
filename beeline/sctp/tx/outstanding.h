// The chunks under way: what each SACK says about them, which of them are lost (RFC 8985's ideas:
// by time of sending, not by counting), and which were given up (RFC 3758).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/sctp/tsn_ranges.h"
#include "beeline/sctp/tx/congestion.h"
#include "beeline/sctp/tx/round_trip.h"
#include "beeline/sctp/tx/sent_chunk.h"
#include "beeline/sctp/wire/packet_builder.h"

namespace beeline::sctp {

class Outstanding {
 public:
  Outstanding(Tsn first, SendQueue& queue)
      : queue_(queue), first_(first_long(first)), cumulative_(first_.previous()) {}
  Outstanding(const Outstanding&) = delete;
  Outstanding& operator=(const Outstanding&) = delete;

  LongTsn next_tsn() const { return first_ + chunks_.size(); }
  LongTsn cumulative() const { return cumulative_; }
  // Nothing waits for an acknowledgement.
  bool empty() const { return chunks_.empty(); }
  std::uint64_t in_flight() const { return in_flight_; }
  bool has_lost() const { return !lost_.empty(); }

  // The next TSN's chunk, sent now.
  const SentChunk& send_new(Fragment fragment, Instant now);
  // The next TSN's chunk, which never leaves; its message is given up.
  void send_nothing(const Fragment& fragment);
  // There is nothing more to send though there could be: rates measured now say little.
  // That holds until more than what is under way was delivered: also where that is nothing.
  void note_application_limited() { limited_until_ = delivered_ + in_flight_ + 1; }
  // The first lost chunk, of at most `room` payload bytes; it counts as sent again. Chunks that may
  // be given up are, on the way.
  const SentChunk* send_again(std::size_t room, Instant now);

  // What a SACK says. The sample has `lost` filled by detect_losses().
  enum class Heard : std::uint8_t { kNews, kOld, kImpossible };
  Heard on_sack(const SackChunk& sack, RoundTrip& round_trip, AckSample& sample, Instant now);
  // Marks what must be lost by now; returns its bytes.
  std::uint64_t detect_losses(const RoundTrip& round_trip, Instant now);
  // When detect_losses() will find more.
  std::optional<Instant> loss_at() const { return loss_at_; }
  // Everything in flight is taken for lost; returns its bytes (RFC 9260 §6.3.3).
  std::uint64_t lose_all();
  // What is known of the path's round trip and order is of another path.
  void on_new_path();
  // Nothing was heard though something should have been.
  void on_silence();
  // The newest chunk in flight that may be sent again, as a probe (RFC 8985 §7.3).
  const SentChunk* probe(std::size_t room, Instant now);
  // When the oldest and the newest of those in flight left.
  std::optional<Instant> oldest_sent() const;
  std::optional<Instant> newest_sent() const;

  // --- RFC 3758 ---
  // The TSN to which everything is acknowledged or given up; beyond cumulative() it has to be told.
  LongTsn advanced() const { return std::max(advanced_, cumulative_); }
  // Writes as much of that as fits, which says how far the other side may go: returns it. Further
  // than that can only be told once it is there.
  LongTsn write_forward_tsn(PacketBuilder& builder, bool interleaved) const;

 private:
  using State = SentChunk::State;

  SentChunk& at(LongTsn tsn) { return chunks_[tsn - first_]; }
  const SentChunk& at(LongTsn tsn) const { return chunks_[tsn - first_]; }
  void put_in_flight(LongTsn tsn, SentChunk& chunk, Instant now);
  void take_out_of_flight(SentChunk& chunk);
  void acknowledge(LongTsn tsn, AckSample& sample, Instant now);
  void note_round_trip(RoundTrip& round_trip, AckSample& sample, Instant now);
  void finish_sample(AckSample& sample, Instant now) const;
  void drop_acknowledged();
  void notice_reneging();
  void lose(LongTsn tsn);
  void mark_lost(LongTsn tsn);
  void give_up(LongTsn tsn);
  void advance();
  Duration reordering_window(const RoundTrip& round_trip) const;

  SendQueue& queue_;
  Fifo<SentChunk> chunks_;  // from first_ on
  LongTsn first_;
  LongTsn cumulative_;
  LongTsn advanced_;
  TsnRanges acknowledged_;     // beyond cumulative_
  std::vector<LongTsn> lost_;  // a heap, the lowest first
  std::uint64_t in_flight_ = 0;
  // Ends of the order of sending, of those in flight.
  std::uint64_t oldest_ = 0, newest_ = 0;

  // RFC 8985 §5.2: the chunk acknowledged that was sent last.
  struct Latest {
    Instant sent;
    LongTsn tsn;
    Duration round_trip{};
    bool is_retransmission = false;
  };
  std::optional<Latest> latest_;
  LongTsn highest_acknowledged_;
  bool reordering_seen_ = false;
  std::uint32_t reordering_steps_ = 1;           // quarters of a round trip to be patient
  Duration least_round_trip_ = Duration::max();  // that: unknown
  bool least_is_doubted_ = false;                // by a silence since
  std::optional<Instant> loss_at_;

  // draft-cheng-iccrg-delivery-rate-estimation §3.
  std::uint64_t delivered_ = 0;
  Instant delivered_at_;
  Instant first_sent_;
  std::uint64_t limited_until_ = 0;
  struct RateBase {
    DeliverySnapshot snapshot;
    Instant sent;
  };
  std::optional<RateBase> rate_base_;
};

}  // namespace beeline::sctp
