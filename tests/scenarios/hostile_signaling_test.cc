// What an agent does that is told of too much, of victims, or of nothing it may say: packets are
// counted where they leave (RFC 8445 §19.5.1).
#include <gtest/gtest.h>

#include <map>

#include "beeline/stun/message.h"
#include "tests/scenarios/internet.h"

namespace beeline::scenarios {
namespace {

using namespace sim::literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

ice::Candidate host_at(const TransportAddress& address) {
  return {.address = address,
          .name = {},
          .priority = 0x7EFFFFFF,
          .foundation = address.to_string(),
          .related = {}};
}

// One agent that believes what it is told, alone on the internet, and what leaves it.
class Alone {
 public:
  Alone() : place_(internet_.place("home", {})) {
    ice::Settings settings;
    caller_ = &internet_.caller("ana", place_, ice::Role::kControlling, settings);
    internet_.world.trace().observe([this](const sim::PacketEvent& event) {
      if (event.step == sim::Step::kSent && event.where.index() == caller_->node().index())
        ++sent_[event.packet.destination];
    });
    caller_->tell([](ice::Agent& agent, Instant now) {
      agent.gather(now);
      agent.set_remote({.ufrag = "victim", .password = "nobody knows this password"}, now);
    });
  }

  void name(const std::vector<TransportAddress>& victims) {
    caller_->tell([&](ice::Agent& agent, Instant now) {
      for (const TransportAddress& victim : victims) agent.add_remote(host_at(victim), now);
    });
  }
  void run_for(Duration span) { internet_.world.run_for(span); }
  int most_to_one() const {
    int most = 0;
    for (const auto& [address, count] : sent_) most = std::max(most, count);
    return most;
  }
  int total() const {
    int total = 0;
    for (const auto& [address, count] : sent_) total += count;
    return total;
  }
  ice::Explanation explain() const { return caller_->agent().explain(); }

 private:
  Internet internet_{7};
  Place& place_;
  Caller* caller_ = nullptr;
  std::map<TransportAddress, int> sent_;
};

//= RFC 8445 §19.5.1 test
TEST(HostileSignaling, a_silent_victim_gets_seven_packets_at_most) {
  Alone alone;
  alone.name({"203.0.113.99:4000"_at});
  alone.run_for(seconds(120));
  EXPECT_GE(alone.total(), 1);
  EXPECT_LE(alone.most_to_one(), 7);
}

TEST(HostileSignaling, a_silent_victim_with_many_ports_gets_a_hundred_packets_at_most) {
  Alone alone;
  std::vector<TransportAddress> victims;
  for (std::uint16_t port = 4000; port < 4060; ++port)
    victims.push_back({"203.0.113.99"_ip, Port{port}});
  alone.name(victims);
  alone.run_for(seconds(120));
  EXPECT_EQ(alone.total(), 100);
  EXPECT_LE(alone.most_to_one(), 7);
}

TEST(HostileSignaling, ten_thousand_candidates_are_no_more_than_256_and_a_hundred_pairs) {
  Alone alone;
  std::vector<TransportAddress> victims;
  for (std::uint32_t i = 0; i < 10'000; ++i)
    victims.push_back({IpAddress::v4(0xCB007101 + i % 200), Port{static_cast<std::uint16_t>(i)}});
  alone.name(victims);
  alone.run_for(seconds(120));
  EXPECT_EQ(alone.explain().remote.size(), 256U);
  EXPECT_LE(alone.explain().pairs.size(), 100U);
  EXPECT_GE(alone.total(), 100);
  EXPECT_LE(alone.total(), 256 * 7);
}

// Relay only: the other side learns no address of ours, neither from candidates nor from packets.
TEST(RelayOnly, no_address_of_ours_is_told_or_seen) {
  Internet internet(3);
  const PlacePlan home{.nats = {sim::NatProfile::full_cone()}};
  ice::Settings settings;
  settings.servers = internet.servers("mei");
  settings.policy = ice::Policy::kRelayOnly;
  Caller& ana =
      internet.caller("ana", internet.place("a", home), ice::Role::kControlling, settings);
  settings.policy = ice::Policy::kAll;
  settings.servers = internet.servers("ben");
  Caller& ben = internet.caller("ben", internet.place("b", home), ice::Role::kControlled, settings);
  std::set<IpAddress> asked;
  internet.world.trace().observe([&](const sim::PacketEvent& event) {
    if (event.step == sim::Step::kSent && event.where.index() == ana.node().index())
      asked.insert(event.packet.destination.ip);
  });
  Call call(internet.world, ana, ben, milliseconds(30));
  call.start();
  ana.talk();
  ben.talk();
  internet.world.run_for(seconds(20));
  EXPECT_GT(ben.heard(), 100U);
  EXPECT_EQ(asked, std::set{"198.51.100.1"_ip});
  ASSERT_FALSE(ana.candidates().empty());
  for (const ice::Candidate& candidate : ana.candidates()) {
    EXPECT_EQ(candidate.type, ice::CandidateType::kRelayed);
    EXPECT_FALSE(candidate.related.has_value());
  }
}

// Found by reading: the list was full, its size stayed the same, and the relay was never asked to
// let the newcomer through.
TEST(HostileSignaling, a_relayed_pair_that_takes_the_place_of_another_gets_its_permission) {
  Internet internet(3);
  ice::Settings settings;
  settings.servers = internet.servers("mei");
  settings.policy = ice::Policy::kRelayOnly;
  settings.limits.pairs = 2;
  Caller& caller =
      internet.caller("ana", internet.place("a", {}), ice::Role::kControlling, settings);
  std::map<IpAddress, int> relayed;
  internet.world.trace().observe([&](const sim::PacketEvent& event) {
    if (event.step == sim::Step::kSent && event.where.index() == internet.server_node.index())
      ++relayed[event.packet.destination.ip];
  });
  caller.tell([](ice::Agent& agent, Instant now) {
    agent.gather(now);
    agent.set_remote({.ufrag = "abcdefgh", .password = "a password of enough letters"}, now);
  });
  internet.world.run_for(std::chrono::seconds(1));
  for (const std::uint32_t last : {201U, 202U, 203U}) {
    ice::Candidate candidate;
    candidate.address = {IpAddress::v4(0xCB007100 + last), Port{9000}};
    candidate.priority = last;
    candidate.foundation = std::to_string(last);
    caller.tell([&](ice::Agent& agent, Instant now) { agent.add_remote(candidate, now); });
  }
  internet.world.run_for(std::chrono::seconds(5));
  EXPECT_GT(relayed[IpAddress::v4(0xCB007100 + 203)], 0);
}

}  // namespace
}  // namespace beeline::scenarios
