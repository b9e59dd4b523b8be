// What the simulator itself costs: worlds of two homes behind NATs, a server and 30 virtual
// seconds, one after the other on one core. Prints one JSON line.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <string_view>

#include "beeline/sim/test_bustle.h"

int main(int argc, char** argv) {
  std::uint64_t worlds = 2000;
  if (argc > 1) {
    const std::string_view text = argv[1];
    std::from_chars(text.data(), text.data() + text.size(), worlds);
  }
  std::uint64_t packets = 0;
  std::uint64_t steps = 0;
  std::uint64_t digest = 0;
  // Processor time: other programs do not change what a world costs.
  const std::clock_t start = std::clock();
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    beeline::sim::Bustle bustle(seed);
    bustle.build();
    bustle.world.run_for(std::chrono::seconds(30));
    packets += bustle.world.trace().count(beeline::sim::Step::kSent);
    steps += bustle.world.trace().steps();
    digest ^= bustle.world.trace().digest();
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const auto count = static_cast<double>(worlds);
  fmt::print(
      "{{\"worlds\": {}, \"seconds\": {:.3f}, \"us_per_world\": {:.1f}, \"packets_per_world\": "
      "{:.0f}, \"packets_per_second\": {:.0f}, \"steps_per_second\": {:.0f}, \"digest\": {}}}\n",
      worlds, seconds, seconds * 1e6 / count, static_cast<double>(packets) / count,
      static_cast<double>(packets) / seconds, static_cast<double>(steps) / seconds, digest);
}
