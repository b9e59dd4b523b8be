// The core of a connection behind a fence: a failed ensure() in it, which is a bug of ours, ends
// this connection and is nothing to the loop that was calling.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "beeline/base/ensure.h"
#include "beeline/peer/peer_connection.h"

namespace beeline::api {

class FencedCore {
 public:
  using Input = peer::PeerConnection::Input;
  using Transmit = peer::PeerConnection::Transmit;
  using Event = peer::PeerConnection::Event;

  // `on_flushed` is called after each flush, `on_broken` at most once.
  FencedCore(peer::TransportSettings settings, const Random& random, PacketPool& packets, Log& log,
             std::function<void()> on_flushed, std::function<void(std::string what)> on_broken)
      : core_(std::move(settings), random, packets, log),
        on_flushed_(std::move(on_flushed)),
        on_broken_(std::move(on_broken)) {}

  // What `call` gives; `broken` where the core is, or gets, broken.
  template <typename Result, typename Call>
  Result fenced(Result broken, Call&& call) {
    if (broken_) return broken;
    try {
      return call(core_);
    } catch (const EnsureFailed& failure) {
      broken_ = true;
      on_broken_(failure.what());
      return broken;
    }
  }
  template <typename Call>
  void fenced(Call&& call) {
    fenced(0, [&](peer::PeerConnection& core) {
      call(core);
      return 0;
    });
  }

  void handle_input(Input input, Instant now) {
    fenced([&](auto& core) { core.handle_input(std::move(input), now); });
  }
  void handle_timeout(Instant now) {
    fenced([&](auto& core) { core.handle_timeout(now); });
  }
  void flush(Instant now) {
    fenced([&](auto& core) { core.flush(now); });
    if (!broken_) on_flushed_();
  }
  std::optional<Transmit> poll_transmit() { return broken_ ? std::nullopt : core_.poll_transmit(); }
  std::optional<Event> poll_event() { return broken_ ? std::nullopt : core_.poll_event(); }
  std::optional<Instant> next_timeout() const {
    return broken_ ? std::nullopt : core_.next_timeout();
  }

  // For looking only.
  peer::PeerConnection& core() { return core_; }
  const peer::PeerConnection& core() const { return core_; }
  bool is_broken() const { return broken_; }

 private:
  peer::PeerConnection core_;
  std::function<void()> on_flushed_;
  std::function<void(std::string)> on_broken_;
  bool broken_ = false;
};

}  // namespace beeline::api
