#include "beeline/sctp/rx/receiver.h"

#include <gmock/gmock.h>

#include <set>

#include "beeline/base/random.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;
using Buffer = std::vector<std::uint8_t>;

constexpr Instant kNow{1s};
constexpr std::size_t kWindow = 1024 * 1024;

struct Told {
  std::uint32_t cumulative = 0, window = 0;
  std::vector<std::pair<int, int>> blocks;
  std::vector<std::uint32_t> duplicates;
};

template <typename Writer>
Told told(Writer&& write) {
  PacketPool packets;
  PacketBuilder builder(packets, {1, 2, {3}}, 1160);
  write(builder);
  const Packet packet = builder.finish(false);
  auto reader = PacketReader::parse(packet.bytes(), false);
  const auto sack = SackChunk::parse(*reader->next());
  Told made{sack->cumulative().value, sack->window(), {}, {}};
  for (std::size_t i = 0; i < sack->blocks(); ++i)
    made.blocks.emplace_back(sack->block(i).first, sack->block(i).last);
  for (std::size_t i = 0; i < sack->duplicates(); ++i)
    made.duplicates.push_back(sack->duplicate(i).value);
  return made;
}
Told told(Receiver& receiver) {
  return told([&](PacketBuilder& builder) { receiver.write_sack(builder); });
}

bool give(Receiver& receiver, std::uint32_t tsn, std::size_t size, Instant now = kNow,
          std::uint8_t flags = DataChunk::kBegin | DataChunk::kEnd | DataChunk::kUnordered) {
  const Buffer payload(size, 1);
  DataChunk data{.tsn = {tsn}, .stream = {1}, .protocol = {53}, .payload = payload};
  data.begin = (flags & DataChunk::kBegin) != 0;
  data.end = (flags & DataChunk::kEnd) != 0;
  data.unordered = (flags & DataChunk::kUnordered) != 0;
  return receiver.on_data(data, 100ms, now);
}

// --- which TSNs (RFC 9260 §6.2, §6.7) ---

TEST(ReceivedTsns, are_told_as_a_list_of_them_would_be) {
  Random random = Random::from_number(1);
  for (int round = 0; round < 100; ++round) {
    const std::uint32_t first = 0u - random.below(200);  // wraps on the way
    ReceivedTsns tsns(Tsn{first});
    std::set<std::uint32_t> have;
    for (int i = 0; i < 150; ++i) {
      const std::uint32_t offset = random.below(200);
      const LongTsn tsn = tsns.lengthen(Tsn{first + offset});
      ASSERT_EQ(tsns.contains(tsn), have.contains(offset));
      if (have.insert(offset).second) tsns.add(tsn);
      std::uint32_t next = 0;
      while (have.contains(next)) ++next;
      ASSERT_EQ(tsns.cumulative().wire().value, first + next - 1);
    }
    const Told made = told([&](PacketBuilder& builder) { tsns.write_sack(builder, 5); });
    std::set<std::uint32_t> said;
    for (std::uint32_t i = 0; first + i != made.cumulative + 1; ++i) said.insert(i);
    for (const auto& [from, to] : made.blocks)
      for (int i = from; i <= to; ++i)
        said.insert(made.cumulative + static_cast<std::uint32_t>(i) - first);
    ASSERT_EQ(said, have);
  }
}

TEST(ReceivedTsns, as_far_ahead_as_a_block_can_say_and_not_one_further) {
  ReceivedTsns tsns(Tsn{10});
  EXPECT_TRUE(tsns.is_wanted(tsns.cumulative() + 1));
  EXPECT_TRUE(tsns.is_wanted(tsns.cumulative() + 0xFFFF));
  EXPECT_FALSE(tsns.is_wanted(tsns.cumulative() + 0x10000));
  EXPECT_FALSE(tsns.is_wanted(tsns.cumulative()));
}

TEST(ReceivedTsns, of_4096_gaps_none_more_is_made_but_those_there_are_close) {
  ReceivedTsns tsns(Tsn{1});
  const LongTsn first = tsns.cumulative();
  for (std::uint64_t i = 1; i <= 4096; ++i) {
    ASSERT_TRUE(tsns.is_wanted(first + 2 * i));
    tsns.add(first + 2 * i);
  }
  EXPECT_FALSE(tsns.is_wanted(first + 9000));
  EXPECT_TRUE(tsns.is_wanted(first + 2 * 4096 + 1));
  EXPECT_TRUE(tsns.is_wanted(first + 1));
  tsns.add(first + 3);
  EXPECT_TRUE(tsns.is_wanted(first + 9000));
}

TEST(ReceivedTsns, duplicates_are_told_once_and_at_most_sixteen) {
  ReceivedTsns tsns(Tsn{1});
  for (int i = 0; i < 20; ++i) tsns.add_duplicate(tsns.cumulative());
  EXPECT_TRUE(tsns.is_ack_due(kNow));
  const auto write = [&](PacketBuilder& builder) { tsns.write_sack(builder, 5); };
  EXPECT_EQ(told(write).duplicates.size(), 16u);
  EXPECT_EQ(told(write).duplicates.size(), 0u);
}

//= RFC 9260 §6.2 test
TEST(ReceivedTsns, one_packet_waits_for_company_until_the_deadline) {
  ReceivedTsns tsns(Tsn{1});
  tsns.add(tsns.cumulative().next());
  tsns.packet_ends(false, kNow);
  EXPECT_TRUE(tsns.is_ack_owed());
  EXPECT_FALSE(tsns.is_ack_due(kNow + 20ms - 1us));
  EXPECT_TRUE(tsns.is_ack_due(kNow + 20ms));
  EXPECT_EQ(tsns.ack_at(), kNow + 20ms);
  tsns.packet_ends(false, kNow);
  EXPECT_TRUE(tsns.is_ack_due(kNow));
}

//= RFC 9260 §6.7 test
TEST(ReceivedTsns, a_gap_and_its_closing_are_told_at_once) {
  ReceivedTsns tsns(Tsn{1});
  const auto write = [&](PacketBuilder& builder) { tsns.write_sack(builder, 5); };
  const LongTsn first = tsns.cumulative().next();
  tsns.add(first + 1);
  tsns.packet_ends(false, kNow);
  EXPECT_TRUE(tsns.is_ack_due(kNow));
  EXPECT_EQ(told(write).blocks.size(), 1u);
  tsns.add(first);
  tsns.packet_ends(false, kNow);
  EXPECT_TRUE(tsns.is_ack_due(kNow));
  EXPECT_EQ(told(write).blocks.size(), 0u);
  tsns.add(first + 2);
  tsns.packet_ends(false, kNow);
  EXPECT_FALSE(tsns.is_ack_due(kNow));
}

//= RFC 7053 §5.2 test
TEST(ReceivedTsns, who_asks_is_told_at_once) {
  ReceivedTsns tsns(Tsn{1});
  tsns.packet_ends(true, kNow);
  EXPECT_TRUE(tsns.is_ack_due(kNow));
}

//= RFC 3758 §3.6 test
TEST(ReceivedTsns, move_on_when_told_and_never_back) {
  ReceivedTsns tsns(Tsn{1});
  const LongTsn first = tsns.cumulative().next();
  tsns.add(first + 4);
  tsns.add(first + 5);
  tsns.forward(first + 2);
  EXPECT_EQ(tsns.cumulative(), first + 2);
  tsns.forward(first + 3);
  EXPECT_EQ(tsns.cumulative(), first + 5);
  tsns.forward(first);
  EXPECT_EQ(tsns.cumulative(), first + 5);
}

// --- the window ---

TEST(Receiver, the_window_shrinks_with_what_waits_and_grows_with_what_is_read) {
  Receiver receiver({1}, kWindow, kWindow);
  EXPECT_EQ(told(receiver).window, kWindow);
  for (std::uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(give(receiver, 1 + i, 10'000));
  while (receiver.next_message()) {
  }
  EXPECT_EQ(told(receiver).window, kWindow - 100'000);
  receiver.release(40'000);
  EXPECT_EQ(told(receiver).window, kWindow - 60'000);
  receiver.release(1'000'000);  // more than there was
  EXPECT_EQ(told(receiver).window, kWindow);
}

TEST(Receiver, the_window_doubles_where_half_of_it_came_within_a_round_trip) {
  for (const bool fast : {false, true}) {
    Receiver receiver({1}, 4 * kWindow, kWindow);
    Instant now = kNow;
    for (std::uint32_t i = 0; i < 40; ++i) {
      ASSERT_TRUE(give(receiver, 1 + i, 50'000, now));
      while (auto message = receiver.next_message()) receiver.release(message->bytes.size());
      now = now + (fast ? 1ms : 20ms);
    }
    EXPECT_EQ(receiver.window(), fast ? 4 * kWindow : kWindow);
  }
}

TEST(Receiver, what_is_beyond_the_window_is_dropped_but_for_what_all_wait_for) {
  Receiver receiver({1}, 100'000, 100'000);
  for (std::uint32_t i = 0; i < 9; ++i) ASSERT_TRUE(give(receiver, 3 + i, 10'000));
  ASSERT_TRUE(give(receiver, 40, 10'001));
  EXPECT_EQ(receiver.counters().beyond_window, 1u);
  EXPECT_EQ(told(receiver).blocks.size(), 1u);
  ASSERT_TRUE(give(receiver, 1, 60'000));
  EXPECT_EQ(receiver.counters().beyond_window, 1u);
  ASSERT_TRUE(give(receiver, 2, 60'000));
  EXPECT_EQ(receiver.counters().beyond_window, 2u);
  EXPECT_EQ(told(receiver).window, 0u);
}

TEST(Receiver, a_closed_window_that_opens_is_told_at_once) {
  Receiver receiver({1}, 100'000, 100'000);
  for (std::uint32_t i = 0; i < 9; ++i) ASSERT_TRUE(give(receiver, 1 + i, 10'000));
  while (receiver.next_message()) {
  }
  EXPECT_EQ(told(receiver).window, 10'000u);
  receiver.release(40'000);
  EXPECT_FALSE(receiver.is_ack_due(kNow));
  receiver.release(2'000);
  EXPECT_TRUE(receiver.is_ack_due(kNow));
}

TEST(Receiver, a_duplicate_is_counted_and_told_and_nothing_else) {
  Receiver receiver({0xFFFF'FFFF}, kWindow, kWindow);
  ASSERT_TRUE(give(receiver, 0xFFFF'FFFF, 10));
  ASSERT_TRUE(give(receiver, 1, 10));
  const std::size_t held = receiver.held();
  for (const std::uint32_t tsn : {0xFFFF'FFFFu, 1u, 0xFFFF'FFF0u})
    ASSERT_TRUE(give(receiver, tsn, 10));
  EXPECT_EQ(receiver.held(), held);
  EXPECT_EQ(receiver.counters().duplicates, 3u);
  EXPECT_THAT(told(receiver).duplicates, testing::ElementsAre(0xFFFF'FFFF, 1, 0xFFFF'FFF0));
}

}  // namespace
}  // namespace beeline::sctp
