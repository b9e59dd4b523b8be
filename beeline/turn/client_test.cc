// turn::Client against turn::Server: allocating, permissions, channels, data, closing.
#include "beeline/turn/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/channel_data.h"
#include "beeline/turn/test_pair.h"

namespace beeline::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;
using testing::ElementsAre;
using testing::SizeIs;

std::string text_of(const ToPeer& packet) {
  return std::string(as_text(packet.packet.bytes()));
}

//= RFC 8489 §9.2.5 test
TEST(TurnClient, allocates_with_the_strongest_algorithm_the_server_has) {
  ClientAndServer pair;
  pair.allocate();
  ASSERT_THAT(pair.all<Allocated>(), SizeIs(1));
  const Allocated& allocated = *pair.all<Allocated>()[0];
  ASSERT_THAT(allocated.relayed, SizeIs(1));
  EXPECT_EQ(allocated.relayed[0].ip, *IpAddress::parse("8.8.8.8"));
  EXPECT_EQ(allocated.mapped, pair.tuple.remote);
  ASSERT_THAT(pair.sent, SizeIs(2)) << "a question, and the question with a name";
  const auto second = *stun::Message::parse(pair.sent[1]);
  EXPECT_TRUE(second.has(AttributeType::kMessageIntegritySha256));
  EXPECT_FALSE(second.has(AttributeType::kMessageIntegrity));
  EXPECT_TRUE(pair.client.has_allocation());
}

//= RFC 8656 §7.1 test
TEST(TurnClient, gets_the_families_that_it_asks_for) {
  ClientAndServer both;
  both.allocate(RelayFamilies::kBoth);
  ASSERT_THAT(both.all<Allocated>(), SizeIs(1));
  ASSERT_THAT(both.all<Allocated>()[0]->relayed, SizeIs(2));
  EXPECT_TRUE(both.all<Allocated>()[0]->relayed[0].ip.is_v4());
  EXPECT_TRUE(both.all<Allocated>()[0]->relayed[1].ip.is_v6());
  ClientAndServer v6;
  v6.allocate(RelayFamilies::kV6);
  ASSERT_THAT(v6.all<Allocated>(), SizeIs(1));
  ASSERT_THAT(v6.all<Allocated>()[0]->relayed, SizeIs(1));
  EXPECT_TRUE(v6.all<Allocated>()[0]->relayed[0].ip.is_v6());
}

TEST(TurnClient, takes_one_family_where_the_server_has_no_other) {
  Settings settings = TestRelay::default_settings();
  settings.families.pop_back();
  ClientAndServer both(ClientAndServer::good_settings(), settings);
  both.client.permit(*IpAddress::parse("2606:4700::9"), both.now());
  both.allocate(RelayFamilies::kBoth);
  ASSERT_THAT(both.all<Allocated>(), SizeIs(1));
  EXPECT_THAT(both.all<Allocated>()[0]->relayed, SizeIs(1));
  ASSERT_THAT(both.all<PermissionFailed>(), SizeIs(1));
  EXPECT_EQ(both.all<PermissionFailed>()[0]->reason, ClientError::kUnsupportedFamily);
  both.permit("2606:4700::a");
  EXPECT_THAT(both.all<PermissionFailed>(), SizeIs(2));
  EXPECT_THAT(both.requests(Method::kCreatePermission), SizeIs(0)) << "nobody needs to ask";
  ClientAndServer v6(ClientAndServer::good_settings(), settings);
  v6.allocate(RelayFamilies::kV6);
  ASSERT_THAT(v6.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(v6.all<AllocationFailed>()[0]->reason, ClientError::kUnsupportedFamily);
  EXPECT_EQ(v6.all<AllocationFailed>()[0]->code, 440);
}

TEST(TurnClient, a_wrong_password_is_tried_once) {
  ClientSettings settings = ClientAndServer::good_settings();
  settings.password += "x";
  ClientAndServer pair(settings);
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kUnauthorized);
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->code, 401);
  EXPECT_THAT(pair.sent, SizeIs(2));
  EXPECT_FALSE(pair.client.next_timeout());
  pair.advance(seconds(100));
  EXPECT_THAT(pair.sent, SizeIs(2)) << "silent for good";
}

TEST(TurnClient, a_username_that_cannot_be_said_is_refused_here) {
  for (const std::size_t size : {508U, 509U}) {
    ClientSettings settings = ClientAndServer::good_settings();
    settings.username = std::string(size, 'a');
    ClientAndServer pair(settings);
    pair.allocate();
    ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
    EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kUnauthorized);
    EXPECT_THAT(pair.sent, SizeIs(size == 508 ? 2 : 0));
  }
}

//= RFC 8656 §7.4 test
TEST(TurnClient, a_full_server_is_left_alone_for_a_minute) {
  Settings settings = TestRelay::default_settings();
  settings.limits.allocations_per_user = 0;
  ClientAndServer pair(ClientAndServer::good_settings(), settings);
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kQuota);
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->retry_after, seconds(60));
}

TEST(TurnClient, a_port_that_already_has_an_allocation_needs_another_port) {
  ClientAndServer pair;
  TestClient other(pair.relay);
  ASSERT_EQ(other.allocate().code(), 0);
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kMismatch);
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->code, 437);
}

TEST(TurnClient, silence_ends_after_the_rfcs_time) {
  ClientAndServer pair;
  pair.loses_to_server = [](Bytes) { return true; };
  pair.allocate();
  const Instant start = pair.now();
  pair.advance(milliseconds(39'500) - Duration(1));
  EXPECT_THAT(pair.events, SizeIs(0));
  EXPECT_THAT(pair.sent, SizeIs(7));
  pair.step_to(start + milliseconds(39'500));
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kNoAnswer);
}

// One run with everything in it; `lost` counts packets of both directions.
struct Outcome {
  std::size_t packets = 0;
  bool complete = false;
};
Outcome run_losing(std::size_t lost) {
  ClientAndServer pair;
  std::size_t count = 0;
  const auto loses = [&](Bytes) { return count++ == lost; };
  pair.loses_to_server = loses;
  pair.loses_to_client = loses;
  pair.allocate(RelayFamilies::kBoth);
  pair.client.permit(*IpAddress::parse("7.7.7.7"), pair.now());
  pair.client.bind_channel(at("7.7.7.7:2000"), pair.now());
  pair.settle();
  pair.advance(seconds(1000));  // refreshes of everything
  const bool permitted = pair.all<PermissionReady>().size() == 1;
  bool heard = false;
  for (int i = 0; i < 2; ++i) {
    pair.send("7.7.7.7:2000", "up");
    pair.from_peer("7.7.7.7:2000", "down");
  }
  for (const PeerData* received : pair.all<PeerData>())
    heard = heard || as_text(received->packet.bytes()) == "down";
  pair.client.close(pair.now());
  pair.settle();
  pair.advance(seconds(100));
  return {count, pair.all<Allocated>().size() == 1 && permitted && heard &&
                     !pair.relay.to_peers.empty() && pair.all<AllocationLost>().empty() &&
                     pair.all<Released>().size() == 1 && pair.relay.server.allocations() == 0};
}

TEST(TurnClient, survives_the_loss_of_any_one_packet) {
  const Outcome lossless = run_losing(~std::size_t{0});
  ASSERT_TRUE(lossless.complete);
  ASSERT_GT(lossless.packets, 20U);
  for (std::size_t lost = 0; lost < lossless.packets; ++lost)
    EXPECT_TRUE(run_losing(lost).complete) << "packet " << lost;
}

TEST(TurnClient, permissions_wished_for_together_are_asked_for_together) {
  ClientAndServer pair;
  for (int i = 1; i <= 9; ++i)
    pair.client.permit(IpAddress::v4(0x07070700U + static_cast<std::uint32_t>(i)), pair.now());
  pair.allocate();
  EXPECT_THAT(pair.requests(Method::kCreatePermission), SizeIs(2)) << "eight, and the ninth";
  EXPECT_THAT(pair.all<PermissionReady>(), SizeIs(9));
  pair.permit("7.7.7.1");
  EXPECT_THAT(pair.all<PermissionReady>(), SizeIs(10)) << "said again";
  EXPECT_THAT(pair.requests(Method::kCreatePermission), SizeIs(2)) << "but not asked for";
}

//= RFC 8656 §10.2 test
TEST(TurnClient, one_forbidden_peer_does_not_cost_the_others_their_permission) {
  ClientAndServer pair;
  for (const char* ip : {"7.7.7.1", "10.0.0.1", "7.7.7.3"})
    pair.client.permit(*IpAddress::parse(ip), pair.now());
  pair.allocate();
  EXPECT_THAT(pair.all<PermissionReady>(), SizeIs(2));
  ASSERT_THAT(pair.all<PermissionFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<PermissionFailed>()[0]->peer, *IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(pair.all<PermissionFailed>()[0]->reason, ClientError::kForbidden);
  EXPECT_EQ(pair.all<PermissionFailed>()[0]->code, 403);
  EXPECT_THAT(pair.requests(Method::kCreatePermission), SizeIs(4));
  pair.advance(seconds(1000));
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(1)) << "not asked for again";
  EXPECT_LT(pair.requests(Method::kCreatePermission).size(), 14U);
}

TEST(TurnClient, permissions_have_a_limit_here) {
  ClientSettings settings = ClientAndServer::good_settings();
  settings.max_permissions = 2;
  ClientAndServer pair(settings);
  pair.allocate();
  pair.permit("7.7.7.1");
  pair.permit("7.7.7.2");
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  pair.permit("7.7.7.3");
  ASSERT_THAT(pair.all<PermissionFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<PermissionFailed>()[0]->reason, ClientError::kLimit);
}

TEST(TurnClient, channels_have_a_limit_here_and_the_rest_goes_in_indications) {
  ClientSettings settings = ClientAndServer::good_settings();
  settings.max_channels = 2;
  ClientAndServer pair(settings);
  pair.allocate();
  for (const char* peer : {"7.7.7.1:1", "7.7.7.1:2", "7.7.7.1:3"}) pair.bind(peer);
  EXPECT_THAT(pair.requests(Method::kChannelBind), SizeIs(2));
  pair.send("7.7.7.1:2", "in a channel");
  EXPECT_EQ(pair.sent.back()[0], 0x40);
  pair.send("7.7.7.1:3", "in an indication");
  EXPECT_EQ(pair.sent.back()[0], 0x00);
  EXPECT_THAT(pair.relay.to_peers, SizeIs(2));
}

TEST(TurnClient, data_goes_both_ways_in_indications_and_in_channels) {
  ClientAndServer pair;
  pair.allocate();
  pair.permit("7.7.7.7");
  for (const bool bound : {false, true}) {
    if (bound) pair.bind("7.7.7.7:2000");
    for (const char* text : {"", "1", "12", "123", "1234"}) {
      pair.send("7.7.7.7:2000", text);
      ASSERT_FALSE(pair.relay.to_peers.empty());
      EXPECT_EQ(text_of(pair.relay.to_peers.back()), text);
      EXPECT_EQ(pair.relay.to_peers.back().peer.address(), at("7.7.7.7:2000"));
      EXPECT_EQ((pair.sent.back()[0] & 0xC0) == 0x40, bound);
      pair.from_peer("7.7.7.7:2000", text);
      ASSERT_FALSE(pair.all<PeerData>().empty());
      EXPECT_EQ(as_text(pair.all<PeerData>().back()->packet.bytes()), text);
      EXPECT_EQ(pair.all<PeerData>().back()->peer, at("7.7.7.7:2000"));
      EXPECT_EQ((pair.received.back()[0] & 0xC0) == 0x40, bound);
    }
  }
}

TEST(TurnClient, payload_is_delivered_and_sent_in_the_packet_that_held_it) {
  ClientAndServer pair;
  pair.allocate();
  pair.permit("7.7.7.7");
  Packet packet = pair.relay.packets.make(as_bytes("where it was"));
  const std::uint8_t* before = packet.bytes().data();
  pair.client.send(at("7.7.7.7:2000"), std::move(packet), pair.now());
  auto sent = pair.client.poll_transmit();
  ASSERT_TRUE(sent);
  const auto message = *stun::Message::parse(sent->packet.bytes());
  EXPECT_EQ(message.find(AttributeType::kData)->value.data(), before);
}

TEST(TurnClient, sends_behind_the_request_for_the_permission_without_waiting_for_its_answer) {
  ClientAndServer pair;
  pair.allocate();
  pair.client.permit(*IpAddress::parse("7.7.7.7"), pair.now());
  pair.client.send(at("7.7.7.7:2000"), pair.relay.packets.make(as_bytes("early")), pair.now());
  pair.settle();
  ASSERT_THAT(pair.relay.to_peers, SizeIs(1)) << "the request went first";
  EXPECT_EQ(pair.client.counters().unsent, 0U);
}

TEST(TurnClient, sends_nothing_without_permission_or_allocation) {
  ClientAndServer pair;
  pair.send("7.7.7.7:2000", "no allocation");
  pair.client.permit(*IpAddress::parse("7.7.7.7"), pair.now());
  pair.send("7.7.7.7:2000", "no allocation yet");
  pair.allocate();
  const std::size_t sent = pair.sent.size();
  pair.send("7.7.7.8:2000", "no permission");
  pair.permit("10.0.0.1");
  pair.send("10.0.0.1:2000", "refused");
  pair.client.close(pair.now());
  pair.send("7.7.7.7:2000", "closed");
  EXPECT_EQ(pair.client.counters().unsent, 5U);
  EXPECT_EQ(pair.sent.size(), sent + 2) << "one CreatePermission, one Refresh";
}

TEST(TurnClient, closing_gives_everything_back_at_once) {
  ClientAndServer pair;
  pair.allocate();
  pair.bind("7.7.7.7:2000");
  pair.client.close(pair.now());
  pair.settle();
  EXPECT_EQ(pair.relay.server.allocations(), 0U);
  EXPECT_THAT(pair.all<Released>(), SizeIs(1));
  EXPECT_FALSE(pair.client.next_timeout()) << "no timer when idle";
  pair.client.close(pair.now());
  pair.settle();
  EXPECT_THAT(pair.all<Released>(), SizeIs(1));
}

TEST(TurnClient, closing_while_allocating_gives_back_what_arrives) {
  ClientAndServer pair;
  pair.relay.binds_answered = false;
  pair.allocate();
  pair.client.close(pair.now());
  pair.settle();
  EXPECT_THAT(pair.all<Released>(), SizeIs(0));
  ASSERT_THAT(pair.relay.unanswered, SizeIs(1));
  pair.relay.feed(RelayBound{pair.relay.unanswered[0].relay});
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
  pair.settle();
  EXPECT_EQ(pair.relay.server.allocations(), 0U);
  EXPECT_THAT(pair.all<Released>(), SizeIs(1));
  EXPECT_THAT(pair.all<Allocated>(), SizeIs(0)) << "nothing else is said after close()";
}

TEST(TurnClient, closing_before_the_challenge_is_answered_makes_no_allocation) {
  ClientAndServer pair;
  pair.client.allocate(RelayFamilies::kV4, pair.now());
  pair.client.close(pair.now());
  pair.settle();
  EXPECT_THAT(pair.sent, SizeIs(1));
  EXPECT_THAT(pair.all<Released>(), SizeIs(1));
}

TEST(TurnClient, closing_an_idle_or_failed_client_says_so_and_sends_nothing) {
  ClientAndServer idle;
  idle.client.close(idle.now());
  idle.settle();
  EXPECT_THAT(idle.all<Released>(), SizeIs(1));
  EXPECT_THAT(idle.sent, SizeIs(0));
}

TEST(TurnClient, a_server_that_died_does_not_hold_up_closing_for_good) {
  ClientAndServer pair;
  pair.allocate();
  pair.loses_to_server = [](Bytes) { return true; };
  pair.client.close(pair.now());
  pair.settle();
  pair.advance(seconds(40));
  EXPECT_THAT(pair.all<Released>(), SizeIs(1));
  EXPECT_FALSE(pair.client.next_timeout());
}

}  // namespace
}  // namespace beeline::turn
