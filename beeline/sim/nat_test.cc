// Nat: ports, lifetimes and limits, on packets by hand; what gets through in pairs is
// nat_punching_test.cc's.
#include "beeline/sim/nat.h"

#include <gtest/gtest.h>

#include <set>

#include "beeline/sim/literals.h"

namespace beeline::sim {
namespace {

using namespace std::chrono_literals;

const TransportAddress kServer = "198.51.100.1:3478"_at;
const IpAddress kOutside = "203.0.113.10"_ip;

struct TestNat {
  explicit TestNat(const NatProfile& profile = NatProfile::port_restricted(),
                   std::uint64_t seed = 1)
      : nat(profile, kOutside, Random::from_number(seed)) {}

  // The outside port a packet gets; 0: dropped.
  int out(const TransportAddress& from, const TransportAddress& remote = kServer,
          Protocol protocol = Protocol::kUdp, TcpHeader tcp = {}) {
    IpPacket packet{.protocol = protocol, .source = from, .destination = remote, .tcp = tcp};
    last = nat.translate_outbound(packet, now);
    return last == Drop::kNone ? packet.source.port.value : 0;
  }
  // Whether a packet to that outside port is let in.
  bool in(int port, const TransportAddress& remote = kServer, Protocol protocol = Protocol::kUdp,
          TcpHeader tcp = {}) {
    IpPacket packet{.protocol = protocol,
                    .source = remote,
                    .destination = {kOutside, Port{static_cast<std::uint16_t>(port)}},
                    .tcp = tcp};
    last = nat.translate_inbound(packet, now);
    inside = packet.destination;
    return last == Drop::kNone;
  }

  Nat nat;
  Instant now{};
  Drop last = Drop::kNone;
  TransportAddress inside;
};

//= RFC 4787 §4.3 test
TEST(Nat, forgets_a_mapping_when_its_lifetime_is_over_and_not_a_microsecond_before) {
  TestNat t;
  const int port = t.out("192.168.1.2:5000"_at);
  t.now = Instant{120s - 1us};
  EXPECT_TRUE(t.in(port));
  EXPECT_EQ(t.inside, "192.168.1.2:5000"_at);
  EXPECT_EQ(t.nat.mappings(t.now), 1U);
  t.now = Instant{120s};
  EXPECT_FALSE(t.in(port));
  EXPECT_EQ(t.last, Drop::kNatUnmapped);
  EXPECT_EQ(t.nat.mappings(t.now), 0U);
}

//= RFC 4787 §4.3 test
TEST(Nat, lives_on_by_what_goes_out_and_not_by_what_comes_in) {
  for (const bool outbound : {true, false}) {
    TestNat t(NatProfile::full_cone());
    const int port = t.out("192.168.1.2:5000"_at);
    t.now = Instant{100s};
    if (outbound) {
      EXPECT_EQ(t.out("192.168.1.2:5000"_at), port);
    } else {
      EXPECT_TRUE(t.in(port));
    }
    t.now = Instant{150s};
    EXPECT_EQ(t.in(port), outbound);
  }
}

TEST(Nat, a_filter_forgets_whom_the_inside_has_not_called_for_long) {
  TestNat t;
  const int port = t.out("192.168.1.2:5000"_at, kServer);
  t.now = Instant{100s};
  EXPECT_EQ(t.out("192.168.1.2:5000"_at, "198.51.100.2:1"_at), port);
  t.now = Instant{120s};
  EXPECT_FALSE(t.in(port, kServer));
  EXPECT_EQ(t.last, Drop::kNatFiltered);
  EXPECT_TRUE(t.in(port, "198.51.100.2:1"_at));
}

TEST(Nat, several_hosts_with_the_same_port_get_ports_of_their_own) {
  for (const PortAllocation ports :
       {PortAllocation::kPreserving, PortAllocation::kRandom, PortAllocation::kSequential}) {
    TestNat t({.ports = ports});
    const int one = t.out("192.168.1.2:5000"_at);
    const int other = t.out("192.168.1.3:5000"_at);
    EXPECT_NE(one, other);
    EXPECT_EQ(one == 5000, ports == PortAllocation::kPreserving);
    EXPECT_TRUE(t.in(one));
    EXPECT_EQ(t.inside, "192.168.1.2:5000"_at);
    EXPECT_TRUE(t.in(other));
    EXPECT_EQ(t.inside, "192.168.1.3:5000"_at);
  }
}

TEST(Nat, udp_and_tcp_have_ports_of_their_own) {
  TestNat t({.ports = PortAllocation::kPreserving});
  EXPECT_EQ(t.out("192.168.1.2:5000"_at), 5000);
  EXPECT_EQ(t.out("192.168.1.3:5000"_at, kServer, Protocol::kTcp, {.syn = true}), 5000);
  EXPECT_TRUE(t.in(5000, kServer, Protocol::kTcp, {.syn = true, .ack = true}));
  EXPECT_EQ(t.inside, "192.168.1.3:5000"_at);
}

TEST(Nat, sequential_ports_keep_their_step_and_wrap_within_their_range) {
  NatProfile profile = NatProfile::symmetric();
  profile.ports = PortAllocation::kSequential;
  profile.sequential_step = 256;
  profile.first_port = {40'000};
  profile.last_port = {59'999};
  TestNat t(profile);
  int last = t.out("192.168.1.2:5000"_at);
  for (std::uint16_t i = 1; i < 500; ++i) {
    const int next = t.out("192.168.1.2:5000"_at, {kServer.ip, Port{i}});
    EXPECT_EQ((next - last + 20'000) % 20'000, 256);
    EXPECT_TRUE(next >= 40'000 && next <= 59'999);
    last = next;
  }
}

TEST(Nat, random_ports_stay_in_their_range_and_are_all_used_before_it_is_full) {
  NatProfile profile = NatProfile::symmetric();
  profile.first_port = {2000};
  profile.last_port = {2099};
  TestNat t(profile);
  std::set<int> seen;
  for (std::uint16_t i = 1; i <= 100; ++i)
    seen.insert(t.out("192.168.1.2:5000"_at, {kServer.ip, Port{i}}));
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(*seen.begin(), 2000);
  EXPECT_EQ(*seen.rbegin(), 2099);
  EXPECT_EQ(t.out("192.168.1.2:5000"_at, {kServer.ip, Port{101}}), 0);
  EXPECT_EQ(t.last, Drop::kNatFull);
  t.now = Instant{120s};
  EXPECT_NE(t.out("192.168.1.2:5000"_at, {kServer.ip, Port{101}}), 0) << "the old ones expired";
}

TEST(Nat, one_mapping_has_only_so_many_contacts) {
  NatProfile profile = NatProfile::full_cone();
  profile.most_contacts = 64;
  TestNat t(profile);
  const auto stranger = [](std::uint16_t n) { return TransportAddress{kServer.ip, Port{n}}; };
  for (std::uint16_t i = 1; i <= 64; ++i) EXPECT_NE(t.out("192.168.1.2:5000"_at, stranger(i)), 0);
  EXPECT_EQ(t.out("192.168.1.2:5000"_at, stranger(65)), 0);
  const int port = t.out("192.168.1.2:5000"_at, stranger(1));
  EXPECT_TRUE(t.in(port, stranger(66))) << "who comes in is let in, just not remembered";
}

//= RFC 5382 §5 test
TEST(Nat, tcp_lives_long_when_established_and_short_before_and_after) {
  for (const int stage : {0, 1, 2}) {
    TestNat t;
    const auto inside = "192.168.1.2:5000"_at;
    const int port = t.out(inside, kServer, Protocol::kTcp, {.syn = true});
    if (stage >= 1) {
      EXPECT_TRUE(t.in(port, kServer, Protocol::kTcp, {.syn = true, .ack = true}));
      EXPECT_EQ(t.out(inside, kServer, Protocol::kTcp, {.ack = true}), port);
    }
    if (stage == 2) {
      EXPECT_EQ(t.out(inside, kServer, Protocol::kTcp, {.ack = true, .fin = true}), port);
    }
    const Duration life = stage == 1 ? Duration(124min) : Duration(4min);
    t.now = Instant{life - 1us};
    EXPECT_EQ(t.nat.mappings(t.now), 1U) << stage;
    t.now = Instant{life};
    EXPECT_EQ(t.nat.mappings(t.now), 0U) << stage;
    EXPECT_FALSE(t.in(port, kServer, Protocol::kTcp, {.ack = true}));
  }
}

TEST(Nat, a_reboot_forgets_everything_and_gives_other_ports) {
  TestNat t;
  const int port = t.out("192.168.1.2:5000"_at);
  t.nat.forget_everything();
  EXPECT_FALSE(t.in(port));
  EXPECT_NE(t.out("192.168.1.2:5000"_at), port);
}

TEST(Nat, answers_leave_by_the_mapping_the_question_came_through) {
  NatProfile profile = NatProfile::symmetric();
  profile.filtering = NatBehavior::kEndpointIndependent;
  TestNat t(profile);
  const auto inside = "192.168.1.2:5000"_at;
  const auto peer = "203.0.113.20:7000"_at;
  const int port = t.out(inside, kServer);
  const int towards_peer = t.out(inside, peer);
  EXPECT_NE(towards_peer, port);
  EXPECT_TRUE(t.in(port, peer));
  EXPECT_EQ(t.out(inside, peer), port);
  EXPECT_EQ(t.out(inside, "203.0.113.20:7001"_at) == port, false) << "only towards that peer";
}

TEST(Nat, noise_spoils_a_port_towards_its_maker_for_thirty_seconds) {
  for (const Duration pause : {Duration(30s - 1us), Duration(30s)}) {
    NatProfile profile = NatProfile::port_restricted();
    profile.noisy = true;
    TestNat t(profile);
    const auto inside = "192.168.1.2:5000"_at;
    const auto peer = "203.0.113.20:7000"_at;
    const int port = t.out(inside, kServer);
    EXPECT_FALSE(t.in(port, peer));
    t.now = Instant{pause};
    EXPECT_EQ(t.out(inside, peer) == port, pause == Duration(30s));
    EXPECT_EQ(t.out(inside, kServer), port) << "towards others all is well";
  }
}

//= RFC 6052 §2.2 test
TEST(Nat, writes_ipv4_addresses_into_the_well_known_prefix_and_reads_them_back) {
  EXPECT_EQ(Nat::to_nat64("192.0.2.33"_ip), "64:ff9b::c000:221"_ip);
  EXPECT_EQ(Nat::from_nat64("64:ff9b::c000:221"_ip), "192.0.2.33"_ip);
  EXPECT_TRUE(Nat::is_nat64("64:ff9b::c000:221"_ip));
  EXPECT_FALSE(Nat::is_nat64("64:ff9b:0:1::c000:221"_ip));
  EXPECT_FALSE(Nat::is_nat64("192.0.2.33"_ip));
}

TEST(Nat, translates_between_families) {
  TestNat t;
  IpPacket out{.source = "[2001:db8::2]:5000"_at, .destination = "[64:ff9b::c633:6401]:3478"_at};
  ASSERT_EQ(t.nat.translate_outbound(out, t.now), Drop::kNone);
  EXPECT_EQ(out.destination, kServer);
  EXPECT_EQ(out.source.ip, kOutside);
  IpPacket back{.source = kServer, .destination = out.source};
  ASSERT_EQ(t.nat.translate_inbound(back, t.now), Drop::kNone);
  EXPECT_EQ(back.source, "[64:ff9b::c633:6401]:3478"_at);
  EXPECT_EQ(back.destination, "[2001:db8::2]:5000"_at);
}

}  // namespace
}  // namespace beeline::sim
