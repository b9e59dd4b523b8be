// How much a device sends at one moment, as the socket buffer of whoever reads a little later has
// to hold it.
#pragma once

#include <cstddef>
#include <map>

#include "beeline/sim/world.h"

namespace beeline::scenarios {

class Bursts {
 public:
  // Observes the world from now on.
  explicit Bursts(sim::World& world);

  // The most, in the kernel's count, that `node` has sent from one address to another at a moment.
  std::size_t largest_of(const sim::Node& node) const;

 private:
  void on_sent(const sim::PacketEvent& event);

  struct Flow {
    sim::DeviceIndex device;
    TransportAddress from;
    TransportAddress to;
    auto operator<=>(const Flow&) const = default;
  };
  struct Burst {
    Instant at{};
    std::size_t bytes = 0;
  };
  std::map<Flow, Burst> last_;
  std::map<sim::DeviceIndex, std::size_t> largest_;
};

}  // namespace beeline::scenarios
