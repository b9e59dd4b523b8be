#include "beeline/sctp/association/stream_resets.h"

#include <gmock/gmock.h>

#include "beeline/sctp/test_alone.h"

namespace beeline::sctp {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kWhole = Alone::kWhole;

// The answer the association gave to a request of ours; none where there was none.
std::optional<ReConfigResult> result(const Alone& end) {
  const RawChunk* chunk = end.find(ChunkType::kReConfig);
  if (chunk == nullptr) return std::nullopt;
  const auto parameters = parse_re_config({chunk->type, 0, chunk->value, chunk->value});
  const auto* response = std::get_if<ReConfigResponse>(&parameters->at(0));
  return response == nullptr ? std::nullopt : std::optional(response->result);
}

//= RFC 6525 §5.2.2 test
TEST(StreamResets, wait_for_the_last_that_was_sent_before) {
  Alone end;
  end.connect(1000);
  end.say({raw_data(1000, kWhole, 4, 0, {1})});
  end.say({raw_re_config(OutgoingReset{{1000}, {0}, {1001}, {{4}}})});
  EXPECT_EQ(result(end), ReConfigResult::kInProgress);
  end.say({raw_re_config(OutgoingReset{{1000}, {0}, {1001}, {{4}}})});
  EXPECT_EQ(result(end), ReConfigResult::kInProgress);
  end.say({raw_data(1001, kWhole, 4, 1, {2})});
  EXPECT_EQ(result(end), ReConfigResult::kPerformed);
  // The stream begins with the first number again, and whoever asks again is told again.
  end.say({raw_data(1002, kWhole, 4, 0, {3})});
  EXPECT_EQ(end.received.size(), 3u);
  end.say({raw_re_config(OutgoingReset{{1000}, {0}, {1001}, {{4}}})});
  EXPECT_EQ(result(end), ReConfigResult::kPerformed);
  end.say({raw_data(1003, kWhole, 4, 1, {4})});
  EXPECT_EQ(end.received.size(), 4u);
}

//= RFC 6525 §5.2.1 test
TEST(StreamResets, with_a_number_that_is_not_the_next_are_refused) {
  Alone end;
  end.connect(1000);
  for (const std::uint32_t number : {1064u, 998u, 0u, 0xFFFF'FFFFu}) {
    end.say({raw_re_config(OutgoingReset{{number}, {0}, {999}, {{4}}})});
    EXPECT_EQ(result(end), ReConfigResult::kBadSequenceNumber) << number;
  }
  end.say({raw_re_config(OutgoingReset{{1000}, {0}, {999}, {{4}}})});
  EXPECT_EQ(result(end), ReConfigResult::kPerformed);
}

// Found by reading Pion, which asks for each channel that is closed by itself and takes a refusal
// for the end: none of its channels would ever have closed here again.
TEST(StreamResets, asked_for_one_after_the_other_wait_in_a_row) {
  Alone end;
  end.connect(1000);
  for (const std::uint32_t number : {1000u, 1001u, 1002u}) {
    end.say({raw_re_config(
        OutgoingReset{{number}, {0}, {1000}, {{static_cast<std::uint16_t>(number - 1000)}}})});
    EXPECT_EQ(result(end), ReConfigResult::kInProgress) << number;
  }
  end.say({raw_data(1000, kWhole, 4, 0, {1})});
  EXPECT_EQ(end.resets, (std::vector<StreamId>{{0}, {1}, {2}}));
  for (const auto& [number, expected] : {std::pair(1002u, ReConfigResult::kPerformed),
                                         std::pair(1001u, ReConfigResult::kBadSequenceNumber)}) {
    end.say({raw_re_config(OutgoingReset{{number}, {0}, {1000}, {{2}}})});
    EXPECT_EQ(result(end), expected) << number;
  }
}

TEST(StreamResets, asked_for_before_their_turn_are_asked_for_again) {
  Alone end;
  end.connect(1000);
  end.say({raw_re_config(OutgoingReset{{1001}, {0}, {999}, {{5}}})});
  EXPECT_EQ(result(end), std::nullopt);
  for (const std::uint32_t number : {1000u, 1001u}) {
    end.say({raw_re_config(OutgoingReset{{number}, {0}, {999}, {{5}}})});
    EXPECT_EQ(result(end), ReConfigResult::kPerformed) << number;
  }
}

TEST(StreamResets, wait_for_room_where_too_many_wait) {
  Alone end;
  end.connect(1000);
  for (std::uint32_t i = 0; i < 64; ++i)
    end.say({raw_re_config(OutgoingReset{{1000 + i}, {0}, {1000}, {{4}}})});
  EXPECT_EQ(result(end), ReConfigResult::kInProgress);
  end.say({raw_re_config(OutgoingReset{{1064}, {0}, {1000}, {{4}}})});
  EXPECT_EQ(result(end), std::nullopt);
}

TEST(StreamResets, of_all_streams_name_none) {
  Alone end;
  end.connect(1000);
  for (std::uint16_t stream = 0; stream < 10; ++stream)
    end.say({raw_data(1000u + stream, kWhole, stream, 0, {1})});
  end.say({raw_re_config(OutgoingReset{{1000}, {0}, {1009}, {}})});
  for (std::uint16_t stream = 0; stream < 10; ++stream)
    end.say({raw_data(1010u + stream, kWhole, stream, 0, {1})});
  EXPECT_EQ(end.received.size(), 20u);
}

TEST(StreamResets, into_silence_are_repeated_ever_more_rarely) {
  TestPair pair;
  pair.connect();
  pair.run_for(1s);
  pair.wire.censor = [&](bool, Bytes) { return true; };
  pair.a.association.reset_streams({{1}});
  pair.run_for(3600s);
  EXPECT_GT(pair.wire.dropped, 300u);
  EXPECT_LT(pair.wire.dropped, 500u);
  pair.wire.censor = nullptr;
  EXPECT_TRUE(pair.run_until([&] { return pair.a.resets_done == 1; }));
}

TEST(StreamResets, of_more_streams_than_a_request_holds_are_several) {
  TestPair pair({.loss = 0.1});
  pair.connect();
  std::vector<StreamId> streams;
  for (std::uint16_t i = 0; i < 1000; ++i) streams.push_back({i});
  pair.a.association.reset_streams(streams);
  ASSERT_TRUE(pair.run_until([&] { return pair.b.resets.size() == 1000; }));
  EXPECT_EQ(pair.b.resets, streams);
}

}  // namespace
}  // namespace beeline::sctp
