// What every protocol of Beeline looks like from outside: a core that is told everything (time,
// bytes, randomness) and does no input or output. Hosts (net/, sim/) own sockets and clocks and
// move things in and out with drain().
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <utility>

#include "beeline/base/instant.h"

namespace beeline {

template <typename T>
concept ProtocolCore = requires(T core, const T& view, typename T::Input input, Instant now) {
  // Bad bytes are counted and dropped, never thrown or fatal.
  { core.handle_input(std::move(input), now) } -> std::same_as<void>;
  // Does what is due at `now`. Calling early or late is harmless.
  { core.handle_timeout(now) } -> std::same_as<void>;
  // Makes the packets that are owed. Called once per batch of inputs.
  { core.flush(now) } -> std::same_as<void>;
  // Pop a queue, nothing else.
  { core.poll_transmit() } -> std::same_as<std::optional<typename T::Transmit>>;
  { core.poll_event() } -> std::same_as<std::optional<typename T::Event>>;
  // When handle_timeout() is wanted next; none when idle.
  { view.next_timeout() } -> std::same_as<std::optional<Instant>>;
};

// Takes out everything `core` has to say and hands it to host.transmit(Transmit) and
// host.handle_event(Event). A host that answers an event by calling the core again needs no care:
// what that produces comes out in the same call. This is the only place that flushes and polls a
// core.
template <ProtocolCore Core, typename Host>
void drain(Core& core, Host& host, Instant now) {
  for (bool more = true; more;) {
    more = false;
    core.flush(now);
    while (auto transmit = core.poll_transmit()) host.transmit(std::move(*transmit));
    while (auto event = core.poll_event()) {
      host.handle_event(std::move(*event));
      more = true;
    }
  }
}

// The earlier of two optional deadlines.
inline std::optional<Instant> earliest(std::optional<Instant> a, std::optional<Instant> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

}  // namespace beeline
