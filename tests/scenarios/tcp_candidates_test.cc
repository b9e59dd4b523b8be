// TCP candidates (RFC 6544) where UDP does not get through: direct, without any relay.
#include <gtest/gtest.h>

#include "tests/scenarios/internet.h"

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct TcpCall {
  explicit TcpCall(bool tcp) : internet(7) {
    PlacePlan blocked{.nats = {sim::NatProfile::port_restricted()}};
    blocked.firewall.outbound = sim::FirewallProfile::Outbound::kNoUdp;
    ice::Settings settings;
    settings.tcp = tcp;
    a = &internet.caller("ana", internet.place("a", blocked), ice::Role::kControlling, settings);
    b = &internet.caller("ben", internet.place("b", {}), ice::Role::kControlled, settings);
    call.emplace(internet.world, *a, *b, milliseconds(30));
    call->start();
    a->talk();
    b->talk();
    internet.world.run_for(seconds(20));
  }

  Internet internet;
  Caller* a = nullptr;
  Caller* b = nullptr;
  std::optional<Call> call;
};

TEST(TcpCandidates, who_cannot_send_udp_reaches_a_public_address_by_tcp) {
  TcpCall with(true);
  ASSERT_TRUE(with.a->agent().path().has_value());
  ASSERT_TRUE(with.b->agent().path().has_value());
  EXPECT_FALSE(with.a->agent().path()->relayed);
  EXPECT_EQ(with.a->agent().path()->remote.transport, ice::CandidateTransport::kTcpPassive);
  EXPECT_EQ(with.b->agent().path()->remote.type, ice::CandidateType::kPeerReflexive);
  EXPECT_GT(with.a->heard(), 100U);
  EXPECT_GT(with.b->heard(), 100U);
  EXPECT_EQ(with.a->doubled() + with.b->doubled(), 0U);
}

TEST(TcpCandidates, without_them_and_without_a_relay_there_is_no_path) {
  TcpCall without(false);
  EXPECT_FALSE(without.a->agent().path().has_value());
}

}  // namespace
}  // namespace beeline::scenarios
