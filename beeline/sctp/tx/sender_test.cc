// What leaves and when, against acknowledgements that the test writes.
#include "beeline/sctp/tx/sender.h"

#include <gmock/gmock.h>

#include "beeline/base/random.h"
#include "beeline/sctp/rx/receiver.h"
#include "beeline/sctp/test_alone.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

Settings settings() {
  Settings made;
  made.round_trip = 100ms;
  return made;
}
void send(Alone& end, std::size_t size = 100, const Reliability& limit = {}) {
  ASSERT_TRUE(end.association.send({{1}, {53}, false, TestPair::bytes(size, 1)}, limit, end.now));
  end.settle();
}
// The TSNs just heard, counted from the first.
std::vector<std::uint32_t> tsns(const Alone& end) {
  std::vector<std::uint32_t> found;
  for (const RawChunk& chunk : end.heard)
    if (chunk.type == ChunkType::kData)
      found.push_back(ByteReader(chunk.value).u32() - end.first_tsn);
  return found;
}
void acknowledge(Alone& end, std::uint32_t count, const std::vector<SackChunk::Block>& blocks = {},
                 std::size_t duplicates = 0, std::uint32_t window = 1 << 20) {
  end.say({raw_sack(end.first_tsn + count - 1, window, blocks, duplicates)});
}
// A round trip of 100 ms was measured.
void warm(Alone& end) {
  end.connect();
  for (std::uint32_t i = 0; i < 40; ++i) {
    send(end);
    end.wait(100ms);
    acknowledge(end, i + 1);
  }
  end.first_tsn += 40;
  ASSERT_EQ(end.association.sender()->round_trip().smoothed(), 100ms);
}

using testing::ElementsAre;
using testing::IsEmpty;

// --- when nothing is heard ---

//= RFC 8985 §7.2 test
TEST(Sender, a_tail_probe_leaves_at_its_deadline_and_not_before) {
  Alone end(settings());
  warm(end);
  send(end);
  EXPECT_EQ(end.association.next_timeout(), end.now + 225ms);
  end.wait(225ms - 1us);
  EXPECT_THAT(tsns(end), IsEmpty());
  end.wait(1us);
  EXPECT_THAT(tsns(end), ElementsAre(0));
  EXPECT_EQ(end.association.sender()->counters().probes, 1u);
}

//= RFC 9260 §6.3.3 test
TEST(Sender, the_timeout_after_the_probe_doubles_up_to_ten_seconds) {
  Alone end(settings());
  warm(end);
  send(end);
  end.wait(225ms);
  ASSERT_THAT(tsns(end), ElementsAre(0));
  Duration wait = end.association.sender()->round_trip().timeout();
  EXPECT_GE(wait, 100ms);
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(end.association.next_timeout(), end.now + wait) << i;
    end.wait(wait - 1us);
    ASSERT_THAT(tsns(end), IsEmpty()) << i;
    end.wait(1us);
    ASSERT_THAT(tsns(end), ElementsAre(0)) << i;
    wait = std::min<Duration>(2 * wait, 10s);
  }
  EXPECT_EQ(end.association.sender()->counters().timeouts, 12u);
  // Heard of at last: as at the beginning.
  acknowledge(end, 1);
  EXPECT_EQ(end.association.unacknowledged(), 0u);
  EXPECT_FALSE(end.association.next_timeout());
  send(end);
  EXPECT_EQ(end.association.next_timeout(), end.now + 225ms);
}

//= RFC 9260 §6.3.1 test
TEST(Sender, what_was_sent_twice_tells_nothing_of_the_round_trip) {
  Alone end(settings());
  end.connect();
  send(end);
  end.wait(200ms);
  acknowledge(end, 1);
  ASSERT_EQ(end.association.sender()->round_trip().smoothed(), 200ms);
  send(end);
  end.wait(425ms);
  ASSERT_EQ(end.association.sender()->counters().probes, 1u);
  end.wait(400ms);
  acknowledge(end, 2);
  EXPECT_EQ(end.association.unacknowledged(), 0u);
  EXPECT_EQ(end.association.sender()->round_trip().smoothed(), 200ms);
}

TEST(Sender, learns_the_round_trip_that_was_a_guess) {
  Settings guess;
  guess.round_trip = 500ms;
  TestPair pair({.delay = 10ms}, guess, guess);
  pair.connect();
  ASSERT_TRUE(pair.send(pair.a, 1, {1}));
  pair.run_for(100ms);
  EXPECT_TRUE(pair.a.association.sender()->round_trip().is_measured());
  EXPECT_EQ(pair.a.association.sender()->round_trip().smoothed(), 20ms);
}

// --- loss by time (RFC 8985 §6.2) ---

TEST(Sender, what_left_before_what_arrived_is_lost_after_the_reordering_window) {
  Alone end(settings());
  warm(end);
  send(end);
  send(end);
  end.wait(100ms);
  acknowledge(end, 0, {{2, 2}});
  EXPECT_THAT(tsns(end), IsEmpty());
  EXPECT_EQ(end.association.next_timeout(), end.now + 1ms);
  end.wait(1ms - 1us);
  EXPECT_THAT(tsns(end), IsEmpty());
  end.wait(1us);
  EXPECT_THAT(tsns(end), ElementsAre(0));
}

TEST(Sender, a_path_that_reorders_gets_more_patience_the_more_it_does) {
  for (std::size_t times = 0; times <= 5; ++times) {
    Alone end(settings());
    warm(end);
    std::uint32_t done = 0;
    for (std::size_t i = 0; i < times; ++i) {
      send(end);
      end.wait(100ms);
      acknowledge(end, ++done, {}, 1);  // what was there twice was not lost
    }
    send(end);
    send(end);
    end.wait(100ms);
    acknowledge(end, done, {{2, 2}});
    const Duration window =
        times == 0 ? 1ms : std::min<Duration>(25ms * static_cast<std::int64_t>(times + 1), 100ms);
    EXPECT_EQ(end.association.next_timeout(), end.now + window) << times;
  }
}

TEST(Sender, three_gaps_are_no_loss_where_time_says_otherwise) {
  Alone end(settings());
  warm(end);
  for (int i = 0; i < 6; ++i) send(end);
  end.wait(100ms);
  acknowledge(end, 0, {{2, 6}});
  EXPECT_THAT(tsns(end), IsEmpty());
  end.wait(500us);
  acknowledge(end, 6);
  end.wait(10s);
  EXPECT_EQ(end.association.sender()->counters().retransmissions, 0u);
}

//= RFC 9260 §6.2.1 test
TEST(Sender, an_older_sack_changes_nothing) {
  Alone end(settings());
  warm(end);
  for (int i = 0; i < 3; ++i) send(end);
  end.wait(100ms);
  acknowledge(end, 3);
  acknowledge(end, 1, {}, 0, 0);
  send(end);
  send(end);
  EXPECT_THAT(tsns(end), ElementsAre(4));
}

// --- windows ---

//= RFC 9260 §6.1 test
TEST(Sender, a_closed_window_is_probed_by_one_chunk_ever_more_rarely) {
  Alone end(settings());
  warm(end);
  acknowledge(end, 0, {}, 0, 0);
  for (int i = 0; i < 5; ++i) send(end, 1000);
  EXPECT_EQ(end.association.sender()->in_flight(), 1016u);
  int sent = 0;
  for (const Instant until = end.now + 3600s; end.now < until;) {
    end.wait_until(*end.association.next_timeout());
    ASSERT_LE(end.count(ChunkType::kData), 1);
    sent += end.count(ChunkType::kData);
  }
  EXPECT_GT(sent, 300);
  EXPECT_LT(sent, 400);
  acknowledge(end, 1);
  EXPECT_THAT(tsns(end), testing::Contains(1));
}

TEST(Sender, no_more_is_under_way_than_the_other_side_has_room_for) {
  Alone end(settings());
  warm(end);
  acknowledge(end, 0, {}, 0, 5'000);
  send(end, 50'000);
  for (int i = 0; i < 90; ++i) end.wait(1ms);
  EXPECT_LE(end.association.sender()->in_flight(), 5'000u);
  EXPECT_GT(end.association.sender()->in_flight(), 3'000u);
}

// What little is said fills no path: it shows nothing of how much the path carries.
TEST(Sender, a_large_message_after_small_talk_leaves_as_fast_as_a_first_one) {
  const auto takes = [](int small_talk) {
    TestPair pair({.delay = 50ms}, settings(), settings());
    pair.connect();
    for (int i = 0; i < small_talk; ++i) {
      EXPECT_TRUE(pair.send(pair.a, 1, {1}));
      pair.run_for(200ms);
    }
    const Instant began = pair.now;
    EXPECT_TRUE(pair.send(pair.a, 1, TestPair::bytes(100'000, 1)));
    EXPECT_TRUE(pair.run_until([&] { return pair.b.received_bytes >= 100'000; }));
    return pair.now - began;
  };
  EXPECT_LE(takes(20), takes(0) + 50ms);
}

// --- limits (RFC 7496), from both sides ---

TEST(SendQueue, a_lifetime_is_over_after_its_deadline_and_not_at_it) {
  for (const Duration late : {0us, 1us}) {
    SendQueue queue;
    queue.add({{1}, {53}, false, {1, 2, 3}}, {.lifetime = 50ms}, Instant{1s});
    const auto fragment = queue.next(1000, Instant{1s} + 50ms + late);
    EXPECT_EQ(fragment.has_value(), late == 0us);
    EXPECT_EQ(queue.held(), late == 0us ? 3u : 0u);
    EXPECT_TRUE(queue.empty());
  }
}

TEST(SendQueue, as_many_transmissions_as_are_allowed_and_one) {
  SendQueue queue;
  queue.add({{1}, {53}, false, {1}}, {.retransmissions = 2}, Instant{1s});
  const auto fragment = queue.next(1000, Instant{1s});
  EXPECT_FALSE(queue.is_over(fragment->message, 2, Instant{100s}));
  EXPECT_TRUE(queue.is_over(fragment->message, 3, Instant{1s}));
  queue.set_partial_reliability(false);
  EXPECT_FALSE(queue.is_over(fragment->message, 3, Instant{1s}));
}

TEST(SendQueue, streams_share_by_weight) {
  SendQueue queue;
  queue.set_interleaved(true);
  queue.set_weight({1}, 128);
  queue.set_weight({2}, 512);
  for (const std::uint16_t stream : {std::uint16_t{1}, std::uint16_t{2}})
    queue.add({{stream}, {53}, false, TestPair::bytes(1'000'000, 1)}, {}, Instant{1s});
  std::map<std::uint16_t, int> turns;
  for (int i = 0; i < 500; ++i) ++turns[queue.next(1000, Instant{1s})->chunk.stream.value];
  EXPECT_NEAR(turns[1], 100, 3);
  EXPECT_NEAR(turns[2], 400, 3);
}

TEST(SendQueue, without_interleaving_a_message_is_not_interrupted) {
  SendQueue queue;
  for (const std::uint16_t stream : {std::uint16_t{1}, std::uint16_t{2}})
    queue.add({{stream}, {53}, false, TestPair::bytes(10'000, 1)}, {}, Instant{1s});
  std::vector<std::uint16_t> order;
  for (int i = 0; i < 20; ++i) order.push_back(queue.next(1000, Instant{1s})->chunk.stream.value);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

// --- numbers that wrap ---

// A sender and a receiver without an association around, whose TSNs begin where one likes.
struct Half {
  explicit Half(bool interleaved)
      : sender({.first = {0xFFFF'FF00},
                .peer_window = 1 << 20,
                .interleaved = interleaved,
                .packet = 1160,
                .round_trip = 20ms},
               queue),
        receiver({0xFFFF'FF00}, 1 << 20, 1 << 18) {}

  void round(double loss) {
    now = now + 10ms;
    sender.handle_timeout(now);
    for (bool more = true; more;) {
      PacketBuilder builder(packets, {1, 2, {3}}, 1160);
      more = sender.write(builder, now);
      if (!builder.empty()) arrive(builder.finish(false), random.below(1000) < loss * 1000);
    }
    sender.settle();
    if (!receiver.is_ack_due(now + 20ms) || random.below(1000) < loss * 1000) return;
    PacketBuilder builder(packets, {1, 2, {3}}, 1160);
    receiver.write_sack(builder);
    const Packet packet = builder.finish(false);
    auto reader = PacketReader::parse(packet.bytes(), false);
    ASSERT_TRUE(sender.on_sack(*SackChunk::parse(*reader->next()), now));
  }
  void arrive(const Packet& packet, bool lost) {
    if (lost) return;
    auto reader = PacketReader::parse(packet.bytes(), false);
    while (const auto chunk = reader->next()) {
      if (chunk->type == ChunkType::kForwardTsn || chunk->type == ChunkType::kIForwardTsn)
        receiver.on_forward_tsn(*ForwardTsnChunk::parse(*chunk));
      else
        ASSERT_TRUE(receiver.on_data(*parse_data(*chunk), 20ms, now));
    }
    receiver.packet_ends(false, now);
    while (auto message = receiver.next_message()) {
      receiver.release(message->bytes.size());
      received.push_back(message->bytes[0]);
    }
  }

  PacketPool packets;
  SendQueue queue;
  Sender sender;
  Receiver receiver;
  Random random = Random::from_number(1);
  Instant now{1s};
  std::vector<std::uint8_t> received;
};

TEST(Sender, numbers_that_wrap_are_numbers_like_others) {
  for (const bool interleaved : {false, true})
    for (const double loss : {0.0, 0.1}) {
      Half half(interleaved);
      constexpr std::size_t kMessages = 70'000;  // more than sequence numbers there are
      for (std::size_t i = 0; i < kMessages;) {
        for (int batch = 0; batch < 500; ++batch, ++i)
          half.queue.add({{1}, {53}, false, {static_cast<std::uint8_t>(i % 251)}}, {}, half.now);
        half.round(loss);
      }
      for (int i = 0; i < 100'000 && !half.sender.is_done(); ++i) half.round(loss);
      ASSERT_EQ(half.received.size(), kMessages);
      for (std::size_t i = 0; i < kMessages; ++i) ASSERT_EQ(half.received[i], i % 251) << i;
    }
}

TEST(Sender, giving_up_goes_on_where_numbers_wrap) {
  for (const bool interleaved : {false, true}) {
    Half half(interleaved);
    std::size_t reliable = 0;
    for (std::size_t i = 0; i < 70'000; ++i) {
      Reliability limit;
      if (i % 7 != 0) limit.retransmissions = 0;
      half.queue.add({{1}, {53}, false, {static_cast<std::uint8_t>(i % 7 == 0 ? 1 : 0)}}, limit,
                     half.now);
      reliable += i % 7 == 0 ? 1 : 0;
      if (i % 500 == 0) half.round(0.1);
    }
    for (int i = 0; i < 100'000 && !half.sender.is_done(); ++i) half.round(0.1);
    EXPECT_EQ(std::ranges::count(half.received, 1), static_cast<std::ptrdiff_t>(reliable));
    EXPECT_LT(half.received.size(), 70'000u);
    EXPECT_EQ(half.receiver.held(), 0u);
  }
}

}  // namespace
}  // namespace beeline::sctp
