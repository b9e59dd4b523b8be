// How many answers somebody gets who has shown no valid credential. Source addresses of datagrams
// can be forged, so every such answer may hit a bystander; what one network can be hit with is
// bounded, and so is the memory that this takes.
#pragma once

#include <cstdint>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/base/keyed_hash.h"
#include "beeline/base/random.h"

namespace beeline::turn {

// A token bucket per network (IPv4 /24, IPv6 /64) in a table of fixed size. A network that is not
// in the table starts with a full bucket; where its row is full, the one that was quiet for longest
// makes room. So a flood from everywhere takes nothing from those who are honest, and somebody who
// wants a victim's bucket refilled must first push it out with tens of thousands of packets.
class StrangerBudget {
 public:
  struct Rate {
    std::uint64_t per_second;
    std::uint64_t burst;
  };
  static constexpr std::size_t kRows = 2048;  // each a cache line or two
  static constexpr std::size_t kRowSize = 4;

  StrangerBudget(Random random, Rate rate);

  // Takes one answer from the budget of the sender's network; false where it is used up.
  // `transport` keeps budgets apart: what is forged over UDP must not silence an honest TCP client.
  bool take(const IpAddress& sender, std::uint32_t transport, Instant now);

 private:
  // Zero tag: free.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t tokens = 0;
    Instant filled;
  };
  Slot& slot_of(const IpAddress& sender, std::uint32_t transport, Instant now);

  HashKey key_{};
  Rate rate_;
  std::vector<Slot> slots_;
};

}  // namespace beeline::turn
