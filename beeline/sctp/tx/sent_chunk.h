// One DATA chunk under way: what is needed to send it again and to learn from its acknowledgement.
#pragma once

#include <cstdint>

#include "beeline/base/instant.h"
#include "beeline/sctp/tx/send_queue.h"

namespace beeline::sctp {

// How much had been delivered when a chunk left; beside what has been when its acknowledgement
// comes, that is a sample of the path's rate.
struct DeliverySnapshot {
  std::uint64_t delivered = 0;  // bytes, since the association began
  Instant delivered_at;
  Instant first_sent;  // when the flight left that this chunk belongs to
  bool application_limited = false;
};

struct SentChunk {
  //                       ┌────────── sent again ──────────┐
  //   in flight ──lost──▶ lost ───────────────────────────▶ in flight
  //       └──acknowledged or given up──▶ settled
  enum class State : std::uint8_t { kInFlight, kLost, kAcknowledged, kGivenUp };

  DataChunk chunk;
  MessageId message;
  State state = State::kInFlight;
  std::uint32_t transmissions = 0;
  Instant sent;
  DeliverySnapshot snapshot;
  // Neighbours in the order of sending, of those in flight; 0: none.
  std::uint64_t sent_before = 0;
  std::uint64_t sent_after = 0;

  // What it takes of a packet.
  std::size_t size() const {
    return chunk.payload.size() +
           (chunk.interleaved ? DataChunk::kInterleavedHeader : DataChunk::kHeader);
  }
};

}  // namespace beeline::sctp
