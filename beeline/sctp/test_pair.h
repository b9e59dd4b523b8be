// Two associations on a wire of virtual time: delay, loss, duplication, reordering, a rate with a
// queue. For tests.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "beeline/sctp/association/association.h"

namespace beeline::sctp {

struct WireRules {
  Duration delay = std::chrono::milliseconds(10);  // one way
  double loss = 0;
  double duplicates = 0;
  double reordered = 0;             // these take up to `delay` longer
  std::uint64_t rate = 0;           // bytes per second; 0: without limit
  std::size_t queue = 64 * 1024;    // bytes that wait for the rate, at most
};

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
    if (auto* done = std::get_if<StreamsResetDone>(&event)) ++(done->refused ? refused : resets_done);
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
      : a(a_settings, seed * 2, packets),
        b(b_settings, seed * 2 + 1, packets),
        rules_(rules),
        random_(Random::from_number(seed).fork("wire")) {}

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
  // Sees every packet that leaves; true: it is lost.
  std::function<bool(bool from_a, Bytes)> censor;
  std::uint64_t carried = 0, dropped = 0;
  std::size_t most_queued = 0;

 private:
  struct Flying {
    bool to_b;
    std::vector<std::uint8_t> bytes;
  };
  struct Direction {
    Instant free;  // when the link has sent what it has
  };
  struct Transmitter {
    TestPair& pair;
    bool from_a;
    void transmit(Packet packet) { pair.launch(from_a, packet.bytes()); }
    void handle_event(AssociationEvent event) {
      (from_a ? pair.a : pair.b).handle(std::move(event));
    }
  };

  std::optional<Instant> next_time() const {
    std::optional<Instant> at;
    if (!flying_.empty()) at = flying_.begin()->first;
    at = earliest(at, a.association.next_timeout());
    return earliest(at, b.association.next_timeout());
  }
  void step(Instant at) {
    now = std::max(now, at);
    while (!flying_.empty() && flying_.begin()->first <= now) {
      Flying arriving = std::move(flying_.begin()->second);
      flying_.erase(flying_.begin());
      (arriving.to_b ? b : a).association.handle_input(packets.make(arriving.bytes), now);
    }
    a.association.handle_timeout(now);
    b.association.handle_timeout(now);
    settle();
  }
  void settle() {
    Transmitter from_a{*this, true}, from_b{*this, false};
    drain(a.association, from_a, now);
    drain(b.association, from_b, now);
  }
  bool chance(double share) {
    return share > 0 && random_.below(1'000'000) < static_cast<std::uint32_t>(share * 1e6);
  }
  void launch(bool from_a, Bytes packet) {
    ++carried;
    if ((censor && censor(from_a, packet)) || chance(rules_.loss)) {
      ++dropped;
      return;
    }
    Instant leaves = now;
    if (rules_.rate != 0) {
      Direction& link = from_a ? forth_ : back_;
      link.free = std::max(link.free, now);
      const auto waiting = static_cast<std::size_t>(
          static_cast<std::uint64_t>((link.free - now).count()) * rules_.rate / 1'000'000);
      most_queued = std::max(most_queued, waiting);
      if (waiting > rules_.queue) {
        ++dropped;
        return;
      }
      link.free = link.free + Duration(static_cast<std::int64_t>(packet.size() * 1'000'000 /
                                                                 rules_.rate));
      leaves = link.free;
    }
    Instant arrives = leaves + rules_.delay;
    if (chance(rules_.reordered))
      arrives = arrives + Duration(random_.below(
                              static_cast<std::uint32_t>(rules_.delay.count()) + 1));
    Flying flight{from_a, {packet.begin(), packet.end()}};
    if (chance(rules_.duplicates)) flying_.emplace(arrives + rules_.delay / 2, flight);
    flying_.emplace(arrives, std::move(flight));
  }

  WireRules rules_;
  Random random_;
  std::multimap<Instant, Flying> flying_;
  Direction forth_, back_;
};

}  // namespace beeline::sctp
