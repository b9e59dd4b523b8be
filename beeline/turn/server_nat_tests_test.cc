// turn::Server as the other end of tests of NATs (RFC 5780): answers from elsewhere where it has
// two addresses, refusals where it has not, and nothing that a forger could use better than before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/test_client.h"

namespace beeline::turn {
namespace {

using stun::AttributeType;
using stun::ChangeRequest;
using stun::Method;
using testing::ElementsAre;

constexpr const char* kPlaces[] = {"8.8.8.8:3478", "8.8.8.8:3479", "8.8.4.4:3478", "8.8.4.4:3479"};
constexpr const char* kPlaces6[] = {"[2606:4700::8]:3478", "[2606:4700::8]:3479",
                                    "[2606:4700::9]:3478", "[2606:4700::9]:3479"};

Alternates alternates(std::span<const char* const, 4> places, std::uint32_t first_listener) {
  Alternates made;
  for (std::size_t i = 0; i < 4; ++i)
    made.places[i] = {{first_listener + static_cast<std::uint32_t>(i)}, at(places[i])};
  return made;
}

// A client that asks at any place, and takes answers from all of them.
class Tester {
 public:
  explicit Tester(const char* address = "9.9.9.9:1000", bool enabled = true)
      : client_(relay, address) {
    if (enabled) relay.server.set_alternates({alternates(kPlaces, 0), alternates(kPlaces6, 4)});
  }
  void ask_at(std::uint32_t listener, const char* place) {
    client_.tuple.listener = {listener};
    client_.tuple.local = at(place);
  }
  struct Reply {
    FiveTuple from;
    Answer answer;
  };
  std::optional<Reply> ask(const TestClient::Fill& fill = [](auto&) {}) {
    return send(client_.build(Method::kBinding, fill, false));
  }
  std::optional<Reply> ask(ChangeRequest change) {
    return ask([&](stun::MessageWriter& writer) { stun::add_change_request(writer, change); });
  }
  std::optional<Reply> send(Bytes bytes) {
    relay.to_clients.clear();
    relay.feed(ClientDatagram{client_.tuple, relay.packets.make(bytes)});
    if (relay.to_clients.empty()) return std::nullopt;
    EXPECT_EQ(relay.to_clients.size(), 1U);
    const Bytes received = relay.to_clients[0].packet.bytes();
    return Reply{relay.to_clients[0].client, {{received.begin(), received.end()}}};
  }

  TestRelay relay;

 private:
  TestClient client_;
};

TransportAddress plain(const Answer& answer, AttributeType type) {
  return *stun::read_address(answer.value(type));
}

std::vector<AttributeType> unknown_of(const Answer& answer) {
  return *stun::read_unknown_attributes(answer.value(AttributeType::kUnknownAttributes));
}

//= RFC 5780 §6.1 test
TEST(TurnServerNatTests, an_answer_leaves_from_the_place_that_was_wished_for) {
  for (const char* const* places : {kPlaces, kPlaces6}) {
    const bool v4 = places == kPlaces;
    Tester tester(v4 ? "9.9.9.9:1000" : "[2001:4860::9]:1000");
    for (std::uint32_t asked = 0; asked < 4; ++asked) {
      for (std::uint32_t changes = 0; changes < 4; ++changes) {
        const std::uint32_t listener = asked + (v4 ? 0 : 4);
        tester.ask_at(listener, places[asked]);
        const auto reply = tester.ask(ChangeRequest{(changes & 2) != 0, (changes & 1) != 0});
        ASSERT_TRUE(reply && reply->answer.code() == 0);
        const std::uint32_t origin = asked ^ changes;
        EXPECT_EQ(reply->from.local, at(places[origin]));
        EXPECT_EQ(reply->from.listener.value, origin + (v4 ? 0 : 4));
        EXPECT_EQ(plain(reply->answer, AttributeType::kResponseOrigin), at(places[origin]));
        EXPECT_EQ(plain(reply->answer, AttributeType::kOtherAddress), at(places[3]));
      }
    }
    EXPECT_EQ(tester.relay.server.counters().nat_tests, 16U);
  }
}

//= RFC 5780 §6.1 test
TEST(TurnServerNatTests, an_answer_goes_to_who_asked_and_says_how_it_is_seen_twice) {
  Tester tester;
  const auto reply = tester.ask();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->from.local, at(kPlaces[0]));
  EXPECT_EQ(reply->from.remote, at("9.9.9.9:1000"));
  EXPECT_EQ(reply->answer.address(AttributeType::kXorMappedAddress), at("9.9.9.9:1000"));
  EXPECT_EQ(plain(reply->answer, AttributeType::kMappedAddress), at("9.9.9.9:1000"));
  EXPECT_EQ(tester.relay.server.counters().nat_tests, 0U) << "nothing was changed";
}

//= RFC 5780 §6 test
TEST(TurnServerNatTests, without_a_second_address_a_change_is_an_unknown_attribute) {
  Tester off("9.9.9.9:1000", false);
  for (const ChangeRequest change : {ChangeRequest{true, true}, ChangeRequest{false, false}}) {
    const auto reply = off.ask(change);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->answer.code(), 420);
    EXPECT_THAT(unknown_of(reply->answer), ElementsAre(AttributeType::kChangeRequest));
    EXPECT_EQ(reply->from.local, at(kPlaces[0]));
  }
  const auto plain_answer = off.ask();
  ASSERT_TRUE(plain_answer);
  EXPECT_EQ(plain_answer->answer.bytes.size(), 32U);
  EXPECT_FALSE(plain_answer->answer.message().has(AttributeType::kOtherAddress));
}

TEST(TurnServerNatTests, only_the_four_places_answer_from_elsewhere) {
  Tester tester;
  const std::pair<std::uint32_t, const char*> others[] = {
      {0, "8.8.8.9:3478"}, {0, "8.8.4.4:3479"}, {9, "8.8.8.8:3478"}, {0xFFFFFFFF, "8.8.8.8:3478"}};
  for (const auto& [listener, place] : others) {
    tester.ask_at(listener, place);
    const auto reply = tester.ask(ChangeRequest{true, true});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->answer.code(), 420) << listener << " " << place;
    EXPECT_EQ(tester.ask()->answer.bytes.size(), 32U);
  }
}

//= RFC 5780 §7.5 test
//= RFC 5780 §7.6 test
TEST(TurnServerNatTests, an_answer_is_never_sent_to_another_port_and_never_padded) {
  for (const bool enabled : {false, true}) {
    Tester tester("9.9.9.9:1000", enabled);
    const std::vector<std::uint8_t> padding(1000);
    const auto aimed =
        tester.ask([](stun::MessageWriter& writer) { stun::add_response_port(writer, Port{53}); });
    const auto padded = tester.ask(
        [&](stun::MessageWriter& writer) { writer.add(AttributeType::kPadding, padding); });
    ASSERT_TRUE(aimed && padded);
    EXPECT_EQ(aimed->answer.code(), 420);
    EXPECT_THAT(unknown_of(aimed->answer), ElementsAre(AttributeType::kResponsePort));
    EXPECT_EQ(aimed->from.remote, at("9.9.9.9:1000"));
    EXPECT_EQ(padded->answer.code(), 420);
    EXPECT_THAT(unknown_of(padded->answer), ElementsAre(AttributeType::kPadding));
    EXPECT_LT(padded->answer.bytes.size(), 50U);
  }
}

TEST(TurnServerNatTests, a_change_of_the_wrong_size_is_malformed) {
  Tester tester;
  const auto reply = tester.ask([](stun::MessageWriter& writer) {
    writer.add(AttributeType::kChangeRequest, as_bytes("abcde"));
  });
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->answer.code(), 400);
}

// T10: larger than a plain answer, and no larger than this.
TEST(TurnServerNatTests, answers_are_68_bytes_or_116) {
  Tester v4;
  EXPECT_EQ(v4.ask()->answer.bytes.size(), 68U);
  EXPECT_EQ(v4.ask(ChangeRequest{true, true})->answer.bytes.size(), 68U);
  Tester v6("[2001:4860::9]:1000");
  v6.ask_at(4, kPlaces6[0]);
  EXPECT_EQ(v6.ask()->answer.bytes.size(), 116U);
}

// T10: from whichever place an answer comes, it is one answer.
TEST(TurnServerNatTests, all_places_together_have_the_budget_of_one) {
  Tester tester;
  int answers = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    tester.ask_at(i % 4, kPlaces[i % 4]);
    answers += tester.ask(ChangeRequest{i % 3 == 0, i % 5 == 0}) ? 1 : 0;
  }
  EXPECT_EQ(answers, 4'000);
  EXPECT_FALSE(tester.ask());
  tester.relay.now = tester.relay.now + std::chrono::milliseconds(1);
  EXPECT_TRUE(tester.ask(ChangeRequest{true, false}));
  EXPECT_FALSE(tester.ask());
}

TEST(TurnServerNatTests, requests_with_credentials_know_no_change_either) {
  Tester tester;
  TestClient member(tester.relay);
  const Answer answer = member.allocate([](stun::MessageWriter& writer) {
    stun::add_change_request(writer, {.change_ip = true, .change_port = true});
  });
  EXPECT_EQ(answer.code(), 420);
}

}  // namespace
}  // namespace beeline::turn
