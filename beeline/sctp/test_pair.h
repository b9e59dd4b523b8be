// Two associations on a wire of virtual time. For tests.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "beeline/sctp/association/association.h"
#include "beeline/sctp/test_wire.h"

namespace beeline::sctp {

class TestEnd {
 public:
  TestEnd(const Settings& settings, std::uint64_t seed, PacketPool& packets)
      : association(settings, Random::from_number(seed), packets, log) {}

  void handle(AssociationEvent event) {
    if (auto* message = std::get_if<MessageReceived>(&event)) {
      received_bytes += message->message.bytes.size();
      if (auto_release) association.release(message->message.bytes.size());
      if (keep)
        received.push_back(std::move(message->message));
      else
        association.give_back(std::move(message->message.bytes));
      return;
    }
    if (auto* reset = std::get_if<StreamsReset>(&event)) {
      resets.insert(resets.end(), reset->streams.begin(), reset->streams.end());
      resets_after.push_back(received.size());
    }
    if (auto* done = std::get_if<StreamsResetDone>(&event))
      ++(done->refused ? refused : resets_done);
    if (std::holds_alternative<Connected>(event)) ++connected;
    if (auto* over = std::get_if<Ended>(&event)) ended = *over;
  }

  NullLog log;
  Association association;
  std::vector<Message> received;
  std::uint64_t received_bytes = 0;
  bool keep = true;
  bool auto_release = true;
  std::vector<StreamId> resets;
  std::vector<std::size_t> resets_after;
  int resets_done = 0, refused = 0, connected = 0;
  std::optional<Ended> ended;
};

class TestPair {
 public:
  explicit TestPair(WireRules rules = {}, const Settings& a_settings = {},
                    const Settings& b_settings = {}, std::uint64_t seed = 1)
      : a(a_settings, seed * 2, packets), b(b_settings, seed * 2 + 1, packets), wire(rules, seed) {}

  void connect() {
    a.association.connect(now);
    settle();
    run_until([&] { return a.connected == 1 && b.connected == 1; });
  }

  static std::vector<std::uint8_t> bytes(std::size_t size, std::uint8_t first) {
    std::vector<std::uint8_t> made(size);
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(first + i * 7);
    return made;
  }
  std::expected<void, SendError> send(TestEnd& from, std::uint16_t stream,
                                      std::vector<std::uint8_t> content, bool unordered = false,
                                      const Reliability& reliability = {}) {
    return from.association.send({{stream}, {53}, unordered, std::move(content)}, reliability, now);
  }

  // Runs until `done`; false if that took longer than `most`.
  bool run_until(const std::function<bool()>& done, Duration most = std::chrono::seconds(60)) {
    const Instant end = now + most;
    settle();
    while (!done()) {
      const auto next = next_time();
      if (!next || *next > end) {
        now = std::max(now, end);
        return done();
      }
      step(*next);
    }
    return true;
  }
  void run_for(Duration span) {
    const Instant end = now + span;
    settle();
    for (auto next = next_time(); next && *next <= end; next = next_time()) step(*next);
    now = end;
  }

  PacketPool packets;
  Instant now{std::chrono::seconds(1)};
  TestEnd a, b;
  TestWire wire;

 private:
  struct Transmitter {
    TestPair& pair;
    bool from_a;
    void transmit(Packet packet) { pair.wire.launch(from_a, packet, pair.now); }
    void handle_event(AssociationEvent event) {
      (from_a ? pair.a : pair.b).handle(std::move(event));
    }
  };

  std::optional<Instant> next_time() const {
    return earliest(wire.next_time(),
                    earliest(a.association.next_timeout(), b.association.next_timeout()));
  }
  void step(Instant at) {
    now = std::max(now, at);
    wire.deliver(now, [&](bool to_b, Bytes bytes) {
      (to_b ? b : a).association.handle_input(packets.make(bytes), now);
    });
    a.association.handle_timeout(now);
    b.association.handle_timeout(now);
    settle();
  }
  void settle() {
    Transmitter from_a{*this, true}, from_b{*this, false};
    drain(a.association, from_a, now);
    drain(b.association, from_b, now);
  }
};

}  // namespace beeline::sctp
