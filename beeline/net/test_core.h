// For tests of ClientHost: a core that says what the test says and remembers what it is told.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/protocol_core.h"
#include "beeline/net/event_loop.h"

namespace beeline::net {

struct Said {
  int number = 0;
};

class TestCore {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = std::variant<HostRequest, Said>;

  void handle_input(Input input, Instant) {
    if (const auto* bytes = std::get_if<StreamBytes>(&input)) {
      received[bytes->stream] += as_text(bytes->bytes);
    } else {
      inputs.push_back(std::move(input));
    }
    if (on_input) on_input();
  }
  void handle_timeout(Instant) {}
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit() { return transmits.pop(); }
  std::optional<Event> poll_event() { return events.pop(); }
  std::optional<Instant> next_timeout() const { return std::nullopt; }

  // The inputs of one kind so far, in order.
  template <typename T>
  std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const HostInput& input : inputs)
      if (const T* one = std::get_if<T>(&input)) found.push_back(one);
    return found;
  }

  std::deque<HostInput> inputs;
  std::map<StreamId, std::string> received;
  Fifo<Transmit> transmits;
  Fifo<Event> events;
  std::function<void()> on_input;
};

// Runs the loop until `done`, looked at after every step; an alarm ends a broken test.
inline void run_until(EventLoop& loop, const std::function<bool()>& done) {
  Alarm too_long(loop, [&] {
    ADD_FAILURE() << "nothing happened within 10 s";
    loop.stop();
  });
  too_long.set(loop.now() + std::chrono::seconds(10));
  const Instant end = loop.now() + std::chrono::seconds(10);
  loop.io().restart();
  while (!done() && !loop.io().stopped() && loop.now() < end) loop.io().run_one();
}

}  // namespace beeline::net
