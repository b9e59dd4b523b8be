// turn::Client and those who are not its server: forged answers, tampered challenges, data of
// strangers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/test_pair.h"

namespace beeline::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Class;
using stun::Method;
using testing::SizeIs;

void add_allocation(stun::MessageWriter& writer) {
  stun::add_xor_address(writer, AttributeType::kXorRelayedAddress, at("6.6.6.6:6666"));
  stun::add_xor_address(writer, AttributeType::kXorMappedAddress, at("6.6.6.6:6667"));
  writer.add_u32(AttributeType::kLifetime, 600);
}

bool is_named(Bytes bytes) {
  const auto message = stun::Message::parse(bytes);
  return message && message->has(AttributeType::kUsername);
}

//= RFC 8489 §9.2.5 test
TEST(TurnClientTrust, forged_answers_are_dropped_and_the_true_one_counts) {
  const auto wrong = stun::long_term_key(stun::PasswordAlgorithm::kSha256, "x", "x", "x");
  ClientAndServer pair;
  pair.loses_to_server = [&](Bytes bytes) {
    if (is_named(bytes)) {
      pair.answer(bytes, Class::kSuccess, nullptr, add_allocation);
      pair.answer(bytes, Class::kSuccess, &wrong, add_allocation);
      for (const int code : {300, 400, 403, 437, 486})
        pair.answer(bytes, Class::kError, nullptr, [&](stun::MessageWriter& writer) {
          stun::add_error_code(writer, static_cast<std::uint16_t>(code), {});
        });
    }
    return false;
  };
  pair.allocate();
  EXPECT_EQ(pair.client.counters().forged, 7U);
  EXPECT_THAT(pair.all<AllocationFailed>(), SizeIs(0));
  ASSERT_THAT(pair.all<Allocated>(), SizeIs(1));
  EXPECT_EQ(pair.all<Allocated>()[0]->relayed[0].ip, *IpAddress::parse("8.8.8.8"));
  pair.permit("7.7.7.7");
  EXPECT_THAT(pair.all<PermissionReady>(), SizeIs(1));
  EXPECT_EQ(pair.client.counters().forged, 14U);
}

TEST(TurnClientTrust, where_only_forged_answers_came_the_reason_says_so) {
  ClientAndServer pair;
  pair.loses_to_server = [&](Bytes bytes) {
    if (!is_named(bytes)) return false;
    pair.answer(bytes, Class::kSuccess, nullptr, add_allocation);
    return true;
  };
  pair.allocate();
  pair.advance(milliseconds(39'500));
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kForged);
}

TEST(TurnClientTrust, a_forged_437_does_not_end_an_allocation) {
  ClientAndServer pair;
  pair.allocate();
  pair.loses_to_server = [&](Bytes bytes) {
    if (is_named(bytes))
      pair.answer(bytes, Class::kError, nullptr,
                  [](stun::MessageWriter& writer) { stun::add_error_code(writer, 437, {}); });
    return false;
  };
  pair.advance(seconds(1000));
  EXPECT_GT(pair.client.counters().forged, 0U);
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
}

TEST(TurnClientTrust, challenges_without_end_do_not_make_requests_without_end) {
  for (const std::uint16_t code : {std::uint16_t{401}, std::uint16_t{438}}) {
    ClientAndServer pair;
    pair.loses_to_server = [&](Bytes bytes) {
      pair.answer(bytes, Class::kError, nullptr, [&](stun::MessageWriter& writer) {
        stun::add_error_code(writer, code, {});
        writer.add(AttributeType::kRealm, as_bytes(std::to_string(pair.sent.size())));
        writer.add(AttributeType::kNonce, as_bytes(std::to_string(pair.sent.size())));
      });
      return true;
    };
    pair.allocate();
    pair.advance(seconds(100));
    EXPECT_THAT(pair.sent, SizeIs(5)) << code;
    ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
    EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kUnauthorized);
  }
}

TEST(TurnClientTrust, a_forged_401_to_a_refresh_does_not_end_the_allocation) {
  ClientAndServer pair;
  pair.allocate();
  pair.permit("7.7.7.7");
  int forged = 0;
  pair.loses_to_server = [&](Bytes bytes) {
    if (++forged > 4) return false;
    pair.refuse_name(bytes);
    return true;
  };
  pair.advance(seconds(1000));
  EXPECT_THAT(pair.all<AllocationLost>(), SizeIs(0));
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  EXPECT_EQ(pair.relay.server.allocations(), 1U);
}

// Found by seed 26512 of random data calls: a bit of the request was flipped on its way, and the
// relay was refused for good.
TEST(TurnClientTrust, one_401_to_a_permission_does_not_refuse_it) {
  ClientAndServer pair;
  pair.allocate();
  bool once = true;
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = stun::Message::parse(bytes);
    if (!message || message->method() != stun::Method::kCreatePermission) return false;
    if (!std::exchange(once, false)) return false;
    pair.refuse_name(bytes);
    return true;
  };
  pair.permit("7.7.7.7");
  pair.advance(seconds(5));
  EXPECT_FALSE(once);
  EXPECT_THAT(pair.all<PermissionFailed>(), SizeIs(0));
  EXPECT_THAT(pair.all<PermissionReady>(), SizeIs(1));
}

// Answers the first request with a challenge that `tamper` has changed; the true one follows.
template <typename Tamper>
void tampered(ClientAndServer& pair, Tamper tamper) {
  pair.loses_to_client = [&pair, tamper](Bytes bytes) {
    const auto message = *stun::Message::parse(bytes);
    if (message.message_class() != Class::kError) return false;
    const stun::Message& challenge = message;
    pair.answer(bytes, Class::kError, nullptr, [&](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 401, {});
      tamper(writer, challenge);
    });
    return false;
  };
}

//= RFC 8489 §9.2.5 test
TEST(TurnClientTrust, a_challenge_whose_algorithms_were_taken_away_is_dropped) {
  ClientAndServer pair;
  tampered(pair, [](stun::MessageWriter& writer, const stun::Message& challenge) {
    for (const auto type : {AttributeType::kRealm, AttributeType::kNonce})
      writer.add(type, challenge.find(type)->value);
  });
  pair.allocate();
  EXPECT_EQ(pair.client.counters().forged, 1U);
  EXPECT_TRUE(pair.client.has_allocation()) << "the true one came as well";
}

TEST(TurnClientTrust, challenges_that_make_no_sense_are_dropped) {
  using Fill = std::function<void(stun::MessageWriter&, const stun::Message&)>;
  const auto copy = [](stun::MessageWriter& writer, const stun::Message& challenge,
                       AttributeType type) { writer.add(type, challenge.find(type)->value); };
  const std::vector<Fill> tampers{
      [](stun::MessageWriter&, const stun::Message&) {},
      [&](stun::MessageWriter& writer, const stun::Message& challenge) {
        copy(writer, challenge, AttributeType::kRealm);
      },
      [&](stun::MessageWriter& writer, const stun::Message& challenge) {
        copy(writer, challenge, AttributeType::kNonce);
      },
      [&](stun::MessageWriter& writer, const stun::Message& challenge) {
        copy(writer, challenge, AttributeType::kRealm);
        copy(writer, challenge, AttributeType::kNonce);
        writer.add(AttributeType::kPasswordAlgorithms, as_bytes("\1\2\3"));
      },
      [&](stun::MessageWriter& writer, const stun::Message&) {
        writer.add(AttributeType::kRealm, as_bytes(std::string(600, 'r')));
        writer.add(AttributeType::kNonce, as_bytes(std::string(425, 'n')));
      }};
  for (const Fill& tamper : tampers) {
    ClientAndServer pair;
    tampered(pair, tamper);
    pair.allocate();
    EXPECT_EQ(pair.client.counters().forged, 1U);
    EXPECT_TRUE(pair.client.has_allocation());
  }
}

TEST(TurnClientTrust, the_longest_challenge_that_is_taken_fits_every_request) {
  ClientSettings settings = ClientAndServer::good_settings();
  settings.username = std::string(508, 'u');
  ClientAndServer pair(settings);
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = *stun::Message::parse(bytes);
    if (!message.has(AttributeType::kUsername)) {
      pair.answer(bytes, Class::kError, nullptr, [](stun::MessageWriter& writer) {
        stun::add_error_code(writer, 401, {});
        writer.add(AttributeType::kRealm, as_bytes(std::string(511, 'r')));
        writer.add(AttributeType::kNonce, as_bytes(std::string(513, 'n')));
      });
    } else if (message.method() == Method::kAllocate) {
      const auto key = stun::long_term_key(stun::PasswordAlgorithm::kMd5, settings.username,
                                           std::string(511, 'r'), settings.password);
      pair.answer(bytes, Class::kSuccess, &key, [](stun::MessageWriter& writer) {
        stun::add_xor_address(writer, AttributeType::kXorRelayedAddress, at("[2001:db8::1]:1"));
        add_allocation(writer);
      });
    }
    return true;
  };
  for (std::uint8_t i = 0; i < 8; ++i)
    pair.client.permit(IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, i}),
                       pair.now());
  pair.allocate();
  EXPECT_THAT(pair.requests(Method::kCreatePermission), SizeIs(1));
}

TEST(TurnClientTrust, a_weaker_algorithm_than_offered_is_noticed_by_the_server) {
  ClientAndServer pair;
  int answered = 0;
  pair.loses_to_client = [&](Bytes bytes) {
    if (answered++ > 0) return false;
    const auto message = *stun::Message::parse(bytes);
    pair.answer(bytes, Class::kError, nullptr, [&](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 401, {});
      for (const auto type : {AttributeType::kRealm, AttributeType::kNonce})
        writer.add(type, message.find(type)->value);
      stun::add_password_algorithms(writer, {stun::PasswordAlgorithm::kMd5});
    });
    return true;
  };
  pair.allocate();
  pair.advance(seconds(40));
  EXPECT_GE(pair.relay.refused(Refusal::kAlgorithmMismatch), 1U);
  EXPECT_EQ(pair.relay.server.allocations(), 0U);
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kForged);
}

TEST(TurnClientTrust, nobody_talks_a_client_out_of_the_stronger_algorithm_later) {
  ClientAndServer pair;
  pair.allocate();
  int forged = 0;
  pair.loses_to_server = [&](Bytes bytes) {
    ++forged;
    pair.answer(bytes, Class::kError, nullptr, [](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 438, {});
      writer.add(AttributeType::kRealm, as_bytes("beeline"));
      writer.add(AttributeType::kNonce, as_bytes("a nonce without promises"));
    });
    return false;
  };
  pair.advance(seconds(480));
  EXPECT_GT(forged, 0);
  EXPECT_EQ(pair.client.counters().forged, static_cast<std::uint64_t>(forged));
  for (const stun::Message& refresh : pair.requests(Method::kRefresh))
    EXPECT_TRUE(refresh.has(AttributeType::kMessageIntegritySha256));
}

//= RFC 8489 §9.2.5 test
TEST(TurnClientTrust, a_server_of_rfc_5389_gets_what_it_knows) {
  ClientAndServer pair;
  const auto key =
      stun::long_term_key(stun::PasswordAlgorithm::kMd5, ClientAndServer::good_settings().username,
                          "old", ClientAndServer::good_settings().password);
  pair.loses_to_server = [&](Bytes bytes) {
    const auto message = *stun::Message::parse(bytes);
    if (!message.has(AttributeType::kUsername)) {
      pair.answer(bytes, Class::kError, nullptr, [](stun::MessageWriter& writer) {
        stun::add_error_code(writer, 401, {});
        writer.add(AttributeType::kRealm, as_bytes("old"));
        writer.add(AttributeType::kNonce, as_bytes("0123456789abcdef"));
      });
    } else {
      EXPECT_TRUE(stun::check_integrity(message, key.bytes()));
      EXPECT_FALSE(message.has(AttributeType::kPasswordAlgorithms));
      pair.answer(bytes, Class::kSuccess, &key, add_allocation);
    }
    return true;
  };
  pair.allocate();
  EXPECT_TRUE(pair.client.has_allocation());
}

//= RFC 8489 §10 test
TEST(TurnClientTrust, another_server_may_be_named_before_anybody_is_asked_for_a_name) {
  ClientAndServer pair;
  pair.loses_to_server = [&](Bytes bytes) {
    pair.answer(bytes, Class::kError, nullptr, [](stun::MessageWriter& writer) {
      stun::add_error_code(writer, 300, {});
      stun::add_address(writer, AttributeType::kAlternateServer, at("8.8.4.4:3478"));
    });
    return true;
  };
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kAlternateServer);
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->alternate, at("8.8.4.4:3478"));
}

TEST(TurnClientTrust, an_allocation_that_says_too_little_is_none) {
  for (int missing = 0; missing < 4; ++missing) {
    ClientAndServer pair;
    pair.loses_to_server = [&](Bytes bytes) {
      pair.answer(bytes, Class::kSuccess, nullptr, [&](stun::MessageWriter& writer) {
        if (missing != 0)
          stun::add_xor_address(writer, AttributeType::kXorRelayedAddress, at("6.6.6.6:1"));
        if (missing != 1)
          stun::add_xor_address(writer, AttributeType::kXorMappedAddress, at("6.6.6.6:2"));
        if (missing != 2) writer.add_u32(AttributeType::kLifetime, missing == 3 ? 0 : 600);
      });
      return true;
    };
    pair.allocate();
    ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1)) << missing;
    EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kMalformed);
  }
}

//= RFC 8489 §6.3.3 test
TEST(TurnClientTrust, an_answer_with_what_nobody_understands_is_a_failure) {
  ClientAndServer pair;
  pair.loses_to_server = [&](Bytes bytes) {
    pair.answer(bytes, Class::kSuccess, nullptr, [&](stun::MessageWriter& writer) {
      add_allocation(writer);
      writer.add(static_cast<AttributeType>(0x7FFF), {});
    });
    return true;
  };
  pair.allocate();
  ASSERT_THAT(pair.all<AllocationFailed>(), SizeIs(1));
  EXPECT_EQ(pair.all<AllocationFailed>()[0]->reason, ClientError::kMalformed);
}

TEST(TurnClientTrust, what_nobody_asked_for_is_counted_and_changes_nothing) {
  ClientAndServer pair;
  pair.allocate();
  pair.bind("7.7.7.7:2000");
  const auto feed = [&](Bytes bytes) {
    pair.client.handle_input(FromServer{pair.relay.packets.make(bytes)}, pair.now());
    pair.settle();
  };
  const std::size_t events = pair.events.size();
  feed({});
  feed(as_bytes("\x80 neither STUN nor ChannelData"));
  feed(as_bytes("\x40\x01"));
  feed(as_bytes(std::string_view("\x40\x00\x00\x09short", 9)));
  EXPECT_EQ(pair.client.counters().malformed, 4U);
  feed(as_bytes(std::string_view("\x4F\xFF\x00\x01x", 5)));
  EXPECT_EQ(pair.client.counters().unknown_channel, 1U);
  const auto old_answer = pair.received.back();
  feed(old_answer);
  feed(pair.sent[0]);
  EXPECT_EQ(pair.client.counters().foreign, 2U) << "an answer again, and a request";
  EXPECT_THAT(pair.events, SizeIs(events));
}

//= RFC 8656 §11.4 test
TEST(TurnClientTrust, data_of_a_peer_without_permission_is_dropped) {
  ClientAndServer pair;
  pair.allocate();
  pair.permit("7.7.7.7");
  const auto data_of = [&](const char* peer) {
    Packet packet = pair.relay.packets.make(as_bytes("data"));
    push_indication(packet, Method::kData, at(peer), {});
    pair.client.handle_input(FromServer{std::move(packet)}, pair.now());
    pair.settle();
  };
  data_of("7.7.7.8:2000");
  EXPECT_EQ(pair.client.counters().unpermitted_data, 1U);
  data_of("7.7.7.7:2001");
  EXPECT_THAT(pair.all<PeerData>(), SizeIs(1)) << "a permission is for all ports";
}

TEST(TurnClientTrust, bit_flips_and_cuts_of_every_packet_harm_nobody) {
  ClientAndServer pair;
  pair.allocate(RelayFamilies::kBoth);
  pair.bind("7.7.7.7:2000");
  pair.from_peer("7.7.7.7:2000", "in a channel");
  const auto packets = pair.received;
  ClientAndServer victim;
  victim.client.allocate(RelayFamilies::kBoth, victim.now());
  for (const auto& packet : packets) {
    for (std::size_t size = 0; size <= packet.size(); ++size)
      victim.client.handle_input(FromServer{victim.relay.packets.make(Bytes(packet).first(size))},
                                 victim.now());
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
      auto flipped = packet;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
      victim.client.handle_input(FromServer{victim.relay.packets.make(flipped)}, victim.now());
    }
  }
  victim.settle();
  EXPECT_TRUE(victim.client.has_allocation());
}

}  // namespace
}  // namespace beeline::turn
