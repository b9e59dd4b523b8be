// How large a packet the path takes (RFC 8899, RFC 9260 §7.3): asked of the path itself, with
// packets that arrive whole or not at all, because what routers say about it often gets lost. Asks
// only once packets are full, so that an idle connection says nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "beeline/base/instant.h"

namespace beeline::sctp {

class PathMtu {
 public:
  //   base ──wanted──▶ searching ──answered, or nothing left──▶ settled
  //     ▲                   ▲                                      │
  //     │                   └────── wanted after ten minutes ──────┤
  //     └────────── another path, or packets that vanish ──────────┘
  //
  // Bytes of SCTP packets, multiples of four; `base` passes everywhere.
  explicit PathMtu(std::size_t base) : base_(base), most_(base), packet_(base) {}

  // What a packet may have.
  std::size_t packet() const { return packet_; }
  std::size_t base() const { return base_; }
  bool is_base() const { return packet_ == base_; }

  // Another path: what was found is forgotten. `most`: the largest worth trying; base or less:
  // none.
  void begin(std::size_t most);
  // A packet was full: a larger one would have been of use.
  void want(Instant now);
  // Packets larger than base vanish on this path.
  void on_black_hole(Instant now);

  // What the probe that is due now is to have, in bytes; sent() says that it left, and gives it its
  // number. `patience`: how long its answer may take.
  std::optional<std::size_t> due() const { return answer_by_ ? std::nullopt : trying_; }
  std::uint32_t sent(Duration patience, Instant now);
  // Probe `number` of `size` bytes arrived. True where packets may be larger from now on.
  bool on_answer(std::uint32_t number, std::size_t size, Instant now);

  void handle_timeout(Instant now);
  std::optional<Instant> next_timeout() const { return answer_by_; }

 private:
  void try_next(std::size_t below, Instant now);

  std::size_t base_;
  std::size_t most_;
  std::size_t packet_;
  std::optional<std::size_t> trying_;  // bytes; none: not searching
  std::uint32_t tries_ = 0;            // of that size
  std::optional<Instant> answer_by_;   // a probe is under way
  std::uint32_t number_ = 0;
  std::optional<Instant> not_before_;  // the next search
};

}  // namespace beeline::sctp
