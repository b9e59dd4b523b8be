#include "beeline/ice/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beeline/ice/test_agents.h"
#include "beeline/stun/integrity.h"

namespace beeline::ice {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;

Candidate candidate_at(const char* address, std::uint32_t priority = 5) {
  Candidate candidate;
  candidate.address = at(address);
  candidate.priority = priority;
  candidate.foundation = address;
  return candidate;
}

TEST(Agent, two_hosts_connect_and_talk_both_ways) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.a.send("ping");
  world.b.send("pong");
  world.run_for(milliseconds(100));
  EXPECT_THAT(world.b.received, ElementsAre("ping"));
  EXPECT_THAT(world.a.received, ElementsAre("pong"));
  EXPECT_FALSE(world.a.agent.path()->relayed);
}

TEST(Agent, a_path_is_there_one_round_trip_after_the_parameters) {
  TestAgents world;
  const Instant began = world.now;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  EXPECT_LE(world.now - began, milliseconds(50));
}

TEST(Agent, both_controlling_agree_on_one_of_them) {
  TestAgents world({}, {}, Role::kControlling, Role::kControlling);
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.run_for(seconds(2));
  EXPECT_NE(world.a.agent.role(), world.b.agent.role());
  EXPECT_TRUE(world.connected());
}

TEST(Agent, both_controlled_agree_on_one_of_them) {
  TestAgents world({}, {}, Role::kControlled, Role::kControlled);
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.run_for(seconds(2));
  EXPECT_NE(world.a.agent.role(), world.b.agent.role());
}

TEST(Agent, a_lite_side_connects_without_asking_anything) {
  Settings lite;
  lite.lite = true;
  TestAgents world({}, lite);
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  EXPECT_EQ(world.a.agent.role(), Role::kControlling);
  EXPECT_EQ(world.b.agent.explain().checks_sent, 0U);
}

// Its path stands before the other side's parameters are here, and those of a former path were
// taken without looking.
TEST(Agent, a_lite_side_may_restart_before_it_knows_the_other) {
  Settings lite;
  lite.lite = true;
  TestAgents world({}, lite);
  world.signaling = false;
  for (TestAgent* side : {&world.a, &world.b}) {
    side->agent.gather(world.now);
    side->settle();
  }
  world.a.agent.set_remote(world.b.agent.local_parameters(), world.now);
  world.a.agent.add_remote(world.b.candidates.front(), world.now);
  world.a.settle();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.b.agent.restart(world.now);
  world.b.settle();
  world.run_for(seconds(20));
  EXPECT_EQ(world.b.agent.explain().checks_sent, 0U);
  world.b.send("on what is left");
  world.run_for(milliseconds(30));
  EXPECT_THAT(world.a.received, ElementsAre("on what is left"));
}

TEST(Agent, checks_that_come_before_the_parameters_are_answered_and_remembered) {
  TestAgents world;
  world.signaling = false;
  world.a.agent.gather(world.now);
  world.b.agent.gather(world.now);
  world.a.settle();
  world.a.agent.set_remote(world.b.agent.local_parameters(), world.now);
  world.a.agent.add_remote(world.b.candidates.front(), world.now);
  world.a.settle();
  world.run_for(milliseconds(60));
  EXPECT_EQ(world.a.agent.state(), State::kConnected);
  EXPECT_EQ(world.b.agent.state(), State::kChecking);
  world.b.agent.set_remote(world.a.agent.local_parameters(), world.now);
  world.b.settle();
  world.run_for(milliseconds(60));
  EXPECT_EQ(world.b.agent.state(), State::kConnected);
  EXPECT_EQ(world.b.agent.path()->remote.type, CandidateType::kPeerReflexive);
}

TEST(Agent, silence_gets_seven_checks_a_pair_and_then_fails_after_the_patience_of_rfc8863) {
  //= RFC 8863 §4 test
  TestAgents world;
  world.lost = [](const auto&) { return true; };
  const Instant began = world.now;
  world.start();
  world.run_for(seconds(39));
  EXPECT_EQ(world.a.agent.state(), State::kChecking);
  EXPECT_EQ(world.a.agent.explain().pairs.at(0).checks_sent, 7U);
  EXPECT_EQ(world.a.agent.explain().pairs.at(0).reason, PairReason::kNoAnswer);
  ASSERT_TRUE(world.run_until([&] { return world.a.agent.state() == State::kFailed; }));
  EXPECT_EQ(world.now - began, milliseconds(39'500));
  world.run_for(seconds(600));
  EXPECT_EQ(world.a.agent.explain().pairs.at(0).checks_sent, 7U);
}

TEST(Agent, consent_that_nobody_renews_ends_after_thirty_seconds) {
  //= RFC 7675 §5.1 test
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.run_for(seconds(1));
  world.lost = [](const auto&) { return true; };
  const std::size_t before = world.sent.size();
  world.run_for(seconds(31));
  EXPECT_EQ(world.a.agent.state(), State::kFailed);
  Packet packet = world.packets.make(as_bytes("anybody?"));
  EXPECT_FALSE(world.a.agent.send(std::move(packet), world.now).has_value());
  EXPECT_LT(world.sent.size() - before, 80U);
}

TEST(Agent, what_comes_back_after_failure_is_used_again) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  const auto nothing = world.lost;
  world.lost = [](const auto&) { return true; };
  world.run_for(seconds(60));
  EXPECT_EQ(world.a.agent.state(), State::kFailed);
  world.lost = nothing;
  world.a.set_interfaces({ip("198.51.100.9")});
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }, seconds(15)));
}

TEST(Agent, forged_requests_get_401_and_change_nothing) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  const Explanation before = world.b.agent.explain();
  Packet packet = world.packets.make();
  write_check(packet, {.transaction = {1},
                       .username = world.b.agent.local_parameters().ufrag + ":xxxx",
                       .password = "not the password of anybody",
                       .role = Role::kControlling,
                       .tie_breaker = 1,
                       .priority = 1,
                       .nomination = 1});
  const SocketId socket = world.b.sockets.begin()->first;
  world.sent.clear();
  world.b.feed(Datagram{socket, at("203.0.113.66:6666"), std::move(packet)});
  ASSERT_EQ(world.sent.size(), 1U);
  const auto answer = stun::Message::parse(world.sent[0].bytes);
  EXPECT_EQ(stun::read_error_code(answer->find(stun::AttributeType::kErrorCode)->value)->code, 401);
  const Explanation after = world.b.agent.explain();
  EXPECT_EQ(after.pairs.size(), before.pairs.size());
  EXPECT_EQ(after.remote.size(), before.remote.size());
  EXPECT_EQ(after.forged, before.forged + 1);
}

TEST(Agent, data_of_strangers_is_dropped) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  const SocketId socket = world.b.sockets.begin()->first;
  world.b.feed(
      Datagram{socket, at("203.0.113.66:6666"), world.packets.make(as_bytes("\x80hello"))});
  EXPECT_TRUE(world.b.received.empty());
  EXPECT_EQ(world.b.agent.explain().data_from_strangers, 1U);
}

TEST(Agent, a_restart_keeps_the_old_path_until_the_new_one_works) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  const Parameters former = world.a.agent.local_parameters();
  world.a.agent.restart(world.now);
  world.b.agent.restart(world.now);
  EXPECT_NE(world.a.agent.local_parameters(), former);
  world.a.settle();
  world.a.send("during");
  world.run_for(milliseconds(30));
  EXPECT_THAT(world.b.received, ElementsAre("during"));
  for (TestAgent* side : {&world.a, &world.b})
    side->agent.set_remote(side->other->agent.local_parameters(), world.now);
  world.a.settle();
  world.run_for(seconds(1));
  EXPECT_TRUE(world.connected());
  world.a.send("after");
  world.run_for(milliseconds(30));
  EXPECT_THAT(world.b.received, ElementsAre("during", "after"));
  EXPECT_THAT(world.a.states, testing::Not(Contains(State::kFailed)));
}

// Consent on the path in use was no longer asked for, so that 30 s later nothing went out any more,
// and the state still was "connected".
TEST(Agent, a_restart_that_nobody_answers_does_not_cost_the_path) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.a.agent.restart(world.now);
  world.a.settle();
  world.run_for(minutes(5));
  world.a.send("one way");
  world.b.send("and back");
  world.run_for(milliseconds(30));
  EXPECT_THAT(world.b.received, ElementsAre("one way"));
  EXPECT_THAT(world.a.received, ElementsAre("and back"));
  EXPECT_TRUE(world.connected());

  // What is really gone is noticed, and the answer is still welcome.
  world.lost = [](const TestAgents::Flight&) { return true; };
  ASSERT_TRUE(world.run_until([&] { return world.a.agent.state() == State::kChecking; }));
  EXPECT_EQ(world.a.agent.send(world.packets.make(as_bytes("to nobody")), world.now),
            std::unexpected(SendError::kNotConnected));
  world.lost = [](const TestAgents::Flight&) { return false; };
  world.b.agent.restart(world.now);
  for (TestAgent* side : {&world.a, &world.b}) {
    side->agent.set_remote(side->other->agent.local_parameters(), world.now);
    side->settle();
  }
  EXPECT_TRUE(world.run_until([&] { return world.connected(); }));
  EXPECT_THAT(world.a.states, testing::Not(Contains(State::kFailed)));
}

TEST(Agent, credentials_of_before_a_restart_are_worth_nothing_after_it) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  const Parameters former = world.b.agent.local_parameters();
  for (TestAgent* side : {&world.a, &world.b}) side->agent.restart(world.now);
  for (TestAgent* side : {&world.a, &world.b})
    side->agent.set_remote(side->other->agent.local_parameters(), world.now);
  world.a.settle();
  world.run_for(seconds(1));
  ASSERT_TRUE(world.connected());
  const SocketId socket = world.b.sockets.begin()->first;
  for (const TransportAddress& source :
       {at("203.0.113.66:6666"), world.b.agent.path()->remote.address}) {
    Packet packet = world.packets.make();
    write_check(packet, {.transaction = {1},
                         .username = former.ufrag + ":" + world.a.agent.local_parameters().ufrag,
                         .password = former.password,
                         .role = Role::kControlling,
                         .tie_breaker = 1,
                         .priority = 1,
                         .nomination = 1});
    world.sent.clear();
    const std::uint64_t before = world.b.agent.explain().forged;
    world.b.feed(Datagram{socket, source, std::move(packet)});
    ASSERT_EQ(world.sent.size(), 1U) << source.to_string();
    const auto answer = stun::Message::parse(world.sent[0].bytes);
    EXPECT_EQ(stun::read_error_code(answer->find(stun::AttributeType::kErrorCode)->value)->code,
              401);
    EXPECT_EQ(world.b.agent.explain().forged, before + 1);
  }
}

TEST(Agent, another_interface_takes_over_when_the_first_goes) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.a.set_interfaces({ip("198.51.100.7")});
  ASSERT_TRUE(world.run_until(
      [&] {
        return world.connected() && world.a.agent.path()->local.address.ip == ip("198.51.100.7");
      },
      seconds(3)));
  ASSERT_TRUE(world.run_until(
      [&] { return world.b.agent.path()->remote.address.ip == ip("198.51.100.7"); }, seconds(3)));
  world.b.send("still there");
  world.run_for(milliseconds(100));
  EXPECT_THAT(world.a.received, ElementsAre("still there"));
}

TEST(Agent, a_silent_victim_gets_no_more_than_a_hundred_packets) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  TestAgents attack;
  attack.signaling = false;
  attack.start();
  for (std::uint16_t port = 1; port <= 200; ++port)
    attack.a.agent.add_remote({.type = CandidateType::kHost,
                               .transport = CandidateTransport::kUdp,
                               .address = {ip("203.0.113.9"), Port{port}},
                               .name = {},
                               .priority = 1000U + port,
                               .foundation = std::to_string(port),
                               .component = 1,
                               .related = {}},
                              attack.now);
  attack.run_for(seconds(120));
  std::map<TransportAddress, int> per_address;
  for (const auto& flight : attack.sent) ++per_address[flight.destination];
  EXPECT_LE(attack.sent.size(), 100U);
  EXPECT_GE(attack.sent.size(), 90U);
  for (const auto& [address, count] : per_address) EXPECT_LE(count, 7);
}

TEST(Agent, addresses_that_nobody_should_be_sent_to_are_not_checked) {
  TestAgents world;
  world.signaling = false;
  world.start();
  for (const char* address : {"127.0.0.1:9", "0.0.0.0:9", "224.0.0.251:5353", "255.255.255.255:9",
                              "169.254.1.1:9", "[fe80::1]:9", "[::1]:9", "198.51.100.2:0"})
    world.a.agent.add_remote(candidate_at(address), world.now);
  world.run_for(seconds(60));
  EXPECT_TRUE(world.sent.empty());
}

// Found beside Pion on one busy machine: it checked our ::1 from its fd00::2, was answered,
// nominated that pair, and everything it sent there was taken for a stranger's.
TEST(Agent, whose_check_was_answered_is_no_stranger_also_across_loopback) {
  //= RFC 8445 §7.3.1.4 test
  Settings settings;
  settings.loopback = true;
  TestAgents world({}, settings);
  world.signaling = false;
  world.b.interfaces = {{"lo", ip("127.0.0.1")}};
  world.start();
  const TransportAddress other = at("198.51.100.7:7000");
  const auto feed = [&](Packet packet) {
    world.b.feed(Datagram{world.b.sockets.begin()->first, other, std::move(packet)});
  };
  const Parameters own = world.b.agent.local_parameters();
  const Parameters theirs = world.a.agent.local_parameters();
  Packet nominating = world.packets.make();
  write_check(nominating, {.transaction = {1},
                           .username = own.ufrag + ":" + theirs.ufrag,
                           .password = own.password,
                           .role = Role::kControlling,
                           .tie_breaker = 1,
                           .priority = 1,
                           .nomination = 1});
  feed(std::move(nominating));
  feed(world.packets.make(as_bytes("\x80hello")));
  EXPECT_THAT(world.b.received, ElementsAre("\x80hello"));
  const auto asked = stun::Message::parse(world.sent.back().bytes);
  ASSERT_EQ(asked->message_class(), stun::Class::kRequest);
  Packet answer = world.packets.make();
  write_check_success(answer, asked->transaction_id(), world.sent.back().source, theirs.password);
  feed(std::move(answer));
  ASSERT_TRUE(world.b.agent.path().has_value());
  EXPECT_EQ(world.b.agent.path()->remote.address, other);
}

TEST(Agent, a_closed_agent_is_silent_and_has_no_timer) {
  TestAgents world;
  world.start();
  ASSERT_TRUE(world.run_until([&] { return world.connected(); }));
  world.a.agent.close(world.now);
  world.a.settle();
  EXPECT_TRUE(world.a.sockets.empty());
  EXPECT_FALSE(world.a.agent.next_timeout().has_value());
  EXPECT_EQ(world.a.states.back(), State::kClosed);
}

TEST(Agent, parameters_longer_than_the_rfc_allows_are_refused_and_not_fatal) {
  //= RFC 8839 §5.4 test
  TestAgents world;
  world.a.agent.gather(world.now);
  world.a.agent.set_remote({.ufrag = std::string(257, 'u'), .password = std::string(22, 'p')},
                           world.now);
  EXPECT_FALSE(world.a.agent.remote_parameters().has_value());
  world.a.agent.set_remote({.ufrag = std::string(256, 'u'), .password = std::string(256, 'p')},
                           world.now);
  world.a.agent.add_remote(candidate_at("198.51.100.2:9000"), world.now);
  world.a.settle();
  EXPECT_TRUE(world.a.agent.remote_parameters().has_value());
  EXPECT_FALSE(world.sent.empty());
}

// Found by reading: the reason was there and never given.
TEST(Agent, an_answer_from_another_address_is_no_answer_and_is_told_as_what_it_is) {
  //= RFC 8445 §7.2.5.2.1 test
  TestAgents world;
  world.signaling = false;
  world.start();
  world.a.agent.add_remote(candidate_at("198.51.100.2:9000"), world.now);
  world.a.settle();
  ASSERT_FALSE(world.sent.empty());
  const auto answer_all = [&] {
    while (!world.sent.empty()) {
      const auto asked = world.sent.back();
      world.sent.pop_back();
      const auto request = stun::Message::parse(asked.bytes);
      Packet answer = world.packets.make();
      write_check_success(answer, request->transaction_id(), asked.source,
                          world.b.agent.local_parameters().password);
      world.a.feed(
          Datagram{world.a.sockets.begin()->first, at("198.51.100.2:9001"), std::move(answer)});
    }
  };
  for (int i = 0; i < 40; ++i) {
    answer_all();
    world.run_for(seconds(1));
  }
  const PairReport pair = world.a.agent.explain().pairs.at(0);
  EXPECT_EQ(pair.answers, 0U);
  EXPECT_EQ(pair.reason, PairReason::kOtherAnswered);
  EXPECT_FALSE(world.a.agent.path().has_value());
}

}  // namespace
}  // namespace beeline::ice
