// Packets as large as the path takes: the search alone, and two associations on wires that swallow
// what is larger.
#include "beeline/sctp/tx/path_mtu.h"

#include <gmock/gmock.h>

#include "beeline/sctp/test_alone.h"
#include "beeline/sctp/test_pair.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBase = 1160;
constexpr std::size_t kLargest = 1412;

class Search : public testing::Test {
 protected:
  Search() { path_.begin(kLargest); }
  // The probe that is due leaves; nothing answers.
  void lose_one() {
    path_.sent(100ms, now_);
    now_ = *path_.next_timeout();
    path_.handle_timeout(now_);
  }
  void answer() {
    const std::size_t size = *path_.due();
    EXPECT_TRUE(path_.on_answer(path_.sent(100ms, now_), size, now_));
  }

  PathMtu path_{kBase};
  Instant now_{1s};
};

TEST_F(Search, nothing_is_asked_before_a_packet_is_full) {
  EXPECT_EQ(path_.due(), std::nullopt);
  path_.want(now_);
  EXPECT_EQ(path_.due(), kLargest);
}

TEST_F(Search, the_largest_is_tried_first_and_taken_when_it_arrives) {
  path_.want(now_);
  answer();
  EXPECT_EQ(path_.packet(), kLargest);
  path_.want(now_);
  EXPECT_EQ(path_.due(), std::nullopt);
}

//= RFC 8899 §5.1.2 test
TEST_F(Search, each_size_is_tried_three_times_and_then_the_next_smaller) {
  path_.want(now_);
  std::vector<std::size_t> tried;
  for (int i = 0; i < 9; ++i) {
    tried.push_back(*path_.due());
    lose_one();
  }
  EXPECT_THAT(tried, testing::ElementsAre(1412, 1412, 1412, 1332, 1332, 1332, 1232, 1232, 1232));
  path_.want(now_);
  EXPECT_EQ(path_.due(), std::nullopt);
  EXPECT_TRUE(path_.is_base());
}

TEST_F(Search, one_probe_at_a_time_and_a_second_of_patience) {
  path_.want(now_);
  path_.sent(100ms, now_);
  EXPECT_EQ(path_.due(), std::nullopt);
  EXPECT_EQ(path_.next_timeout(), now_ + 1s);
}

//= RFC 8899 §5.1.1 test
TEST_F(Search, what_was_found_is_looked_at_again_after_ten_minutes) {
  path_.want(now_);
  for (int i = 0; i < 3; ++i) lose_one();
  answer();
  EXPECT_EQ(path_.packet(), 1332u);
  path_.want(now_ + 10min - 1us);
  EXPECT_EQ(path_.due(), std::nullopt);
  path_.want(now_ + 10min);
  EXPECT_EQ(path_.due(), kLargest);
  now_ = now_ + 10min;
  for (int i = 0; i < 3; ++i) lose_one();
  EXPECT_EQ(path_.due(), std::nullopt);
  EXPECT_EQ(path_.packet(), 1332u);
}

TEST_F(Search, an_answer_to_another_question_says_nothing) {
  path_.want(now_);
  const std::uint32_t number = path_.sent(100ms, now_);
  EXPECT_FALSE(path_.on_answer(number - 1, kLargest, now_));
  EXPECT_FALSE(path_.on_answer(number, 1332, now_));
  path_.begin(kLargest);
  EXPECT_FALSE(path_.on_answer(number, kLargest, now_));
  EXPECT_TRUE(path_.is_base());
}

TEST_F(Search, a_path_that_swallows_large_packets_is_left_alone_for_a_minute) {
  path_.want(now_);
  answer();
  path_.on_black_hole(now_);
  EXPECT_TRUE(path_.is_base());
  path_.want(now_ + 1min - 1us);
  EXPECT_EQ(path_.due(), std::nullopt);
  path_.want(now_ + 1min);
  EXPECT_EQ(path_.due(), kLargest);
}

TEST_F(Search, a_path_that_may_not_be_tried_is_not) {
  path_.begin(0);
  path_.want(now_);
  EXPECT_EQ(path_.due(), std::nullopt);
  path_.begin(kBase);
  path_.want(now_);
  EXPECT_EQ(path_.due(), std::nullopt);
}

// --- two associations ---

class Wide : public testing::Test {
 protected:
  static Settings wide() {
    Settings made;
    made.largest_packet = kLargest;
    return made;
  }
  static void exchange(TestPair& pair, std::size_t bytes) {
    const std::uint64_t before = pair.b.received_bytes;
    ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(bytes, 1)));
    ASSERT_TRUE(pair.run_until([&] { return pair.b.received_bytes == before + bytes; }));
    pair.run_for(100ms);  // also what is only asked
  }
};

TEST_F(Wide, packets_grow_once_there_is_much_to_send) {
  TestPair pair({}, wide(), wide());
  pair.connect();
  exchange(pair, 100);
  EXPECT_EQ(pair.a.association.sender()->counters().size_probes, 0u);
  exchange(pair, 200'000);
  EXPECT_EQ(pair.a.association.sender()->packet(), kLargest);
  EXPECT_EQ(pair.a.association.sender()->counters().size_probes, 1u);
  EXPECT_EQ(pair.wire.largest, kLargest);
}

TEST_F(Wide, what_a_path_does_not_take_costs_nothing_but_the_probes) {
  TestPair pair({.mtu = 1350}, wide(), wide());
  pair.connect();
  for (int i = 0; i < 8; ++i) {
    exchange(pair, 100'000);
    pair.run_for(1s);
  }
  EXPECT_EQ(pair.a.association.sender()->packet(), 1332u);
  EXPECT_EQ(pair.a.association.sender()->counters().retransmissions, 0u);
}

//= RFC 9260 §7.3 test
TEST_F(Wide, chunks_cut_for_a_wider_path_go_on_in_pieces_when_it_narrows) {
  TestPair pair({}, wide(), wide());
  pair.connect();
  exchange(pair, 200'000);
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(200'000, 2)));
  pair.run_for(1ms);
  ASSERT_GT(pair.a.association.sender()->in_flight(), 0u);
  pair.wire.set_mtu(1200);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.received_bytes == 400'000; }, 20s));
  EXPECT_EQ(pair.a.association.sender()->packet(), kBase);
}

// Small packets that arrive keep the silence from telling.
TEST_F(Wide, a_path_that_narrows_is_noticed_though_small_messages_arrive) {
  TestPair pair({}, wide(), wide());
  pair.connect();
  exchange(pair, 200'000);
  pair.wire.set_mtu(1200);
  ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(20'000, 2), true));
  const auto chat = [&] {
    pair.run_for(20ms);
    return pair.send(pair.a, 2, TestPair::bytes(50, 3), true).has_value();
  };
  for (int i = 0; i < 200 && pair.a.association.sender()->packet() != kBase; ++i)
    ASSERT_TRUE(chat());
  EXPECT_EQ(pair.a.association.sender()->packet(), kBase);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.association.unacknowledged() == 0; }));
}

TEST_F(Wide, another_path_begins_with_what_passes_everywhere) {
  TestPair pair({}, wide(), wide());
  pair.connect();
  exchange(pair, 200'000);
  pair.a.association.on_new_path(100ms, pair.now);
  EXPECT_EQ(pair.a.association.sender()->packet(), kBase);
  exchange(pair, 200'000);
  EXPECT_EQ(pair.a.association.sender()->counters().size_probes, 1u);
  pair.a.association.on_new_path(100ms, pair.now, kLargest);
  exchange(pair, 200'000);
  EXPECT_EQ(pair.a.association.sender()->packet(), kLargest);
}

}  // namespace
}  // namespace beeline::sctp
