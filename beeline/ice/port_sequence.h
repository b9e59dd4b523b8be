// The port that a symmetric NAT will choose next, where it counts: two servers that saw one socket
// tell the step, and the number of destinations since then tells how far it has come.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "beeline/base/address.h"

namespace beeline::ice {

// Of one socket. Holds for a NAT that makes one mapping for each destination (RFC 4787 §4.1,
// "address and port-dependent") and whose ports nobody else uses up meanwhile.
class PortSequence {
 public:
  static constexpr std::uint32_t kPredictions = 8;
  // NATs count in ones and twos; in network byte order, as some do, that is 256.
  static constexpr std::int32_t kMaxStep = 512;

  // A packet leaves for `destination`.
  void sent(const TransportAddress& destination);
  // `server` saw the packet that went there come from `mapped`.
  void seen(const TransportAddress& server, const TransportAddress& mapped);
  // Where the next destinations will see us, the nearest first; once, as soon as it is known.
  std::vector<TransportAddress> predict();
  // Whether a first packet to `destination` would leave from our prediction number `number` (from
  // 1). Two that both count meet where each sends to the other's n-th port from its own n-th.
  // Always true where we do not count or have sent there before.
  bool meets(const TransportAddress& destination, std::uint32_t number) const;

 private:
  struct Seen {
    std::size_t place;  // of the server in `destinations_`
    TransportAddress mapped;
  };
  void give_up();
  std::optional<std::int32_t> step() const;

  bool over_ = false;                           // no sequence, or not any more
  std::vector<TransportAddress> destinations_;  // in the order of their first packets
  std::size_t last_ = 0;  // whom the last packet went to: nearly always whom the next one goes to
  std::vector<Seen> seen_;
  std::optional<std::size_t> predicted_at_;  // how many destinations there were
};

}  // namespace beeline::ice
