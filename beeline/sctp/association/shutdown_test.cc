// How an association ends (RFC 9260 §9), and what is still said after its end (§8.4).
#include <gmock/gmock.h>

#include "beeline/sctp/test_alone.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kWhole = Alone::kWhole;

TEST(Shutdown, ends_both_whichever_of_its_packets_get_lost) {
  for (const bool both : {false, true}) {
    for (unsigned mask = 0; mask < 64; ++mask) {
      TestPair pair;
      pair.connect();
      ASSERT_TRUE(pair.send(pair.a, 1, TestPair::bytes(5'000, 1)));
      ASSERT_TRUE(pair.send(pair.b, 1, TestPair::bytes(5'000, 1)));
      pair.run_for(1s);
      unsigned count = 0;
      pair.wire.censor = [&](bool, Bytes) { return count < 6 && (mask >> count++ & 1) != 0; };
      pair.a.association.shutdown(pair.now);
      if (both) pair.b.association.shutdown(pair.now);
      ASSERT_TRUE(pair.run_until([&] { return pair.a.ended && pair.b.ended; })) << mask;
      EXPECT_EQ(pair.a.ended->reason, EndReason::kClosed);
      EXPECT_EQ(pair.b.ended->reason, EndReason::kClosed);
      EXPECT_EQ(pair.a.received.size() + pair.b.received.size(), 2u);
    }
  }
}

//= RFC 9260 §8.4 test
TEST(Shutdown, a_lost_shutdown_complete_is_said_again_to_who_asks_again) {
  Alone end;
  end.connect();
  end.association.shutdown(end.now);
  end.settle();
  ASSERT_EQ(end.count(ChunkType::kShutdown), 1);
  for (int i = 0; i < 5; ++i) {
    end.say({{ChunkType::kShutdownAck, 0, {}}});
    EXPECT_EQ(end.count(ChunkType::kShutdownComplete), 1);
    EXPECT_EQ(end.heard.size(), 1u);
    EXPECT_TRUE(end.ended);
  }
  end.say(end.tag + 1, {{ChunkType::kShutdownAck, 0, {}}});
  EXPECT_TRUE(end.heard.empty());
}

//= RFC 9260 §8.4 test
TEST(Shutdown, a_lost_abort_is_said_again_to_who_goes_on) {
  Alone end;
  end.connect();
  end.association.abort(end.now);
  end.settle();
  ASSERT_EQ(end.count(ChunkType::kAbort), 1);
  for (int i = 0; i < 5; ++i) {
    end.say({raw_data(1000, kWhole, 1, 0, {1})});
    EXPECT_EQ(end.count(ChunkType::kAbort), 1);
    EXPECT_EQ(end.heard.size(), 1u);
  }
  // What ends is not answered, or two that are gone would talk for ever.
  for (const ChunkType last : {ChunkType::kAbort, ChunkType::kShutdownComplete}) {
    end.say({{last, 0, {}}});
    EXPECT_TRUE(end.heard.empty());
  }
  end.say(end.tag + 1, {raw_data(1000, kWhole, 1, 0, {1})});
  EXPECT_TRUE(end.heard.empty());
  EXPECT_TRUE(end.received.empty());
}

TEST(Shutdown, who_was_aborted_says_nothing_any_more) {
  Alone end;
  end.connect();
  end.say({{ChunkType::kAbort, 0, {}}});
  end.say({raw_data(1000, kWhole, 1, 0, {1})});
  EXPECT_TRUE(end.heard.empty());
  EXPECT_FALSE(end.association.next_timeout());
}

//= RFC 9260 §9.2 test
TEST(Shutdown, says_itself_what_arrived) {
  Alone end;
  end.connect();
  ASSERT_TRUE(end.association.send({{1}, {53}, false, {7}}, {}, end.now));
  end.settle();
  ASSERT_EQ(end.count(ChunkType::kData), 1);
  end.say({{ChunkType::kShutdown, 0, Raw().u32(end.first_tsn)}});
  EXPECT_EQ(end.count(ChunkType::kShutdownAck), 1);
  EXPECT_EQ(end.association.unacknowledged(), 0u);
}

TEST(Shutdown, for_what_was_never_sent_ends_the_association) {
  Alone end;
  end.connect();
  end.say({{ChunkType::kShutdown, 0, Raw().u32(end.first_tsn + 5)}});
  ASSERT_TRUE(end.ended);
  EXPECT_EQ(end.ended->reason, EndReason::kProtocolViolation);
}

TEST(Shutdown, is_repeated_ever_more_rarely_and_never_given_up) {
  TestPair pair;
  pair.connect();
  pair.run_for(1s);
  pair.wire.censor = [&](bool, Bytes) { return true; };
  pair.a.association.shutdown(pair.now);
  pair.run_for(3600s);
  EXPECT_GT(pair.wire.dropped, 300u);
  EXPECT_LT(pair.wire.dropped, 500u);
  EXPECT_FALSE(pair.a.ended);
  pair.wire.censor = nullptr;
  EXPECT_TRUE(pair.run_until([&] { return pair.a.ended && pair.b.ended; }));
}

TEST(Shutdown, waits_for_what_the_other_side_has_to_say) {
  TestPair pair({.loss = 0.2});
  pair.connect();
  ASSERT_TRUE(pair.send(pair.b, 1, TestPair::bytes(200'000, 3)));
  pair.run_for(5ms);
  pair.a.association.shutdown(pair.now);
  ASSERT_TRUE(pair.run_until([&] { return pair.a.ended && pair.b.ended; }));
  ASSERT_EQ(pair.a.received.size(), 1u);
  EXPECT_EQ(pair.a.received[0].bytes, TestPair::bytes(200'000, 3));
}

}  // namespace
}  // namespace beeline::sctp
