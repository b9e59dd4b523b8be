// Streams that begin anew (RFC 6525): what closes a data channel (RFC 8831 §6.7), and how many
// there may be. One request of ours is under way at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/instant.h"
#include "beeline/base/protocol_core.h"
#include "beeline/sctp/wire/packet_builder.h"
#include "beeline/sctp/wire/parameter.h"

namespace beeline::sctp {

class StreamResets {
 public:
  // Requests of the other side count from its first TSN, ours from our own.
  StreamResets(Tsn ours, Tsn theirs) : next_(ours.value), expected_(theirs.value) {}

  // --- ours ---
  void ask(std::vector<StreamId> streams);
  // What the answer was to what was asked.
  struct Answered {
    std::vector<StreamId> streams;
    bool refused = false;
  };
  std::optional<Answered> on_response(const ReConfigResponse& response, Instant now,
                                      Duration timeout);
  // The other side uses a stream again, which it does only after it did what was asked: its answer
  // got lost.
  std::optional<Answered> on_implied_response(StreamId stream);
  // Whether a request can leave: none is under way and one waits.
  bool is_due(Instant now) const;
  std::optional<Instant> next_timeout() const { return earliest(again_at_, perform_at_); }
  // Writes the request that is under way, or the next; `last` is the last TSN given. False where it
  // does not fit: is_due() still.
  bool write_request(PacketBuilder& builder, Tsn last, Instant now, Duration timeout);

  // --- theirs ---
  // What the other side asks, while `cumulative` of it has come; streams to be begun anew now.
  struct Asked {
    std::optional<std::vector<StreamId>> reset;  // an empty list: all
  };
  Asked on_request(const ReConfigParameter& request, LongTsn cumulative, Instant now);
  // What waited for TSNs to come, or for the next second, may be done now: one request's streams,
  // so until there is nothing.
  Asked on_progress(LongTsn cumulative, Instant now);
  bool owes_response() const { return !responses_.empty(); }
  void write_responses(PacketBuilder& builder);

 private:
  struct UnderWay {
    Tsn request;
    Tsn last;
    std::vector<StreamId> streams;
    bool left = false;
  };
  struct Waiting {
    Tsn request;
    LongTsn last;
    std::vector<StreamId> streams;
  };

  void on_request_out_of_order(Tsn request);
  void respond(Tsn request, ReConfigResult result);
  bool may_perform(Instant now);

  std::uint32_t next_;  // the number of our next request
  std::vector<StreamId> asked_;
  std::optional<UnderWay> under_way_;
  std::optional<Instant> again_at_;
  std::uint32_t tries_ = 0;  // of the request that is under way
  std::uint32_t expected_;   // the number of their next
  ReConfigResult last_result_ = ReConfigResult::kNothingToDo;
  std::deque<Waiting> waiting_;  // in the order in which they were asked
  Instant second_began_;
  int done_in_second_ = 0;
  std::optional<Instant> perform_at_;  // what waits waits for this alone
  Fifo<ReConfigResponse> responses_;
};

}  // namespace beeline::sctp
