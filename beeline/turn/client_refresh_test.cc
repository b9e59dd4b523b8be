// turn::Client over time: refreshes at their deadlines, expiry, new credentials, a server that was
// started anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/test_pair.h"

namespace beeline::turn {
namespace {

using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;
using testing::SizeIs;

constexpr Duration kTick{1};

std::string username_of(const stun::Message& request) {
  return std::string(as_text(request.find(AttributeType::kUsername)->value));
}

bool is_named(const std::expected<stun::Message, stun::ParseError>& message) {
  return message && message->has(AttributeType::kUsername);
}

class TurnClientOverTime : public testing::Test {
 protected:
  TurnClientOverTime() {
    pair.allocate();
    start = pair.now();
  }
  // Nothing of `method` leaves before `due`, one request does then.
  void expect_at(Method method, Instant due) {
    const std::size_t before = pair.requests(method).size();
    pair.advance(due - kTick - pair.now());
    EXPECT_THAT(pair.requests(method), SizeIs(before)) << "not a microsecond early";
    pair.step_to(due);
    EXPECT_GT(pair.requests(method).size(), before) << "at its deadline";
  }

  ClientAndServer pair;
  Instant start;
};

//= RFC 8656 §8.1 test
TEST_F(TurnClientOverTime, the_allocation_is_refreshed_two_minutes_before_its_end) {
  expect_at(Method::kRefresh, start + seconds(480));
  expect_at(Method::kRefresh, start + seconds(960));
  pair.advance(seconds(3600));
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
}

//= RFC 8656 §9 test
TEST_F(TurnClientOverTime, permissions_are_refreshed_together_after_240_seconds) {
  pair.permit("7.7.7.1");
  pair.advance(seconds(30));
  pair.permit("7.7.7.2");
  expect_at(Method::kCreatePermission, start + seconds(240));
  int peers = 0;
  pair.requests(Method::kCreatePermission).back().for_each([&](const stun::Attribute& attribute) {
    peers += attribute.type == AttributeType::kXorPeerAddress ? 1 : 0;
  });
  EXPECT_EQ(peers, 2) << "the one that is due and the one that soon will be";
  pair.advance(seconds(10'000));
  for (const char* peer : {"7.7.7.1:5", "7.7.7.2:5"}) pair.send(peer, "still");
  EXPECT_THAT(pair.relay.to_peers, SizeIs(2));
}

//= RFC 8656 §12 test
TEST_F(TurnClientOverTime, channels_are_refreshed_after_480_seconds) {
  pair.bind("7.7.7.1:2000");
  expect_at(Method::kChannelBind, start + seconds(480));
  pair.advance(seconds(10'000));
  pair.send("7.7.7.1:2000", "still");
  EXPECT_EQ(pair.sent.back()[0], 0x40);
  EXPECT_THAT(pair.relay.to_peers, SizeIs(1));
}

TEST_F(TurnClientOverTime, an_allocation_that_cannot_be_refreshed_is_lost_when_it_is_over) {
  pair.loses_to_server = [](Bytes) { return true; };
  pair.advance(seconds(600) - kTick);
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  EXPECT_TRUE(pair.client.has_allocation());
  pair.step_to(start + seconds(600));
  ASSERT_THAT(pair.all<AllocationLost>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationLost>()[0]->reason, ClientError::kNoAnswer);
  EXPECT_FALSE(pair.client.next_timeout());
  const std::size_t sent = pair.sent.size();
  EXPECT_LT(sent, 30U) << "no storm";
  pair.advance(seconds(600));
  EXPECT_THAT(pair.sent, SizeIs(sent));
}

TEST_F(TurnClientOverTime, a_refresh_that_failed_is_tried_again_and_the_allocation_goes_on) {
  pair.loses_to_server = [](Bytes) { return true; };
  pair.advance(seconds(525));
  pair.loses_to_server = nullptr;
  pair.advance(seconds(2000));
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
}

TEST_F(TurnClientOverTime, a_permission_that_cannot_be_refreshed_fails_when_it_is_over) {
  pair.permit("7.7.7.1");
  pair.bind("7.7.7.1:2000");
  pair.loses_to_server = [](Bytes bytes) {
    const auto message = stun::Message::parse(bytes);
    return message && message->method() == Method::kCreatePermission;
  };
  pair.advance(seconds(300) - kTick);
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  pair.step_to(start + seconds(300));
  ASSERT_THAT(pair.all<PermissionFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<PermissionFailed>()[0]->reason, ClientError::kExpired);
  pair.send("7.7.7.1:2000", "nobody would hear it");
  EXPECT_EQ(pair.client.counters().unsent, 1U);
  pair.loses_to_server = nullptr;
  pair.permit("7.7.7.1");
  pair.bind("7.7.7.1:2000");
  pair.send("7.7.7.1:2000", "again");
  EXPECT_EQ(pair.sent.back()[0], 0x40) << "the same number as before";
  EXPECT_EQ(pair.sent.back()[1], 0x00);
  EXPECT_THAT(pair.relay.to_peers, SizeIs(1));
}

TEST_F(TurnClientOverTime, a_permission_refresh_that_was_lost_once_is_not_noticed) {
  pair.permit("7.7.7.1");
  pair.loses_to_server = [](Bytes) { return true; };
  pair.advance(seconds(285));
  pair.loses_to_server = nullptr;
  pair.advance(seconds(1000));
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  pair.send("7.7.7.1:2000", "still");
  EXPECT_THAT(pair.relay.to_peers, SizeIs(1));
}

TEST_F(TurnClientOverTime, a_channel_that_cannot_be_refreshed_makes_way_for_indications) {
  pair.bind("7.7.7.1:2000");
  pair.loses_to_server = [](Bytes bytes) {
    const auto message = stun::Message::parse(bytes);
    return message && message->method() == Method::kChannelBind;
  };
  pair.advance(seconds(600) - kTick);
  pair.send("7.7.7.1:2000", "in time");
  EXPECT_EQ(pair.sent.back()[0], 0x40);
  pair.relay.now = start + seconds(600);
  pair.send("7.7.7.1:2000", "too late, also where the host is late");
  EXPECT_EQ(pair.sent.back()[0], 0x00);
  pair.step_to(start + seconds(600));
  pair.send("7.7.7.1:2000", "too late");
  EXPECT_EQ(pair.sent.back()[0], 0x00);
  EXPECT_THAT(pair.relay.to_peers, SizeIs(3));
}

TEST_F(TurnClientOverTime, a_nonce_that_grew_old_costs_one_round_trip) {
  pair.permit("7.7.7.1");
  pair.advance(seconds(10'000));
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  EXPECT_GT(pair.relay.refused(Refusal::kStaleNonce), 5U);
  EXPECT_EQ(pair.client.counters().forged, 0U);
}

//= RFC 8656 §8.3 test
TEST_F(TurnClientOverTime, a_server_that_was_started_anew_is_noticed_at_the_next_request) {
  pair.permit("7.7.7.1");
  pair.restart_server();
  pair.advance(seconds(240));
  ASSERT_THAT(pair.all<AllocationLost>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationLost>()[0]->reason, ClientError::kMismatch);
  EXPECT_EQ(pair.all<AllocationLost>()[0]->code, 437);
  EXPECT_FALSE(pair.client.next_timeout());
}

TEST_F(TurnClientOverTime, a_member_who_was_removed_loses_the_allocation_at_the_next_refresh) {
  pair.relay.server.revoke("mei", pair.now());
  pair.advance(seconds(480));
  ASSERT_THAT(pair.all<AllocationLost>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationLost>()[0]->reason, ClientError::kMismatch);
}

TEST(TurnClientAge, an_allocation_that_is_too_old_for_its_server_ends_with_its_last_lifetime) {
  Settings settings = TestRelay::default_settings();
  settings.max_allocation_age = seconds(2000);
  ClientAndServer pair(ClientAndServer::good_settings(), settings);
  pair.allocate();
  const Instant start = pair.now();
  pair.advance(seconds(1900));
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  pair.advance(seconds(100));
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(1));
  EXPECT_LE(pair.now(), start + seconds(2000));
  EXPECT_LT(pair.requests(Method::kRefresh).size(), 60U) << "no storm towards the end";
}

//= RFC 8656 §5 test
TEST_F(TurnClientOverTime, new_credentials_are_not_used_while_the_old_ones_are_good) {
  const ClientSettings fresh = ClientAndServer::good_settings("mei", 2'000'600);
  pair.client.set_credentials(fresh.username, fresh.password, pair.now());
  pair.advance(seconds(2000));
  for (const stun::Message& refresh : pair.requests(Method::kRefresh))
    EXPECT_EQ(username_of(refresh), ClientAndServer::good_settings().username);
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
}

TEST_F(TurnClientOverTime, new_credentials_are_used_once_the_old_ones_are_refused) {
  const ClientSettings fresh = ClientAndServer::good_settings("mei", 2'000'600);
  pair.client.set_credentials(fresh.username, fresh.password, pair.now());
  pair.permit("7.7.7.1");
  pair.permit("7.7.7.2");
  // The server does not know the old name any more: its answer to everything under it is 401.
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = stun::Message::parse(bytes);
    if (!is_named(message) || username_of(*message) == fresh.username) return false;
    pair.refuse_name(bytes);
    return true;
  };
  pair.advance(seconds(2000));
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  EXPECT_EQ(username_of(pair.requests(Method::kRefresh).back()), fresh.username);
}

TEST_F(TurnClientOverTime, the_name_of_somebody_else_cannot_use_the_allocation) {
  const ClientSettings other = ClientAndServer::good_settings("li");
  pair.client.set_credentials(other.username, other.password, pair.now());
  // The server answers 441 to "li" once the client has been made to use that name by a 401.
  bool refused = false;
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = stun::Message::parse(bytes);
    if (refused || !is_named(message)) return false;
    refused = true;
    pair.refuse_name(bytes);
    return true;
  };
  pair.advance(seconds(600));
  ASSERT_THAT(pair.all<AllocationLost>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationLost>()[0]->reason, ClientError::kWrongCredentials);
  EXPECT_EQ(pair.all<AllocationLost>()[0]->code, 441);
}

TEST(TurnClientCredentials, those_that_are_set_before_the_allocation_are_used_for_it) {
  ClientSettings wrong = ClientAndServer::good_settings();
  wrong.password = "wrong";
  const ClientSettings right = ClientAndServer::good_settings();
  ClientAndServer before(wrong);
  before.client.set_credentials(right.username, right.password, before.now());
  before.allocate();
  EXPECT_TRUE(before.client.has_allocation());
  EXPECT_THAT(before.sent, SizeIs(2));
  ClientAndServer during(wrong);
  during.client.allocate(RelayFamilies::kV4, during.now());
  during.client.set_credentials(right.username, right.password, during.now());
  during.settle();
  EXPECT_TRUE(during.client.has_allocation()) << "after the first ones were refused";
  EXPECT_THAT(during.sent, SizeIs(3));
}

}  // namespace
}  // namespace beeline::turn
