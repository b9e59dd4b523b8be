// turn::Server: who is let in, what allocations are, and when they end.
#include <gtest/gtest.h>

#include "beeline/turn/test_client.h"

namespace beeline::turn {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;

//= RFC 8489 §9.2.3 test
TEST(TurnServer, a_stranger_is_challenged_and_a_member_gets_an_address) {
  TestRelay relay;
  TestClient client(relay);
  const Answer challenge = client.send(client.build(
      Method::kAllocate, [](auto& w) { stun::add_requested_transport(w, 17); }, false));
  EXPECT_EQ(challenge.code(), 401);
  EXPECT_EQ(as_text(challenge.value(AttributeType::kRealm)), "beeline");
  EXPECT_TRUE(
      stun::features_of(as_text(challenge.value(AttributeType::kNonce)))->password_algorithms);
  for (const auto algorithm : {stun::PasswordAlgorithm::kMd5, stun::PasswordAlgorithm::kSha256}) {
    TestClient member(relay,
                      algorithm == stun::PasswordAlgorithm::kMd5 ? "9.9.9.9:1" : "9.9.9.9:2");
    member.algorithm = algorithm;
    const Answer answer = member.allocate();
    ASSERT_EQ(answer.code(), 0);
    EXPECT_EQ(answer.address(AttributeType::kXorMappedAddress), member.tuple.remote);
    EXPECT_EQ(answer.address(AttributeType::kXorRelayedAddress).ip.to_string(), "8.8.8.8");
    EXPECT_EQ(answer.u32(AttributeType::kLifetime), 600U);
    const auto key = stun::long_term_key(algorithm, member.username, "beeline", member.password);
    EXPECT_TRUE(algorithm == stun::PasswordAlgorithm::kMd5
                    ? stun::check_integrity(answer.message(), key.bytes())
                    : stun::check_integrity_sha256(answer.message(), key.bytes()));
  }
}

TEST(TurnServer, nothing_is_kept_about_strangers) {
  Settings settings = TestRelay::default_settings();
  settings.limits = Limits::lab();
  TestRelay relay(settings);
  TestClient client(relay);
  for (int i = 0; i < 10'000; ++i) {
    client.tuple.remote.port.value = static_cast<std::uint16_t>(i + 1);
    for (const Method method :
         {Method::kAllocate, Method::kRefresh, Method::kCreatePermission, Method::kChannelBind})
      EXPECT_EQ(client.send(client.build(method, [](auto&) {}, false)).code(), 401);
  }
  relay.to_clients.clear();
  EXPECT_EQ(relay.packets.live(), 0U);
  EXPECT_EQ(relay.server.allocations(), 0U);
  EXPECT_FALSE(relay.server.next_timeout()) << "no timer either";
  EXPECT_TRUE(relay.sockets.empty());
}

// T12
TEST(TurnServer, wrong_and_foreign_and_expired_credentials_are_refused) {
  TestRelay relay;
  TestClient client(relay);
  client.fetch_nonce();
  client.password = "guess";
  EXPECT_EQ(client.allocate().code(), 401);
  client.use("mei", 2'000'000);
  client.username = "no-expiry";
  client.password = password_for(TestRelay::kSecret, client.username);
  EXPECT_EQ(client.allocate().code(), 401);
  client.use("mei", 2'000'000);
  client.password = password_for("another server's secret", client.username);
  EXPECT_EQ(client.allocate().code(), 401);
  client.use("mei", 999'999);
  EXPECT_EQ(client.allocate().code(), 401) << "expired a second ago";
  client.use("mei", 1'000'000);
  EXPECT_EQ(client.allocate().code(), 0) << "the last second still counts";
}

//= RFC 8489 §9.2.4 test
TEST(TurnServer, a_nonce_is_worth_nothing_elsewhere_or_later) {
  TestRelay relay;
  TestClient mei(relay, "9.9.9.9:1000");
  ASSERT_EQ(mei.allocate().code(), 0);
  TestClient thief(relay, "6.6.6.6:1000");
  thief.nonce = mei.nonce;
  const Answer answer = thief.allocate();
  EXPECT_EQ(answer.code(), 438);
  EXPECT_NE(as_text(answer.value(AttributeType::kNonce)), mei.nonce);
  const auto captured =
      mei.build(Method::kRefresh, [](auto& w) { w.add_u32(AttributeType::kLifetime, 0); });
  EXPECT_EQ(thief.send(captured).code(), 438) << "replayed from another address";
  EXPECT_EQ(relay.server.allocations(), 1U);
  relay.now = relay.now + seconds(600);
  EXPECT_EQ(mei.permit(at("7.7.7.7:1")).code(), 0);
  relay.now = relay.now + seconds(1);
  EXPECT_EQ(mei.permit(at("7.7.7.7:1")).code(), 438);
}

// T15
TEST(TurnServer, a_bid_down_of_the_algorithms_is_refused) {
  TestRelay relay;
  TestClient client(relay);
  client.fetch_nonce();
  const Answer answer = client.allocate(
      [](auto& w) { stun::add_password_algorithms(w, {stun::PasswordAlgorithm::kMd5}); });
  EXPECT_EQ(answer.code(), 400) << "a list that is not ours";
}

//= RFC 8489 §6.3.1 test
TEST(TurnServer, unknown_attributes_are_named) {
  TestRelay relay;
  TestClient client(relay);
  const Answer answer =
      client.allocate([](auto& w) { w.add(static_cast<AttributeType>(0x7F00), {}); });
  EXPECT_EQ(answer.code(), 420);
  EXPECT_EQ(stun::read_unknown_attributes(answer.value(AttributeType::kUnknownAttributes))->front(),
            static_cast<AttributeType>(0x7F00));
  EXPECT_EQ(client.allocate([](auto& w) { w.add(static_cast<AttributeType>(0xFF00), {}); }).code(),
            0)
      << "optional";
}

//= RFC 8656 §7.2 test
TEST(TurnServer, allocate_checks_what_is_asked_for) {
  TestRelay relay;
  auto code = [&, port = 1](const TestClient::Fill& fill, bool transport = true) mutable {
    TestClient client(relay, ("9.9.9.9:" + std::to_string(port++)).c_str());
    return client
        .request(Method::kAllocate,
                 [&](auto& w) {
                   if (transport) stun::add_requested_transport(w, 17);
                   fill(w);
                 })
        .code();
  };
  const auto family = [](AttributeType type, IpFamily f) {
    return [=](auto& w) { stun::add_address_family(w, type, f); };
  };
  EXPECT_EQ(code([](auto&) {}, false), 400);
  EXPECT_EQ(code([](auto& w) { stun::add_requested_transport(w, 6); }, false), 442);
  EXPECT_EQ(code([](auto& w) { w.add_u32(AttributeType::kRequestedAddressFamily, 0x09000000); }),
            440);
  EXPECT_EQ(code(family(AttributeType::kRequestedAddressFamily, IpFamily::kV6)), 0);
  EXPECT_EQ(code(family(AttributeType::kAdditionalAddressFamily, IpFamily::kV4)), 400);
  EXPECT_EQ(code([&](auto& w) {
              stun::add_address_family(w, AttributeType::kRequestedAddressFamily, IpFamily::kV4);
              stun::add_address_family(w, AttributeType::kAdditionalAddressFamily, IpFamily::kV6);
            }),
            400);
  EXPECT_EQ(code([](auto& w) {
              w.add_u64(AttributeType::kReservationToken, 1);
              stun::add_even_port(w, false);
            }),
            400);
  EXPECT_EQ(code([](auto& w) { w.add_u64(AttributeType::kReservationToken, 1); }), 508)
      << "nobody's token";
  EXPECT_EQ(code([](auto& w) { w.add(AttributeType::kDontFragment, {}); }), 0);
}

TEST(TurnServer, the_same_allocate_again_gets_the_same_answer_and_another_is_refused) {
  TestRelay relay;
  TestClient client(relay);
  client.fetch_nonce();
  const auto request =
      client.build(Method::kAllocate, [](auto& w) { stun::add_requested_transport(w, 17); });
  const Answer first = client.send(request);
  const Answer second = client.send(request);
  EXPECT_EQ(second.address(AttributeType::kXorRelayedAddress),
            first.address(AttributeType::kXorRelayedAddress));
  EXPECT_EQ(relay.sockets.size(), 1U);
  EXPECT_EQ(client.allocate().code(), 437);
}

TEST(TurnServer, both_families_in_one_allocation_and_an_honest_word_where_one_is_missing) {
  TestRelay relay;
  TestClient client(relay);
  const auto both = [](auto& w) {
    stun::add_address_family(w, AttributeType::kAdditionalAddressFamily, IpFamily::kV6);
  };
  EXPECT_EQ(client.allocate(both).code(), 0);
  EXPECT_EQ(relay.sockets.size(), 2U);
  Settings only_v4 = TestRelay::default_settings();
  only_v4.families.pop_back();
  TestRelay poorer(only_v4);
  TestClient other(poorer);
  const Answer answer = other.allocate(both);
  EXPECT_EQ(answer.code(), 0);
  EXPECT_EQ(
      stun::read_address_error_code(answer.value(AttributeType::kAddressErrorCode))->error.code,
      440);
}

TEST(TurnServer, an_even_port_reserves_its_neighbour_for_the_same_user_for_thirty_seconds) {
  TestRelay relay;
  TestClient first(relay, "9.9.9.9:1");
  const Answer answer = first.allocate([](auto& w) { stun::add_even_port(w, true); });
  ASSERT_EQ(answer.code(), 0);
  const Port port = answer.address(AttributeType::kXorRelayedAddress).port;
  EXPECT_EQ(port.value % 2, 0);
  const std::uint64_t token = *stun::read_u64(answer.value(AttributeType::kReservationToken));
  const auto with_token = [token](auto& w) { w.add_u64(AttributeType::kReservationToken, token); };
  TestClient stranger(relay, "9.9.9.9:2", "jon");
  EXPECT_EQ(stranger.allocate(with_token).code(), 508);
  TestClient second(relay, "9.9.9.9:3");
  EXPECT_EQ(second.allocate(with_token).address(AttributeType::kXorRelayedAddress).port.value,
            port.value + 1);
  TestClient third(relay, "9.9.9.9:4");
  EXPECT_EQ(third.allocate(with_token).code(), 508) << "a token works once";
  TestClient late(relay, "9.9.9.9:5");
  ASSERT_EQ(late.allocate([](auto& w) { stun::add_even_port(w, true); }).code(), 0);
  const std::size_t open = relay.sockets.size();
  relay.advance(seconds(30) - microseconds(1));
  EXPECT_EQ(relay.sockets.size(), open);
  relay.advance(microseconds(1));
  EXPECT_EQ(relay.sockets.size(), open - 1) << "the reserved port is given back";
}

//= RFC 8656 §8.2 test
TEST(TurnServer, lifetimes_are_clamped_and_end_at_their_deadline) {
  TestRelay relay;
  TestClient client(relay);
  EXPECT_EQ(client.allocate([](auto& w) { w.add_u32(AttributeType::kLifetime, 99'999); })
                .u32(AttributeType::kLifetime),
            3600U);
  EXPECT_EQ(client.refresh(1).u32(AttributeType::kLifetime), 600U);
  relay.advance(seconds(600) - microseconds(1));
  EXPECT_EQ(relay.server.allocations(), 1U);
  relay.advance(microseconds(1));
  EXPECT_EQ(relay.server.allocations(), 0U);
  EXPECT_TRUE(relay.sockets.empty());
  EXPECT_EQ(relay.ended.at(0).reason, EndReason::kExpired);
  client.nonce.clear();
  EXPECT_EQ(client.refresh(600).code(), 437);
  EXPECT_EQ(client.allocate().code(), 0);
  EXPECT_EQ(client.refresh(0).u32(AttributeType::kLifetime), 0U);
  EXPECT_EQ(relay.server.allocations(), 0U);
}

TEST(TurnServer,
     a_live_allocation_refreshes_with_an_expired_credential_until_twelve_hours_are_over) {
  TestRelay relay;
  TestClient client(relay);
  ASSERT_EQ(client.allocate().code(), 0);
  relay.server.set_wall_time({seconds(9'000'000)});
  for (int i = 0; i < 12; ++i) {
    client.nonce.clear();
    ASSERT_EQ(client.refresh(3600).code(), 0) << i;
    relay.advance(hours(1) - seconds(1));
  }
  EXPECT_EQ(relay.server.allocations(), 1U);
  client.nonce.clear();
  EXPECT_LE(client.refresh(3600).u32(AttributeType::kLifetime), 12U);
  relay.advance(seconds(12));
  EXPECT_EQ(relay.server.allocations(), 0U);
}

TEST(TurnServer, whose_allocation_it_is_counts_and_not_which_credential_of_theirs) {
  TestRelay relay;
  TestClient client(relay);
  ASSERT_EQ(client.allocate().code(), 0);
  client.use("jon", 2'000'000);
  EXPECT_EQ(client.permit(at("7.7.7.7:1")).code(), 441);
  client.use("mei", 2'222'222);
  EXPECT_EQ(client.refresh(600).code(), 0) << "renewed credentials take the allocation over";
  TestClient elsewhere(relay, "5.5.5.5:5");
  EXPECT_EQ(elsewhere.allocate().code(), 0) << "the same credential from a second address";
}

TEST(TurnServer, revoking_a_user_ends_everything_of_theirs_and_nothing_else) {
  TestRelay relay;
  TestClient one(relay, "9.9.9.9:1");
  TestClient two(relay, "9.9.9.9:2");
  TestClient other(relay, "9.9.9.9:3", "jon");
  for (TestClient* client : {&one, &two, &other}) ASSERT_EQ(client->allocate().code(), 0);
  relay.server.revoke("mei", relay.now);
  drain(relay.server, relay, relay.now);
  EXPECT_EQ(relay.server.allocations(), 1U);
  EXPECT_EQ(relay.ended.size(), 2U);
  EXPECT_EQ(relay.ended[0].reason, EndReason::kRevoked);
  EXPECT_EQ(other.refresh(600).code(), 0);
}

TEST(TurnServer, a_revoked_user_makes_no_allocation_with_what_is_left_of_its_credentials) {
  TestRelay relay;
  TestClient client(relay);
  client.use("mei", 1'003'600);
  ASSERT_EQ(client.allocate().code(), 0);
  relay.server.revoke("mei", relay.now);
  drain(relay.server, relay, relay.now);
  EXPECT_EQ(client.allocate().code(), 401);
  TestClient elsewhere(relay, "5.5.5.5:5");
  elsewhere.use("mei", 1'003'600);
  EXPECT_EQ(elsewhere.allocate().code(), 401);
  elsewhere.use("mei", 1'003'601);
  EXPECT_EQ(elsewhere.allocate().code(), 0) << "a credential made later";
  EXPECT_EQ(TestClient(relay, "9.9.9.9:3", "jon").allocate().code(), 0) << "others may";
  EXPECT_EQ(relay.server.counters().refusals[static_cast<std::size_t>(Refusal::kRevokedCredential)],
            2U);
}

//= RFC 8656 §3.1 test
TEST(TurnServer, what_a_connection_made_ends_with_the_connection) {
  TestRelay relay;
  TestClient client(relay);
  TestClient other(relay, "9.9.9.9:2");
  ASSERT_EQ(client.allocate().code(), 0);
  ASSERT_EQ(other.allocate().code(), 0);
  EXPECT_TRUE(relay.server.has_allocation(client.tuple));
  relay.feed(ClientStreamClosed{client.tuple});
  EXPECT_FALSE(relay.server.has_allocation(client.tuple));
  EXPECT_TRUE(relay.server.has_allocation(other.tuple));
  ASSERT_EQ(relay.ended.size(), 1U);
  EXPECT_EQ(relay.ended[0].reason, EndReason::kDisconnected);
  EXPECT_EQ(relay.ended[0].client, client.tuple);
  EXPECT_EQ(relay.sockets.size(), 1U);
  relay.feed(ClientStreamClosed{client.tuple});
  EXPECT_EQ(relay.ended.size(), 1U) << "once";
}

TEST(TurnServer, a_connection_lost_while_its_sockets_are_opened_leaves_nothing) {
  TestRelay relay;
  TestClient client(relay);
  client.fetch_nonce();
  relay.binds_answered = false;
  client.allocate([](auto& w) { stun::add_even_port(w, true); });
  ASSERT_EQ(relay.unanswered.size(), 2U);
  relay.feed(RelayBound{relay.unanswered[0].relay});
  relay.feed(ClientStreamClosed{client.tuple});
  EXPECT_EQ(relay.released, 2U);
  relay.feed(RelayBound{relay.unanswered[1].relay});
  EXPECT_EQ(relay.server.allocations(), 0U) << "a late answer changes nothing";
}

TEST(TurnServer, another_programs_ports_are_avoided_and_then_given_up_on) {
  TestRelay relay;
  TestClient client(relay);
  relay.bind_failures = 7;
  EXPECT_EQ(client.allocate().code(), 0);
  TestClient unlucky(relay, "9.9.9.9:2");
  relay.bind_failures = 100;
  EXPECT_EQ(unlucky.allocate().code(), 508);
  relay.bind_failures = 0;
  EXPECT_EQ(unlucky.allocate().code(), 0);
}

TEST(TurnServer, no_cut_or_flipped_request_changes_anything) {
  TestRelay relay;
  TestClient client(relay);
  ASSERT_EQ(client.allocate().code(), 0);
  const auto peer = at("7.7.7.7:1");
  for (const Method method :
       {Method::kAllocate, Method::kRefresh, Method::kCreatePermission, Method::kChannelBind}) {
    const auto valid = client.build(method, [&](auto& w) {
      stun::add_requested_transport(w, 17);
      stun::add_channel_number(w, stun::ChannelNumber{0x4000});
      stun::add_xor_address(w, AttributeType::kXorPeerAddress, peer);
      w.add_u32(AttributeType::kLifetime, 0);
    });
    for (std::size_t size = 0; size < valid.size(); ++size) client.send(Bytes(valid).first(size));
    for (std::size_t bit = 0; bit < valid.size() * 8; ++bit) {
      auto flipped = valid;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
      const Answer answer = client.send(flipped);
      // One flip makes a Binding request of it, which anybody may send.
      EXPECT_TRUE(answer.code() != 0 || answer.message().method() == Method::kBinding) << bit;
    }
  }
  EXPECT_EQ(relay.server.allocations(), 1U);
  client.send_indication(peer, "no permission came of it");
  EXPECT_TRUE(relay.to_peers.empty());
}

}  // namespace
}  // namespace beeline::turn
