// turn::Client over a stream: bytes cut anywhere, nothing said twice, streams that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/test_pair.h"

namespace beeline::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::SizeIs;

TEST(TurnClientStream, bytes_may_be_cut_at_every_place) {
  for (const std::size_t piece : {1U, 2U, 3U, 4U, 5U, 7U, 19U, 20U, 21U, 64U, 4096U}) {
    ClientAndServer pair(ClientAndServer::stream_settings());
    pair.piece = piece;
    pair.allocate(RelayFamilies::kBoth);
    pair.permit("7.7.7.7");
    for (const bool bound : {false, true}) {
      if (bound) pair.bind("7.7.7.7:2000");
      for (const char* text : {"", "1", "12", "123", "1234"}) {
        pair.send("7.7.7.7:2000", text);
        ASSERT_FALSE(pair.relay.to_peers.empty());
        EXPECT_EQ(as_text(pair.relay.to_peers.back().packet.bytes()), text);
        EXPECT_EQ(pair.sent.back().size() % 4, 0U) << "padded";
        pair.from_peer("7.7.7.7:2000", text);
        ASSERT_FALSE(pair.all<PeerData>().empty());
        EXPECT_EQ(as_text(pair.all<PeerData>().back()->packet.bytes()), text);
      }
    }
    EXPECT_THAT(pair.all<PeerData>(), SizeIs(10));
    pair.advance(seconds(2000));
    EXPECT_EQ(pair.relay.server.allocations(), 1U);
  }
}

//= RFC 8489 §6.2.2 test
TEST(TurnClientStream, nothing_is_said_twice) {
  ClientAndServer pair(ClientAndServer::stream_settings());
  pair.loses_to_server = [](Bytes) { return true; };
  pair.allocate();
  pair.advance(milliseconds(39'500) - Duration(1));
  EXPECT_THAT(pair.events, SizeIs(0));
  pair.advance(Duration(1));
  EXPECT_THAT(pair.sent, SizeIs(1));
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kNoAnswer);
}

//= RFC 8489 §9.2.5 test
TEST(TurnClientStream, a_forged_answer_ends_the_request_because_no_other_will_come) {
  ClientAndServer pair(ClientAndServer::stream_settings());
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = *stun::Message::parse(bytes);
    if (!message.has(stun::AttributeType::kUsername)) return false;
    pair.answer(bytes, stun::Class::kSuccess, nullptr, [](stun::MessageWriter&) {});
    return true;
  };
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kForged);
}

TEST(TurnClientStream, bytes_that_are_no_frame_end_the_client) {
  ClientAndServer before(ClientAndServer::stream_settings());
  before.client.allocate(RelayFamilies::kV4, before.now());
  before.client.handle_input(ServerBytes{as_bytes("\x15\x03\x01 an alert of TLS")}, before.now());
  before.settle();
  ASSERT_THAT(before.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(before.all<AllocationFailed>()[0]->reason, ClientError::kBrokenStream);
  ClientAndServer after(ClientAndServer::stream_settings());
  after.allocate();
  after.client.handle_input(ServerBytes{as_bytes("\xFF")}, after.now());
  after.settle();
  ASSERT_THAT(after.all<AllocationLost>(), SizeIs(1));
  EXPECT_EQ(after.all<AllocationLost>()[0]->reason, ClientError::kBrokenStream);
}

TEST(TurnClientStream, a_frame_that_no_packet_can_hold_is_skipped) {
  ClientAndServer pair(ClientAndServer::stream_settings());
  pair.allocate();
  pair.bind("7.7.7.7:2000");
  std::string frame("\x40\x00\x08\x00", 4);
  frame += std::string(2048, 'x');
  pair.client.handle_input(ServerBytes{as_bytes(frame)}, pair.now());
  pair.from_peer("7.7.7.7:2000", "the next");
  EXPECT_EQ(pair.client.counters().too_large, 1U);
  EXPECT_THAT(pair.all<PeerData>(), SizeIs(1));
}

}  // namespace
}  // namespace beeline::turn
