// Two ends with data channels on a wire of virtual time. For tests.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "beeline/sctp/data_channel/channels.h"
#include "beeline/sctp/test_wire.h"

namespace beeline::sctp {

struct ChannelEnd {
  ChannelEnd(const Settings& settings, std::uint64_t seed, PacketPool& packets)
      : channels(settings, Random::from_number(seed), packets, log) {}

  void handle_event(ChannelEvent event) {
    if (auto* message = std::get_if<ChannelMessage>(&event)) {
      channels.release(message->bytes.size());
      messages.push_back(std::move(*message));
    }
    if (auto* accepted_one = std::get_if<ChannelAccepted>(&event))
      accepted.push_back(*accepted_one);
    if (auto* one = std::get_if<ChannelOpened>(&event)) opened.push_back(one->channel);
    if (auto* one = std::get_if<ChannelClosed>(&event)) closed.push_back(*one);
    if (auto* one = std::get_if<ChannelBufferedLow>(&event)) low.push_back(one->channel);
  }

  NullLog log;
  Channels channels;
  std::vector<ChannelMessage> messages;
  std::vector<ChannelAccepted> accepted;
  std::vector<ChannelId> opened, low;
  std::vector<ChannelClosed> closed;
};

class ChannelPair {
 public:
  explicit ChannelPair(const WireRules& rules = {}, const Settings& settings = {},
                       std::uint64_t seed = 1)
      : a(settings, 2 * seed, packets), b(settings, 2 * seed + 1, packets), wire(rules, seed) {
    a.channels.set_dtls_client(true);
    b.channels.set_dtls_client(false);
  }

  void connect() {
    a.channels.association().connect(now);
    ASSERT_TRUE(run_until([&] {
      return a.channels.association().is_connected() && b.channels.association().is_connected();
    }));
  }
  bool run_until(const std::function<bool()>& done, Duration most = std::chrono::seconds(60)) {
    const Instant end = now + most;
    settle();
    while (!done()) {
      const auto next = earliest(wire.next_time(),
                                 earliest(a.channels.next_timeout(), b.channels.next_timeout()));
      if (!next || *next > end) return false;
      now = std::max(now, *next);
      wire.deliver(now, [&](bool to_b, Bytes bytes) {
        (to_b ? b : a).channels.handle_input(packets.make(bytes), now);
      });
      a.channels.handle_timeout(now);
      b.channels.handle_timeout(now);
      settle();
    }
    return true;
  }

  PacketPool packets;
  Instant now{std::chrono::seconds(1)};
  ChannelEnd a, b;
  TestWire wire;

 private:
  struct Host {
    ChannelEnd& end;
    TestWire& wire;
    bool from_a;
    Instant now;
    void transmit(Packet packet) { wire.launch(from_a, packet, now); }
    void handle_event(ChannelEvent event) { end.handle_event(std::move(event)); }
  };
  void settle() {
    Host of_a{a, wire, true, now}, of_b{b, wire, false, now};
    drain(a.channels, of_a, now);
    drain(b.channels, of_b, now);
  }
};

inline ChannelId must(const std::expected<ChannelId, OpenError>& opened) {
  EXPECT_TRUE(opened);
  return opened.value_or(ChannelId{});
}

}  // namespace beeline::sctp
