// TCP and TLS between nodes: opening, order under every fault, ends and their reasons.
#include "beeline/sim/stream.h"

#include <gtest/gtest.h>

#include <optional>

#include "beeline/sim/test_wire.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

// One end of a connection and what it was told.
struct TestEnd {
  StreamHandlers handlers() {
    return {.opened = [this] { opened = true; },
            .heard = [this](Bytes bytes) { text += as_text(bytes); },
            .writable = [this](bool can) { writable.push_back(can); },
            .closed = [this](StreamEnd reason) { end = reason; }};
  }
  bool opened = false;
  std::string text;
  std::vector<bool> writable;
  std::optional<StreamEnd> end;
  std::unique_ptr<Stream> stream;
};

// ana calls, ben listens on port 443.
struct TestLine {
  explicit TestLine(const LinkProfile& profile = {.delay = 10ms}, std::uint64_t seed = 1)
      : wire(profile, seed) {}

  void listen(ListenFor what = ListenFor::kTcp) {
    listener = wire.ben_node.listen(kServer, what,
                                    {.accepted =
                                         [this](std::unique_ptr<Stream> stream) {
                                           ++accepted;
                                           accepted_at = wire.world.now().since_start;
                                           stream->set_handlers(ben.handlers());
                                           ben.stream = std::move(stream);
                                         },
                                     .closed = [this] { listener_closed = true; }});
  }
  void call(StreamKind kind = StreamKind::kTcp, const std::string& name = "") {
    ana.stream = wire.ana_node.connect(
        {.kind = kind, .local = "192.0.2.1"_ip, .remote = kServer, .server_name = name},
        ana.handlers());
  }
  std::size_t connections() const {
    return wire.ana_node.tcp().connections() + wire.ben_node.tcp().connections();
  }

  const TransportAddress kServer = "192.0.2.2:443"_at;
  TestWire wire;
  TestEnd ana;
  TestEnd ben;
  std::unique_ptr<Listener> listener;
  int accepted = 0;
  bool listener_closed = false;
  Duration accepted_at{};
};

std::string noise(std::size_t size, std::uint64_t seed) {
  std::vector<std::uint8_t> bytes(size);
  Random::from_number(seed).fill(bytes);
  return std::string(as_text(bytes));
}

TEST(Stream, tcp_opens_after_one_round_trip) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(19'999us);
  EXPECT_FALSE(line.ana.opened);
  line.wire.world.run_for(1us);
  EXPECT_TRUE(line.ana.opened);
  line.wire.world.run_for(1s);
  EXPECT_EQ(line.accepted_at, 30ms) << "the acknowledgement of the caller arrives";
}

TEST(Stream, tls_opens_after_two_round_trips) {
  TestLine line;
  line.wire.world.trust(line.wire.ben_node, "turn.example");
  line.listen(ListenFor::kTcpOrTls);
  line.call(StreamKind::kTls, "turn.example");
  line.wire.world.run_for(39'999us);
  EXPECT_FALSE(line.ana.opened);
  line.wire.world.run_for(1us);
  EXPECT_TRUE(line.ana.opened);
  ASSERT_TRUE(line.ben.stream);
  EXPECT_EQ(line.ben.stream->kind(), StreamKind::kTls);
}

TEST(Stream, both_ends_hear_what_the_other_says) {
  for (const StreamKind kind : {StreamKind::kTcp, StreamKind::kTls}) {
    TestLine line;
    line.wire.world.trust(line.wire.ben_node, "turn.example");
    line.listen(ListenFor::kTcpOrTls);
    line.call(kind, "turn.example");
    line.ana.stream->send(as_bytes(kind == StreamKind::kTcp ? "early" : ""));
    line.wire.world.run_for(1s);
    line.ana.stream->send(as_bytes("question"));
    line.wire.world.run_for(1s);
    ASSERT_TRUE(line.ben.stream);
    line.ben.stream->send(as_bytes("answer"));
    line.wire.world.run_for(1s);
    EXPECT_EQ(line.ben.text, kind == StreamKind::kTcp ? "earlyquestion" : "question");
    EXPECT_EQ(line.ana.text, "answer");
    EXPECT_EQ(line.ben.stream->kind(), kind);
  }
}

TEST(Stream, no_byte_is_lost_doubled_or_out_of_order_whatever_a_link_does) {
  const std::vector<LinkProfile> profiles{
      {.delay = 5ms},
      {.delay = 5ms, .loss = Chance::percent(5)},
      {.delay = 5ms, .mtu = 1280},
      {.delay = 5ms, .bursts = {.start = Chance::percent(1)}},
      {.delay = 5ms, .jitter = 20ms, .duplication = Chance::percent(20)},
      {.delay = 5ms, .reordering = Chance::percent(20), .reordering_delay = 30ms},
      {.delay = 5ms, .bits_per_second = 4'000'000, .queue_bytes = 20'000},
      {.delay = 50ms,
       .loss = Chance::percent(10),
       .duplication = Chance::percent(10),
       .reordering = Chance::percent(10)}};
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      TestLine line(profiles[i], seed);
      line.listen();
      line.call();
      const std::string there = noise(300'000, seed);
      const std::string back = noise(100'000, seed + 100);
      ASSERT_TRUE(line.wire.world.run_while([&] { return !line.ben.stream; }, Instant{60s}));
      line.ana.stream->send(as_bytes(there));
      line.ben.stream->send(as_bytes(back));
      line.wire.world.run_while(
          [&] { return line.ben.text.size() < there.size() || line.ana.text.size() < back.size(); },
          line.wire.world.now() + 600s);
      EXPECT_TRUE(line.ben.text == there) << "profile " << i << " seed " << seed;
      EXPECT_TRUE(line.ana.text == back) << "profile " << i << " seed " << seed;
    }
  }
}

TEST(Stream, closing_lets_everything_arrive_first) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    TestLine line({.delay = 10ms, .loss = Chance::percent(10)}, seed);
    line.listen();
    line.call();
    ASSERT_TRUE(line.wire.world.run_while([&] { return !line.ben.stream; }, Instant{60s}));
    const std::string text = noise(50'000, seed);
    line.ana.stream->send(as_bytes(text));
    line.ana.stream.reset();
    line.wire.world.run_for(300s);
    EXPECT_TRUE(line.ben.text == text) << "seed " << seed;
    EXPECT_EQ(line.ben.end, StreamEnd::kByPeer) << "seed " << seed;
    EXPECT_FALSE(line.ana.end) << "who closed hears nothing any more";
    EXPECT_EQ(line.connections(), 0U) << "seed " << seed;
  }
}

TEST(Stream, is_refused_where_nobody_listens) {
  TestLine line;
  line.call();
  line.wire.world.run_for(20ms);
  EXPECT_EQ(line.ana.end, StreamEnd::kRefused);
  EXPECT_FALSE(line.ana.opened);
}

TEST(Stream, gives_up_on_silence_after_31_seconds) {
  TestLine line({.loss = Chance::always()});
  line.call();
  line.wire.world.run_until(Instant{31s - 1us});
  EXPECT_FALSE(line.ana.end);
  EXPECT_EQ(line.wire.world.trace().count(Step::kSent), 5U);
  line.wire.world.run_until(Instant{31s});
  EXPECT_EQ(line.ana.end, StreamEnd::kNoAnswer);
}

TEST(Stream, an_open_one_gives_up_on_silence_too) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(1s);
  line.wire.link.set_up(false);
  line.ana.stream->send(as_bytes("hello?"));
  line.wire.world.run_for(600s);
  EXPECT_EQ(line.ana.end, StreamEnd::kNoAnswer);
}

TEST(Stream, tls_ends_where_the_certificate_is_not_trusted_or_for_another_name) {
  for (const bool other_name : {false, true}) {
    TestLine line;
    if (other_name) line.wire.world.trust(line.wire.ben_node, "other.example");
    line.wire.world.trust(line.wire.ana_node, "turn.example");
    line.listen(ListenFor::kTcpOrTls);
    line.call(StreamKind::kTls, "turn.example");
    line.wire.world.run_for(1s);
    EXPECT_EQ(line.ana.end, StreamEnd::kNoCertificate);
    EXPECT_FALSE(line.ana.opened);
    EXPECT_EQ(line.ben.end, StreamEnd::kByPeer);
  }
}

TEST(Stream, tls_gives_up_on_a_server_that_does_not_speak_it) {
  TestLine line;
  line.listen(ListenFor::kTcp);
  line.call(StreamKind::kTls, "turn.example");
  line.wire.world.run_until(Instant{20ms + 10s - 1us});
  EXPECT_FALSE(line.ana.end);
  line.wire.world.run_until(Instant{20ms + 10s});
  EXPECT_EQ(line.ana.end, StreamEnd::kNoAnswer);
}

TEST(Stream, says_when_too_much_is_unsent_and_when_it_is_not) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(1s);
  line.ana.stream->send(as_bytes(std::string(TcpConnection::kHighWater - 1, 'x')));
  EXPECT_TRUE(line.ana.writable.empty());
  line.ana.stream->send(as_bytes("y"));
  EXPECT_EQ(line.ana.writable, std::vector<bool>{false});
  line.wire.world.run_for(10s);
  EXPECT_EQ(line.ana.writable, (std::vector<bool>{false, true}));
  EXPECT_EQ(line.ben.text.size(), TcpConnection::kHighWater);
}

TEST(Stream, a_reset_is_heard_by_the_other_side) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(1s);
  line.ana.stream->reset();
  line.wire.world.run_for(10ms);
  EXPECT_EQ(line.ben.end, StreamEnd::kByPeer);
  EXPECT_FALSE(line.ana.end);
  EXPECT_EQ(line.connections(), 0U);
}

TEST(Stream, ends_locally_with_its_address) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(1s);
  line.wire.link.set_addresses({"192.0.2.9"_ip});
  EXPECT_EQ(line.ana.end, StreamEnd::kLocal);
  line.wire.ben_link.set_addresses({});
  EXPECT_TRUE(line.listener_closed);
}

TEST(Stream, a_server_that_lost_its_memory_resets_at_the_next_byte) {
  TestLine line;
  line.listen();
  line.call();
  line.wire.world.run_for(1s);
  line.wire.ben_link.set_up(false);  // the power is cut: its last words do not get out
  line.ben.stream->reset();
  line.wire.world.run_for(1s);
  line.wire.ben_link.set_up(true);
  line.wire.world.run_for(10s);
  EXPECT_FALSE(line.ana.end);
  line.ana.stream->send(as_bytes("still there?"));
  line.wire.world.run_for(20ms);
  EXPECT_EQ(line.ana.end, StreamEnd::kByPeer);
}

TEST(Stream, may_be_destroyed_in_any_of_its_handlers) {
  for (int where = 0; where < 3; ++where) {
    TestLine line;
    line.listen();
    StreamHandlers handlers = line.ana.handlers();
    const auto destroy = [&] { line.ana.stream.reset(); };
    if (where == 0) handlers.opened = destroy;
    if (where == 1) handlers.heard = [&](Bytes) { destroy(); };
    if (where == 2) handlers.closed = [&](StreamEnd) { destroy(); };
    line.ana.stream =
        line.wire.ana_node.connect({.local = "192.0.2.1"_ip, .remote = line.kServer}, handlers);
    line.wire.world.run_for(1s);
    ASSERT_TRUE(line.ben.stream);
    line.ben.stream->send(as_bytes("hello"));
    line.ben.stream.reset();
    line.wire.world.run_for(100s);
    EXPECT_FALSE(line.ana.stream) << where;
    EXPECT_EQ(line.connections(), 0U) << where;
  }
}

}  // namespace
}  // namespace beeline::sim
