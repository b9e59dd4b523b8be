// turn::Server: what strangers and members can take, and what is said about refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/turn/test_client.h"

namespace beeline::turn {
namespace {

using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;
using testing::Contains;
using testing::ElementsAre;

TEST(TurnServer, quotas_hold_from_both_sides) {
  Settings settings = TestRelay::default_settings();
  settings.limits.allocations_per_user = 2;
  settings.limits.allocations = 3;
  TestRelay relay(settings);
  const auto code = [&](int port, const char* user) {
    TestClient client(relay, ("9.9.9.9:" + std::to_string(port)).c_str(), user);
    return client.allocate().code();
  };
  EXPECT_EQ(code(1, "mei"), 0);
  EXPECT_EQ(code(2, "mei"), 0);
  EXPECT_EQ(code(3, "mei"), 486);
  EXPECT_EQ(code(4, "jon"), 0);
  EXPECT_EQ(code(5, "ana"), 486) << "the server's own limit";
}

TEST(TurnServer, eight_people_all_relayed_fit_the_defaults) {
  TestRelay relay;
  const Limits limits;
  ASSERT_GE(limits.allocations_per_user, 112U);
  for (int person = 0; person < 8; ++person) {
    for (int i = 0; i < 112; ++i) {
      TestClient client(relay,
                        ("9.9.9." + std::to_string(person) + ":" + std::to_string(i + 1)).c_str(),
                        "p" + std::to_string(person));
      ASSERT_EQ(client.allocate().code(), 0);
      for (int candidate = 0; candidate < 16; ++candidate)
        ASSERT_EQ(client.permit(at(("7.7.7." + std::to_string(candidate) + ":1").c_str())).code(),
                  0);
      ASSERT_EQ(client.bind(0x4000, at("7.7.7.1:1")).code(), 0);
    }
  }
  EXPECT_EQ(relay.server.allocations(), 8U * 112U);
}

TEST(TurnServer, a_source_has_a_quota_of_its_own_and_a_slash_64_is_one_source) {
  Settings settings = TestRelay::default_settings();
  settings.limits.allocations_per_source = 2;
  TestRelay relay(settings);
  const auto code = [&](const char* address, const char* user) {
    TestClient client(relay, address, user);
    return client.allocate().code();
  };
  EXPECT_EQ(code("9.9.9.9:1", "mei"), 0);
  EXPECT_EQ(code("9.9.9.9:2", "jon"), 0);
  EXPECT_EQ(code("9.9.9.9:3", "ana"), 486);
  EXPECT_EQ(code("9.9.9.8:1", "ana"), 0);
  EXPECT_EQ(code("[2606:4700::1]:1", "mei"), 0);
  EXPECT_EQ(code("[2606:4700::2]:1", "jon"), 0);
  EXPECT_EQ(code("[2606:4700::3]:1", "ana"), 486);
  EXPECT_EQ(relay.refused(Refusal::kSourceQuota), 2U);
  TestClient first(relay, "9.9.9.9:1", "mei");
  EXPECT_EQ(first.refresh(0).code(), 0);
  EXPECT_EQ(code("9.9.9.9:3", "ana"), 0) << "what ended counts no more";
}

// T10: what a forged request makes the server send to a bystander.
TEST(TurnServer, answers_to_strangers_are_as_small_as_they_can_be) {
  TestRelay relay;
  for (const char* address : {"9.9.9.9:1", "[2606:4700::1]:1"}) {
    TestClient client(relay, address);
    const auto binding = client.build(Method::kBinding, [](auto&) {}, false);
    EXPECT_EQ(client.send(binding).bytes.size(), client.tuple.remote.ip.is_v4() ? 32U : 44U);
    for (const Method method : {Method::kAllocate, Method::kRefresh, Method::kChannelBind}) {
      const auto request =
          client.build(method, [](auto& w) { stun::add_requested_transport(w, 17); }, false);
      const Answer answer = client.send(request);
      EXPECT_LE(answer.bytes.size(), 4 * request.size());
      EXPECT_LE(answer.bytes.size(), 88U);
      EXPECT_FALSE(answer.message().has(AttributeType::kSoftware));
    }
  }
}

// T10, T11: the defaults bite, and only the network that is over its budget.
TEST(TurnServer, strangers_over_their_networks_budget_get_no_answer_and_others_do) {
  TestRelay relay;
  TestClient flood(relay, "9.9.9.9:1");
  const auto request = flood.build(Method::kAllocate, [](auto&) {}, false);
  const auto binding = flood.build(Method::kBinding, [](auto&) {}, false);
  int answers = 0;
  for (int i = 0; i < 10'000; ++i) answers += flood.send(request).arrived() ? 1 : 0;
  EXPECT_EQ(answers, 4'000);
  EXPECT_FALSE(flood.send(binding).arrived()) << "one budget for all that needs no credential";
  EXPECT_EQ(relay.server.counters().drops[static_cast<std::size_t>(Drop::kStranger)], 6'001U);
  TestClient elsewhere(relay, "9.9.8.9:1");
  EXPECT_EQ(elsewhere.allocate().code(), 0);
  relay.now = relay.now + seconds(1);
  EXPECT_TRUE(flood.send(binding).arrived());
}

TEST(TurnServer, members_are_served_however_their_network_is_flooded) {
  TestRelay relay;
  TestClient member(relay, "9.9.9.9:1");
  ASSERT_EQ(member.allocate().code(), 0);
  TestClient flood(relay, "9.9.9.8:1");
  const auto request = flood.build(Method::kAllocate, [](auto&) {}, false);
  for (int i = 0; i < 10'000; ++i) flood.send(request);
  EXPECT_EQ(member.permit(at("7.7.7.7:1")).code(), 0);
  EXPECT_EQ(member.refresh(600).code(), 0);
  TestClient over_tcp(relay, "9.9.9.9:2");
  over_tcp.tuple.listener = {7};
  EXPECT_EQ(over_tcp.allocate().code(), 0) << "forged datagrams do not silence another transport";
}

TEST(TurnServer, every_refusal_has_its_reason_and_a_challenge_is_no_failure) {
  TestRelay relay;
  relay.log.least = LogLevel::kDebug;
  TestClient client(relay);
  client.fetch_nonce();
  client.password = "guess";
  EXPECT_EQ(client.allocate().code(), 401);
  client.use("mei", 999'999);
  EXPECT_EQ(client.allocate().code(), 401);
  client.use("mei", 2'000'000);
  EXPECT_EQ(client.refresh(600).code(), 437);
  ASSERT_EQ(client.allocate().code(), 0);
  EXPECT_EQ(client.permit(at("10.0.0.1:1")).code(), 403);
  EXPECT_THAT(relay.log.lines,
              ElementsAre("debug turn_challenge no_credential", "info turn_refused wrong_password",
                          "info turn_refused expired_credential", "info turn_refused no_allocation",
                          "info allocation_created", "info turn_refused forbidden_peer"));
  for (const Refusal reason : {Refusal::kNoCredential, Refusal::kWrongPassword,
                               Refusal::kExpiredCredential, Refusal::kForbiddenPeer})
    EXPECT_EQ(relay.refused(reason), 1U) << facts_of(reason).name;
}

TEST(TurnServer, refusals_cannot_fill_the_disk) {
  TestRelay relay;
  TestClient client(relay);
  client.fetch_nonce();
  client.password = "guess";
  const auto request = client.build(Method::kAllocate, [](auto&) {});
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(client.send(request).code(), 401);
  EXPECT_EQ(relay.log.lines.size(), 50U);
  relay.now = relay.now + seconds(1);
  client.send(request);
  EXPECT_EQ(relay.log.lines.size(), 51U);
  EXPECT_EQ(relay.log.unlogged, 950U) << "and what was not said is counted";
}

TEST(RefusalFacts, every_refusal_has_a_name_of_its_own_and_an_error_code) {
  std::vector<std::string_view> names;
  for (const RefusalFacts& facts : kRefusalFacts) {
    EXPECT_FALSE(facts.name.empty());
    EXPECT_THAT(names, testing::Not(Contains(facts.name)));
    EXPECT_TRUE(facts.code >= 400 && facts.code < 600) << facts.name;
    names.push_back(facts.name);
  }
}

}  // namespace
}  // namespace beeline::turn
