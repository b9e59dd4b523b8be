// What is done to TURN servers on the internet, against ours in a real kernel and, where Debian's
// coturn is installed, against that one for comparison: a test that coturn passes as well may not
// be able to fail. The numbers are those of the threat table: T1 to T15.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "beeline/base/random.h"
#include "beeline/stun/attributes.h"
#include "tests/lab/forbidden_peers.h"
#include "tests/lab/lab.h"

namespace beeline::lab {
namespace {

const IpAddress kServerIp = *IpAddress::parse("198.51.100.1");
const IpAddress kCoturnIp = *IpAddress::parse("198.51.100.3");
const IpAddress kClientIp = *IpAddress::parse("198.51.100.2");
const TransportAddress kServer{kServerIp, Port{3478}};
const TransportAddress kCoturn{kCoturnIp, Port{3478}};

class TurnAttackLab : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not_ = enter_namespace({"198.51.100.1/24", "198.51.100.2/24", "198.51.100.3/24"});
  }
  void SetUp() override {
    if (why_not_) GTEST_SKIP() << *why_not_;
  }
  static std::vector<std::string> flags() {
    return {"--listen", "198.51.100.1", "--public-ip", "203.0.113.1"};
  }
  static inline std::optional<std::string> why_not_;
};

// An Allocate without credentials, as every client's first is.
std::vector<std::uint8_t> stranger_allocate() {
  std::array<std::uint8_t, 64> buffer{};
  stun::MessageWriter writer(buffer, stun::Class::kRequest, stun::Method::kAllocate, {7});
  stun::add_requested_transport(writer, stun::kProtocolUdp);
  return {writer.bytes().begin(), writer.bytes().end()};
}

struct Flood {
  std::size_t grown_kib = 0;
  int newcomers = 0;
  int newcomers_served = 0;
};

// `rounds` times 250 Allocates from addresses all over the internet. Between them a member
// refreshes, so that nothing overflows unseen, and now and then somebody new comes.
Flood flood(const TransportAddress& server, pid_t pid, int rounds, TurnClient& member) {
  constexpr std::size_t kPerRound = 250;
  constexpr int kNewcomerEvery = 40;
  Spoofer spoofer(server);
  Random random = Random::from_number(1);
  const auto request = stranger_allocate();
  Flood result;
  std::size_t before = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<TransportAddress> sources;
    for (std::size_t i = 0; i < kPerRound; ++i)
      sources.push_back({IpAddress::v4(0x0B000000U + random.below(0x50000000U)),
                         Port{static_cast<std::uint16_t>(1024 + random.below(60'000))}});
    spoofer.send(sources, request);
    EXPECT_EQ(member.refresh(), 0) << round;
    if (round % kNewcomerEvery == 0) {
      ++result.newcomers;
      TurnClient newcomer(server, kClientIp);
      result.newcomers_served += newcomer.allocate(IpFamily::kV4) ? 1 : 0;
    }
    if (round == rounds / 20) before = resident_kib(pid);  // pools and tables are warm by then
  }
  const std::size_t after = resident_kib(pid);
  result.grown_kib = after > before ? after - before : 0;
  return result;
}

TEST_F(TurnAttackLab, t11_a_million_forged_allocates_leave_nothing_and_everybody_else_is_served) {
  const ServerProcess server(flags());
  TurnClient member(kServer, kClientIp);
  ASSERT_TRUE(member.allocate(IpFamily::kV4));
  const Flood ours = flood(kServer, server.pid(), 4'000, member);
  fmt::print("beeline: 1,000,000 forged Allocates: +{} KiB, {} of {} newcomers served\n",
             ours.grown_kib, ours.newcomers_served, ours.newcomers);
  EXPECT_LT(ours.grown_kib, 1024U);
  EXPECT_EQ(ours.newcomers_served, ours.newcomers);
  EXPECT_TRUE(server.running());
  if (!CoturnProcess::installed()) GTEST_SKIP() << "coturn is not there to compare with";
  const CoturnProcess coturn(kCoturn);
  TurnClient its_member(kCoturn, kClientIp);
  ASSERT_TRUE(its_member.allocate(IpFamily::kV4));
  const Flood theirs = flood(kCoturn, coturn.pid(), 40, its_member);
  fmt::print("coturn:     10,000 forged Allocates: +{} KiB, {} of {} newcomers served\n",
             theirs.grown_kib, theirs.newcomers_served, theirs.newcomers);
  EXPECT_GT(theirs.grown_kib, 1024U) << "this test can see memory being kept";
}

TEST_F(TurnAttackLab, t1_t2_t3_t4_forbidden_peers_are_refused_where_coturn_grants_many) {
  const ServerProcess server(flags());
  const auto granted = [](const TransportAddress& address) {
    TurnClient client(address, kClientIp);
    EXPECT_TRUE(client.allocate(IpFamily::kV4));
    std::size_t count = 0;
    for (const IpAddress& ip : forbidden_peers())
      if (ip.is_v4()) count += client.create_permission({ip, Port{80}}) == 0 ? 1 : 0;
    return count;
  };
  EXPECT_EQ(granted(kServer), 0U);
  if (!CoturnProcess::installed()) GTEST_SKIP() << "coturn is not there to compare with";
  const CoturnProcess coturn(kCoturn);
  const std::size_t theirs = granted(kCoturn);
  fmt::print("coturn grants {} of the {} IPv4 peers that we refuse\n", theirs,
             std::size(kForbiddenV4));
  EXPECT_GT(theirs, 0U) << "this test can see a peer being granted";
}

TEST_F(TurnAttackLab, t10_a_binding_answer_is_the_smallest_there_is) {
  const ServerProcess server(flags());
  EXPECT_EQ(TurnClient(kServer, kClientIp).binding_answer_size(), 32U);
  if (!CoturnProcess::installed()) GTEST_SKIP() << "coturn is not there to compare with";
  const CoturnProcess coturn(kCoturn);
  const std::size_t theirs = TurnClient(kCoturn, kClientIp).binding_answer_size();
  fmt::print("to 20 bytes beeline answers 32, coturn {}\n", theirs);
  EXPECT_GT(theirs, 32U);
}

TEST_F(TurnAttackLab, t5_the_servers_own_addresses_are_no_peers_though_its_subnet_is_open) {
  const ServerProcess server({"--listen", "198.51.100.1"});  // its subnet is its LAN, so it is open
  TurnClient client(kServer, kClientIp);
  ASSERT_TRUE(client.allocate(IpFamily::kV4));
  for (const char* own : {"198.51.100.1", "198.51.100.2", "198.51.100.3"})
    EXPECT_EQ(client.create_permission({*IpAddress::parse(own), Port{6379}}), 403) << own;
  EXPECT_EQ(client.create_permission({*IpAddress::parse("198.51.100.77"), Port{6379}}), 0);
}

TEST_F(TurnAttackLab, a_list_of_peers_shuts_out_the_rest_of_the_world) {
  auto only = flags();
  only.insert(only.end(), {"--only", "turn", "--peers-only", "9.9.9.9,10.20.0.0/24"});
  const ServerProcess server(only);
  TurnClient client(kServer, kClientIp);
  ASSERT_TRUE(client.allocate(IpFamily::kV4));
  for (const char* good : {"9.9.9.9", "10.20.0.7"})
    EXPECT_EQ(client.create_permission({*IpAddress::parse(good), Port{1}}), 0) << good;
  for (const char* bad : {"9.9.9.8", "10.20.1.7", "8.8.8.8"})
    EXPECT_EQ(client.create_permission({*IpAddress::parse(bad), Port{1}}), 403) << bad;
}

// Ports on which this namespace listens, of /proc/net/NAME.
std::set<int> listening(const std::string& name) {
  std::set<int> ports;
  const bool tcp = name.starts_with("tcp");
  std::ifstream table("/proc/thread-self/net/" + name);
  std::string line;
  std::getline(table, line);  // the heading
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    if (!tcp || state == "0A")
      ports.insert(std::stoi(local.substr(local.find(':') + 1), nullptr, 16));
  }
  return ports;
}

TEST_F(TurnAttackLab, t8_the_default_start_opens_exactly_the_documented_ports) {
  const std::set<int> udp{3478};
  for (const bool only_turn : {false, true}) {
    const ServerProcess server(only_turn ? std::vector<std::string>{"--only", "turn"}
                                         : std::vector<std::string>{});
    std::set<int> tcp{3478, 5349};
    if (!only_turn) tcp.insert(8443);
    EXPECT_EQ(listening("tcp"), tcp);
    EXPECT_EQ(listening("tcp6"), tcp);
    EXPECT_EQ(listening("udp"), udp);
    EXPECT_EQ(listening("udp6"), udp);
    std::set<int> open;  // asked from outside
    for (int port = 1; port < 65536; ++port) {
      const net::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      // From another address: with its own a socket may meet itself.
      const net::SocketAddress from({kClientIp, Port{0}});
      const net::SocketAddress to({kServerIp, Port{static_cast<std::uint16_t>(port)}});
      ASSERT_EQ(::bind(socket.get(), from.get(), from.size()), 0);
      if (::connect(socket.get(), to.get(), to.size()) == 0) open.insert(port);
    }
    EXPECT_EQ(open, tcp);
  }
}

}  // namespace
}  // namespace beeline::lab
