// A wire of virtual time between two ends: delay, loss, duplication, reordering, a rate with a
// queue, a size that is too much. For tests.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/base/instant.h"
#include "beeline/base/packet.h"
#include "beeline/base/random.h"

namespace beeline::sctp {

struct WireRules {
  Duration delay = std::chrono::milliseconds(10);  // one way
  double loss = 0;
  double duplicates = 0;
  double reordered = 0;           // these take up to `delay` longer
  std::uint64_t rate = 0;         // bytes per second; 0: without limit
  std::size_t queue = 64 * 1024;  // bytes that wait for the rate, at most
  std::size_t mtu = 1500;         // bytes of SCTP; what is larger and may not be cut vanishes
};

class TestWire {
 public:
  TestWire(const WireRules& rules, std::uint64_t seed)
      : rules_(rules), random_(Random::from_number(seed).fork("wire")) {}

  void launch(bool from_a, const Packet& packet, Instant now) {
    if (packet.size() > rules_.mtu && packet.fragmenting() != Fragmenting::kAllowed) {
      ++too_large;
      return;
    }
    launch(from_a, packet.bytes(), now);
  }
  void launch(bool from_a, Bytes packet, Instant now) {
    ++carried;
    largest = std::max(largest, packet.size());
    if ((censor && censor(from_a, packet)) || chance(rules_.loss)) {
      ++dropped;
      return;
    }
    const auto leaves = pass_link(from_a ? forth_ : back_, packet.size(), now);
    if (!leaves) {
      ++dropped;
      return;
    }
    Instant arrives = *leaves + rules_.delay;
    if (chance(rules_.reordered))
      arrives =
          arrives + Duration(random_.below(static_cast<std::uint32_t>(rules_.delay.count()) + 1));
    Flying flight{from_a, {packet.begin(), packet.end()}};
    if (chance(rules_.duplicates)) flying_.emplace(arrives + rules_.delay / 2, flight);
    flying_.emplace(arrives, std::move(flight));
  }
  std::optional<Instant> next_time() const {
    if (flying_.empty()) return std::nullopt;
    return flying_.begin()->first;
  }
  // Calls `arrive(to_b, bytes)` for what is there by now.
  template <typename Arrive>
  void deliver(Instant now, Arrive&& arrive) {
    while (!flying_.empty() && flying_.begin()->first <= now) {
      const Flying arriving = std::move(flying_.begin()->second);
      flying_.erase(flying_.begin());
      arrive(arriving.to_b, Bytes(arriving.bytes));
    }
  }

  // Of packets that leave from now on.
  void set_delay(Duration delay) { rules_.delay = delay; }
  void set_mtu(std::size_t mtu) { rules_.mtu = mtu; }

  // Sees every packet that leaves; true: it is lost.
  std::function<bool(bool from_a, Bytes)> censor;
  std::uint64_t carried = 0, dropped = 0, too_large = 0;
  std::size_t largest = 0;  // bytes of a packet

 private:
  struct Flying {
    bool to_b;
    std::vector<std::uint8_t> bytes;
  };
  struct Link {
    Instant free;  // when it has sent what it has
  };

  bool chance(double share) {
    return share > 0 && random_.below(1'000'000) < static_cast<std::uint32_t>(share * 1e6);
  }
  // When the packet has left; none where the queue is full.
  std::optional<Instant> pass_link(Link& link, std::size_t size, Instant now) const {
    if (rules_.rate == 0) return now;
    link.free = std::max(link.free, now);
    const auto waiting =
        static_cast<std::uint64_t>((link.free - now).count()) * rules_.rate / 1'000'000;
    if (waiting > rules_.queue) return std::nullopt;
    link.free = link.free + Duration(static_cast<std::int64_t>(size * 1'000'000 / rules_.rate));
    return link.free;
  }

  WireRules rules_;
  Random random_;
  std::multimap<Instant, Flying> flying_;
  Link forth_, back_;
};

}  // namespace beeline::sctp
