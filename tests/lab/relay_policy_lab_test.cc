// Forbidden peers against the real server in a real kernel: refused on every path, and no packet
// leaves. In a namespace of its own whose default route leads nowhere, with a packet
// capture on everything.
#include <gtest/gtest.h>

#include "tests/lab/forbidden_peers.h"
#include "tests/lab/lab.h"

namespace beeline::lab {
namespace {

const IpAddress kV4 = *IpAddress::parse("198.51.100.1");
const IpAddress kV6 = *IpAddress::parse("2001:db8:1::1");
const TransportAddress kServer{kV4, Port{3478}};
constexpr std::uint16_t kFirstRelayPort = 50000;
constexpr std::uint16_t kLastRelayPort = 50999;
constexpr std::string_view kMark = "must-not-leave";

class RelayPolicyLab : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not_ = enter_namespace({"198.51.100.1/24", "2001:db8:1::1/64"});
  }
  void SetUp() override {
    if (why_not_) GTEST_SKIP() << *why_not_;
  }
  // Advertised addresses that are not this machine's own open no subnet, as on a server behind a
  // one-to-one NAT.
  static std::vector<std::string> flags(std::vector<std::string> more = {}) {
    std::vector<std::string> all{
        "--listen",    "198.51.100.1,2001:db8:1::1",  "--port", "0", "--relay-ports", "50000-50999",
        "--public-ip", "203.0.113.1,2001:db8:ffff::1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static bool is_relayed(const Heard& heard) {
    return heard.payload.find(kMark) != std::string::npos &&
           heard.from.port.value >= kFirstRelayPort && heard.from.port.value <= kLastRelayPort;
  }
  static inline std::optional<std::string> why_not_;
};

// T1, T2, T3, T4
TEST_F(RelayPolicyLab, every_forbidden_peer_is_refused_on_every_path_and_nothing_leaves) {
  const ServerProcess server(flags());
  TurnClient v4(kServer, kV4);
  TurnClient v6({kV6, Port{3478}}, kV6);
  ASSERT_TRUE(v4.allocate(IpFamily::kV4));
  ASSERT_TRUE(v6.allocate(IpFamily::kV6));
  Ears ears;
  auto peers = forbidden_peers();
  peers.push_back(*IpAddress::parse("203.0.113.1"));  // what the server calls itself
  EXPECT_GE(peers.size(), 120U);
  std::size_t requests_heard = 0;
  const auto check = [&](const std::vector<Heard>& datagrams) {
    for (const Heard& heard : datagrams) {
      EXPECT_FALSE(is_relayed(heard)) << heard.to.to_string();
      requests_heard += heard.to.port == kServer.port ? 1 : 0;
    }
  };
  std::uint16_t channel = 0x4000;
  for (const IpAddress& ip : peers) {
    TurnClient& client = ip.is_v4() ? v4 : v6;
    const TransportAddress peer{ip, Port{8080}};
    EXPECT_EQ(client.create_permission(peer), 403) << ip.to_string();
    EXPECT_EQ(client.bind_channel(channel, peer), 403) << ip.to_string();
    client.send_indication(peer, kMark);
    client.channel_data(channel, kMark);
    ++channel;
    check(ears.listen(std::chrono::milliseconds(0)));  // the capture's buffer is small
  }
  check(ears.listen());
  EXPECT_GE(requests_heard, 2 * peers.size()) << "the capture hears this namespace";
  EXPECT_TRUE(server.running());
}

TEST_F(RelayPolicyLab, data_from_a_forbidden_peer_does_not_reach_the_client) {
  const ServerProcess server(flags());
  TurnClient client(kServer, kV4);
  ASSERT_TRUE(client.allocate(IpFamily::kV4));
  // From loopback and from the server's own address, straight to the socket behind the relayed
  // address.
  for (const char* from : {"127.0.0.1", "198.51.100.1"}) {
    const net::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const net::SocketAddress source({*IpAddress::parse(from), Port{0}});
    const net::SocketAddress to({kV4, client.relayed().port});
    ASSERT_EQ(::bind(socket.get(), source.get(), source.size()), 0);
    ASSERT_GT(::sendto(socket.get(), kMark.data(), kMark.size(), 0, to.get(), to.size()), 0);
  }
  EXPECT_TRUE(client.receive(std::chrono::milliseconds(200)).empty());
}

TEST_F(RelayPolicyLab, an_allowed_peer_is_reached_so_the_ears_are_not_deaf) {
  const ServerProcess server(flags({"--allow-peer", "203.0.113.77"}));
  TurnClient client(kServer, kV4);
  ASSERT_TRUE(client.allocate(IpFamily::kV4));
  Ears ears;
  const TransportAddress allowed{*IpAddress::parse("203.0.113.77"), Port{8080}};
  EXPECT_EQ(client.create_permission(allowed), 0);
  client.send_indication(allowed, kMark);
  EXPECT_EQ(client.bind_channel(0x4000, allowed), 0);
  client.channel_data(0x4000, kMark);
  std::size_t left = 0;
  for (const Heard& heard : ears.listen()) left += is_relayed(heard) && heard.to == allowed ? 1 : 0;
  EXPECT_EQ(left, 2U);
  EXPECT_EQ(client.create_permission({*IpAddress::parse("203.0.113.78"), Port{8080}}), 403)
      << "its neighbour stays closed";
}

}  // namespace
}  // namespace beeline::lab
