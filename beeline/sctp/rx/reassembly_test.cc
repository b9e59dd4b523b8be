#include "beeline/sctp/rx/reassembly.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "beeline/base/random.h"

namespace beeline::sctp {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t kMost = 64 * 1024;
constexpr LongTsn kStart{kFirst + 0xFFFF'FFFD};  // wraps on the wire after three

struct Piece {
  std::uint64_t offset;
  DataChunk chunk;
  Buffer bytes;
};

// One fragment of ten bytes that begin with `mark`.
Piece piece(std::uint64_t offset, std::uint16_t stream, std::uint32_t message, std::uint32_t number,
            std::uint32_t of, bool interleaved, bool unordered = false) {
  Piece made{offset, {}, Buffer(10, static_cast<std::uint8_t>(message * 16 + number))};
  made.chunk.tsn = (kStart + offset).wire();
  made.chunk.stream = {stream};
  made.chunk.begin = number == 0;
  made.chunk.end = number + 1 == of;
  made.chunk.unordered = unordered;
  made.chunk.interleaved = interleaved;
  made.chunk.message = message;
  made.chunk.fragment = interleaved ? number : 0;
  made.chunk.protocol = {53};
  return made;
}
bool add(Reassembly& reassembly, Piece& piece) {
  piece.chunk.payload = piece.bytes;
  return reassembly.add(kStart + piece.offset, piece.chunk);
}
std::vector<Message> take(Reassembly& reassembly) {
  std::vector<Message> all;
  while (auto message = reassembly.next()) all.push_back(std::move(*message));
  return all;
}
Buffer whole(std::uint32_t message, std::uint32_t of) {
  Buffer bytes;
  for (std::uint32_t i = 0; i < of; ++i)
    bytes.insert(bytes.end(), 10, static_cast<std::uint8_t>(message * 16 + i));
  return bytes;
}

class Fragments : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, Fragments, testing::Values(false, true));

TEST_P(Fragments, in_any_order_are_the_same_messages) {
  // Two messages of one stream and one of another, six fragments: 720 orders.
  std::vector<int> order(6);
  std::iota(order.begin(), order.end(), 0);
  do {
    Reassembly reassembly(kMost);
    std::vector<Piece> pieces{piece(0, 1, 0, 0, 3, GetParam()), piece(1, 1, 0, 1, 3, GetParam()),
                              piece(2, 1, 0, 2, 3, GetParam()), piece(3, 1, 1, 0, 1, GetParam()),
                              piece(4, 2, 0, 0, 2, GetParam()), piece(5, 2, 0, 1, 2, GetParam())};
    for (const int at : order) ASSERT_TRUE(add(reassembly, pieces[static_cast<std::size_t>(at)]));
    std::vector<Buffer> of_one, of_two;
    for (Message& message : take(reassembly))
      (message.stream.value == 1 ? of_one : of_two).push_back(std::move(message.bytes));
    ASSERT_EQ(of_one, (std::vector<Buffer>{whole(0, 3), whole(1, 1)}));
    ASSERT_EQ(of_two, (std::vector<Buffer>{whole(0, 2)}));
    ASSERT_EQ(reassembly.held(), 0u);
  } while (std::ranges::next_permutation(order).found);
}

TEST_P(Fragments, unordered_messages_do_not_wait_for_each_other) {
  Reassembly reassembly(kMost);
  Piece late = piece(0, 1, 0, 0, 1, GetParam(), true);
  Piece early = piece(1, 1, 1, 0, 1, GetParam(), true);
  ASSERT_TRUE(add(reassembly, early));
  EXPECT_EQ(take(reassembly).size(), 1u);
  ASSERT_TRUE(add(reassembly, late));
  EXPECT_EQ(take(reassembly).size(), 1u);
}

TEST_P(Fragments, a_message_may_be_as_long_as_was_said_and_not_a_byte_longer) {
  for (const std::size_t most : {30u, 29u}) {
    Reassembly reassembly(most);
    Piece first = piece(0, 1, 0, 0, 3, GetParam()), second = piece(1, 1, 0, 1, 3, GetParam()),
          third = piece(2, 1, 0, 2, 3, GetParam());
    ASSERT_TRUE(add(reassembly, first));
    // Also where the middle is what comes last.
    ASSERT_TRUE(add(reassembly, third));
    EXPECT_EQ(add(reassembly, second), most == 30);
  }
  Reassembly reassembly(9);
  Piece only = piece(0, 1, 0, 0, 1, GetParam());
  EXPECT_FALSE(add(reassembly, only));
}

// Sequence numbers have 16 bits or 32; the order goes on beyond.
TEST_P(Fragments, numbers_wrap) {
  Reassembly reassembly(kMost);
  const std::uint32_t mask = GetParam() ? ~0u : 0xFFFFu;
  std::uint64_t offset = 0;
  std::size_t received = 0;
  for (std::uint32_t i = 0; i < 140'000; i += 2) {
    Piece second = piece(offset + 1, 1, (i + 1) & mask, 0, 1, GetParam());
    Piece first = piece(offset, 1, i & mask, 0, 1, GetParam());
    ASSERT_TRUE(add(reassembly, second)) << i;
    ASSERT_TRUE(add(reassembly, first)) << i;
    offset += 2;
    for (const Message& message : take(reassembly)) {
      ASSERT_EQ(message.bytes[0], static_cast<std::uint8_t>(received * 16));
      ++received;
    }
  }
  EXPECT_EQ(received, 140'000u);
}

//= RFC 8260 §2.1 test
TEST(Interleaving, messages_of_many_streams_come_apart_again) {
  Random random = Random::from_number(1);
  for (int round = 0; round < 50; ++round) {
    Reassembly reassembly(kMost);
    std::vector<Piece> pieces;
    for (std::uint16_t stream = 0; stream < 6; ++stream)
      for (std::uint32_t message = 0; message < 5; ++message)
        for (std::uint32_t i = 0; i < 4; ++i)
          pieces.push_back(piece(0, stream, message, i, 4, true, stream % 2 == 1));
    for (std::size_t i = pieces.size(); i > 1; --i)
      std::swap(pieces[i - 1], pieces[random.below(static_cast<std::uint32_t>(i))]);
    std::size_t received = 0;
    std::map<std::uint16_t, std::uint32_t> next;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i].offset = i;
      ASSERT_TRUE(add(reassembly, pieces[i]));
      for (const Message& message : take(reassembly)) {
        ++received;
        if (message.unordered) continue;
        ASSERT_EQ(message.bytes, whole(next[message.stream.value]++, 4));
      }
    }
    EXPECT_EQ(received, 30u);
    EXPECT_EQ(reassembly.held(), 0u);
  }
}

TEST(Interleaving, fragments_that_contradict_each_other_break_the_protocol) {
  const auto two = [](Piece first, Piece second) {
    Reassembly reassembly(kMost);
    EXPECT_TRUE(add(reassembly, first));
    return add(reassembly, second);
  };
  // The same fragment twice, in its turn and before it.
  EXPECT_FALSE(two(piece(0, 1, 0, 0, 3, true), piece(1, 1, 0, 0, 3, true)));
  EXPECT_FALSE(two(piece(0, 1, 0, 2, 3, true), piece(1, 1, 0, 2, 3, true)));
  // A beginning that is not the first.
  Reassembly reassembly(kMost);
  Piece odd = piece(0, 1, 0, 1, 3, true);
  odd.chunk.begin = true;
  EXPECT_FALSE(add(reassembly, odd));
}

TEST(Fragmentation, what_follows_a_beginning_belongs_to_it_or_breaks_the_protocol) {
  for (int wrong = 0; wrong < 3; ++wrong) {
    Reassembly reassembly(kMost);
    Piece first = piece(0, 1, 0, 0, 2, false), second = piece(1, 1, 0, 1, 2, false);
    if (wrong == 0) second.chunk.stream = {2};
    if (wrong == 1) second.chunk.message = 1;
    if (wrong == 2) second.chunk.unordered = true;
    EXPECT_TRUE(add(reassembly, first));
    EXPECT_FALSE(add(reassembly, second)) << wrong;
  }
}

TEST(Fragmentation, a_sequence_number_that_was_there_breaks_the_protocol) {
  Reassembly reassembly(kMost);
  Piece first = piece(0, 1, 0, 0, 1, false), again = piece(1, 1, 0, 0, 1, false);
  EXPECT_TRUE(add(reassembly, first));
  EXPECT_FALSE(add(reassembly, again));
  Reassembly waiting(kMost);
  Piece later = piece(0, 1, 5, 0, 1, false), later_again = piece(1, 1, 5, 0, 1, false);
  EXPECT_TRUE(add(waiting, later));
  EXPECT_FALSE(add(waiting, later_again));
}

// Searched one by one, this many would take as long as it takes to notice.
TEST(Fragmentation, beginnings_at_every_second_tsn_are_found_by_what_they_wait_for) {
  Reassembly reassembly(kMost);
  constexpr std::uint16_t kCount = 60'000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    Piece first = piece(2 * i, static_cast<std::uint16_t>(i), 0, 0, 2, false);
    ASSERT_TRUE(add(reassembly, first));
  }
  for (std::uint64_t i = kCount; i-- > 0;) {
    Piece second = piece(2 * i + 1, static_cast<std::uint16_t>(i), 0, 1, 2, false);
    ASSERT_TRUE(add(reassembly, second));
  }
  EXPECT_EQ(take(reassembly).size(), kCount);
  EXPECT_EQ(reassembly.held(), 0u);
}

//= RFC 8260 §2.3.1 test
TEST(Interleaving, what_is_skipped_wraps_as_numbers_do) {
  for (const std::uint32_t last : {5u, 0u, 0x7FFF'FFFFu, 0x8000'0000u, 0xFFFF'FFFFu}) {
    SpareBuffers spares;
    MidFragments fragments(spares, kMost);
    std::vector<Piece> pieces;
    for (const std::uint32_t from :
         {last - 2, last, last + 1, last - 0x7FFF'FFFF, last + 0x8000'0000})
      pieces.push_back(piece(0, 1, from, 0, 2, true));
    for (Piece& each : pieces) {
      each.chunk.payload = each.bytes;
      EXPECT_FALSE(fragments.add(each.chunk).violates);
    }
    EXPECT_EQ(fragments.skip({2}, false, last), 0u);
    EXPECT_EQ(fragments.skip({1}, true, last), 0u);
    EXPECT_EQ(fragments.skip({1}, false, last), 30u) << last;
    EXPECT_EQ(fragments.pieces(), 2u);
    const StreamId one[]{{1}};
    EXPECT_EQ(fragments.reset(one), 20u);
    EXPECT_EQ(fragments.pieces(), 0u);
  }
}

}  // namespace
}  // namespace beeline::sctp
