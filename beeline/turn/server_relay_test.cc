// turn::Server: permissions, channels, and data both ways.
#include <gtest/gtest.h>

#include "beeline/turn/test_client.h"
#include "tests/lab/forbidden_peers.h"

namespace beeline::turn {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;

static_assert(!std::is_constructible_v<PermittedPeer, TransportAddress>);
static_assert(!std::is_constructible_v<PermittedPeer, TransportAddress, bool>);

const TransportAddress kPeer = *TransportAddress::parse("7.7.7.7:2000");

class Relaying : public testing::Test {
 protected:
  Relaying() { EXPECT_EQ(client_.allocate().code(), 0); }
  // What the client gets when the peer says something.
  Answer from_peer(const TransportAddress& peer, std::string_view text) {
    relay_.to_clients.clear();
    relay_.feed(
        PeerDatagram{relay_.sockets.front().relay, peer, relay_.packets.make(as_bytes(text))});
    if (relay_.to_clients.empty()) return {};
    const Bytes bytes = relay_.to_clients.front().packet.bytes();
    return {{bytes.begin(), bytes.end()}};
  }
  std::uint64_t dropped(Drop reason) const {
    return relay_.server.counters().drops[static_cast<std::size_t>(reason)];
  }

  TestRelay relay_;
  TestClient client_{relay_};
};

//= RFC 8656 §11 test
TEST_F(Relaying, send_and_data_indications_carry_both_ways_once_permitted) {
  client_.send_indication(kPeer, "too early");
  EXPECT_TRUE(relay_.to_peers.empty());
  EXPECT_FALSE(from_peer(kPeer, "too early").arrived());
  EXPECT_EQ(dropped(Drop::kNoPermission), 2U);
  ASSERT_EQ(client_.permit(kPeer).code(), 0);
  client_.send_indication(kPeer, "hello", true);
  ASSERT_EQ(relay_.to_peers.size(), 1U);
  EXPECT_EQ(as_text(relay_.to_peers[0].packet.bytes()), "hello");
  EXPECT_EQ(relay_.to_peers[0].peer.address(), kPeer);
  EXPECT_EQ(relay_.to_peers[0].packet.fragmenting(), Fragmenting::kForbidden);
  for (const std::string text : {"", "1", "12", "123", "1234"}) {
    const Answer data = from_peer(kPeer, text);
    EXPECT_EQ(data.message().method(), Method::kData);
    EXPECT_EQ(data.address(AttributeType::kXorPeerAddress), kPeer);
    EXPECT_EQ(as_text(data.value(AttributeType::kData)), text);
  }
  EXPECT_TRUE(from_peer(at("7.7.7.7:9"), "x").arrived()) << "a permission is for all ports";
  EXPECT_FALSE(from_peer(at("7.7.7.8:2000"), "x").arrived());
}

//= RFC 8656 §9 test
TEST_F(Relaying, a_permission_lasts_300_seconds_and_not_a_microsecond_longer) {
  ASSERT_EQ(client_.permit(kPeer).code(), 0);
  relay_.now = relay_.now + seconds(300) - microseconds(1);
  EXPECT_TRUE(from_peer(kPeer, "x").arrived());
  relay_.now = relay_.now + microseconds(1);
  EXPECT_FALSE(from_peer(kPeer, "x").arrived());
}

//= RFC 8656 §12 test
TEST_F(Relaying, channel_data_goes_both_ways_in_the_packet_it_came_in) {
  ASSERT_EQ(client_.bind(0x4000, kPeer).code(), 0);
  Packet packet = relay_.packets.make(as_bytes(std::string_view("\x40\x00\x00\x05hello", 9)));
  const std::uint8_t* const data = packet.bytes().data() + 4;
  relay_.feed(ClientDatagram{client_.tuple, std::move(packet)});
  ASSERT_EQ(relay_.to_peers.size(), 1U);
  EXPECT_EQ(relay_.to_peers[0].packet.bytes().data(), data) << "nothing is copied";
  EXPECT_EQ(as_text(relay_.to_peers[0].packet.bytes()), "hello");
  relay_.to_clients.clear();
  Packet back = relay_.packets.make(as_bytes("back"));
  const std::uint8_t* const start = back.bytes().data();
  relay_.feed(PeerDatagram{relay_.sockets.front().relay, kPeer, std::move(back)});
  ASSERT_EQ(relay_.to_clients.size(), 1U);
  EXPECT_EQ(relay_.to_clients[0].packet.bytes().data(), start - 4);
  EXPECT_EQ(as_text(relay_.to_clients[0].packet.bytes()), std::string_view("\x40\x00\x00\x04"
                                                                           "back",
                                                                           8));
}

TEST_F(Relaying, a_channel_lasts_600_seconds) {
  ASSERT_EQ(client_.bind(0x4000, kPeer).code(), 0);
  ASSERT_EQ(client_.refresh(3600).code(), 0);
  relay_.now = relay_.now + seconds(600) - microseconds(1);
  client_.channel_data(0x4000, "x");
  EXPECT_EQ(relay_.to_peers.size(), 1U);
  relay_.now = relay_.now + microseconds(1);
  client_.channel_data(0x4000, "x");
  EXPECT_EQ(relay_.to_peers.size(), 1U);
  EXPECT_EQ(dropped(Drop::kUnknownChannel), 1U);
}

//= RFC 8656 §12.2 test
TEST_F(Relaying, a_channel_and_a_peer_belong_to_each_other) {
  ASSERT_EQ(client_.bind(0x4000, kPeer).code(), 0);
  EXPECT_EQ(client_.bind(0x4000, kPeer).code(), 0) << "again is a refresh";
  EXPECT_EQ(client_.bind(0x4000, at("7.7.7.8:1")).code(), 400);
  EXPECT_EQ(client_.bind(0x4001, kPeer).code(), 400);
  EXPECT_EQ(client_.bind(0x3FFF, at("7.7.7.9:1")).code(), 400);
  EXPECT_EQ(client_.bind(0x7FFF, at("7.7.7.9:1")).code(), 400);
  EXPECT_EQ(client_.bind(0x4FFF, at("7.7.7.9:1")).code(), 0);
  EXPECT_EQ(client_.bind(0x4002, at("[2606:4700::1]:1")).code(), 443)
      << "no relayed address of that family";
  EXPECT_EQ(client_.permit(at("[2606:4700::1]:1")).code(), 443);
}

TEST_F(Relaying, a_request_for_several_permissions_grants_all_or_none) {
  const auto permit = [&](const TransportAddress& second) {
    return client_
        .request(Method::kCreatePermission,
                 [&](auto& w) {
                   stun::add_xor_address(w, AttributeType::kXorPeerAddress, kPeer);
                   stun::add_xor_address(w, AttributeType::kXorPeerAddress, second);
                 })
        .code();
  };
  EXPECT_EQ(permit(at("10.0.0.1:1")), 403);
  EXPECT_FALSE(from_peer(kPeer, "x").arrived());
  EXPECT_EQ(permit(at("7.7.7.8:1")), 0);
  EXPECT_TRUE(from_peer(kPeer, "x").arrived());
  EXPECT_EQ(client_.request(Method::kCreatePermission, [](auto&) {}).code(), 400);
}

TEST_F(Relaying, no_forbidden_peer_is_reached_on_any_path) {
  TestClient v6(relay_, "9.9.9.9:6");
  ASSERT_EQ(v6.allocate([](auto& w) {
                stun::add_address_family(w, AttributeType::kRequestedAddressFamily, IpFamily::kV6);
              }).code(),
            0);
  ASSERT_GE(lab::forbidden_peers().size(), 120U);
  for (const IpAddress& ip : lab::forbidden_peers()) {
    const TransportAddress peer{ip, Port{80}};
    TestClient& client = ip.is_v4() ? client_ : v6;
    EXPECT_EQ(client.permit(peer).code(), 403) << ip.to_string();
    EXPECT_EQ(client.bind(0x4000, peer).code(), 403) << ip.to_string();
    client.send_indication(peer, "x");
    client.channel_data(0x4000, "x");
    EXPECT_FALSE(from_peer(peer, "x").arrived());
  }
  EXPECT_TRUE(relay_.to_peers.empty());
}

TEST_F(Relaying, the_servers_own_addresses_are_peers_only_where_they_are_live_relays) {
  const auto own = at("8.8.8.8:3478");
  EXPECT_EQ(client_.permit(own).code(), 403);
  TestClient other(relay_, "9.9.9.9:2", "jon");
  const auto theirs = other.allocate().address(AttributeType::kXorRelayedAddress);
  const TransportAddress mine{theirs.ip, relay_.sockets.front().address.port};
  ASSERT_EQ(client_.bind(0x4000, theirs).code(), 0);
  relay_.to_clients.clear();
  client_.channel_data(0x4000, "early");
  EXPECT_TRUE(relay_.to_clients.empty()) << "the other has permitted nobody";
  ASSERT_EQ(other.permit(mine).code(), 0);
  client_.channel_data(0x4000, "hello");
  ASSERT_EQ(relay_.to_clients.size(), 1U);
  EXPECT_EQ(relay_.to_clients[0].client, other.tuple);
  const auto data = stun::Message::parse(relay_.to_clients[0].packet.bytes());
  EXPECT_EQ(stun::read_xor_address(data->find(AttributeType::kXorPeerAddress)->value,
                                   data->transaction_id()),
            mine);
  EXPECT_TRUE(relay_.to_peers.empty()) << "handed over inside";
  ASSERT_EQ(other.refresh(0).code(), 0);
  client_.channel_data(0x4000, "late");
  EXPECT_TRUE(relay_.to_peers.empty()) << "the port may be somebody else's by now";
}

TEST_F(Relaying, an_icmp_error_reaches_the_client_as_the_rfc_says) {
  ASSERT_EQ(client_.permit(kPeer).code(), 0);
  relay_.to_clients.clear();
  relay_.feed(PeerUnreachable{relay_.sockets.front().relay, kPeer, {3, 4, 1200}});
  ASSERT_EQ(relay_.to_clients.size(), 1U);
  const auto message = stun::Message::parse(relay_.to_clients[0].packet.bytes());
  EXPECT_EQ(stun::read_icmp(message->find(AttributeType::kIcmp)->value)->error_data, 1200U);
  EXPECT_FALSE(message->has(AttributeType::kData));
}

TEST_F(Relaying, over_the_rate_packets_are_dropped_and_counted) {
  Settings settings = TestRelay::default_settings();
  settings.limits.bytes_per_second_per_allocation = 1000;
  TestRelay relay(settings);
  TestClient client(relay);
  ASSERT_EQ(client.allocate().code(), 0);
  ASSERT_EQ(client.permit(kPeer).code(), 0);
  for (int i = 0; i < 3; ++i) client.send_indication(kPeer, std::string(500, 'x'));
  EXPECT_EQ(relay.to_peers.size(), 2U);
  relay.now = relay.now + seconds(1);
  client.send_indication(kPeer, std::string(500, 'x'));
  EXPECT_EQ(relay.to_peers.size(), 3U);
}

// T13
TEST_F(Relaying, permissions_and_channels_are_bounded) {
  Settings settings = TestRelay::default_settings();
  settings.limits.permissions_per_allocation = 2;
  settings.limits.channels_per_allocation = 1;
  TestRelay relay(settings);
  TestClient client(relay);
  ASSERT_EQ(client.allocate().code(), 0);
  EXPECT_EQ(client.permit(at("7.7.7.1:1")).code(), 0);
  EXPECT_EQ(client.bind(0x4000, at("7.7.7.2:1")).code(), 0);
  EXPECT_EQ(client.permit(at("7.7.7.3:1")).code(), 508);
  EXPECT_EQ(client.bind(0x4001, at("7.7.7.1:1")).code(), 508);
  EXPECT_EQ(client.permit(at("7.7.7.1:1")).code(), 0) << "a refresh is none more";
}

TEST(RelayPolicyTest,
     ordinary_addresses_are_let_through_and_configuration_opens_only_what_it_names) {
  RelayPolicy::Settings settings;
  settings.own = {*IpAddress::parse("8.8.8.8")};
  settings.allow = {{*IpAddress::parse("10.1.0.0"), 16}, {*IpAddress::parse("127.0.0.0"), 8}};
  settings.deny = {{*IpAddress::parse("1.1.1.0"), 24}};
  const RelayPolicy policy(settings, [](const TransportAddress&) { return false; });
  for (const char* good : {"1.0.0.1:1", "9.9.9.9:1", "223.255.255.254:1", "[2606:4700::1]:1",
                           "[64:ff9b::9.9.9.9]:1", "10.1.2.3:1"})
    EXPECT_TRUE(policy.check(at(good))) << good;
  for (const char* bad : {"10.2.0.1:1", "127.0.0.1:1", "1.1.1.1:1", "8.8.8.8:1", "9.9.9.9:0",
                          "[::ffff:9.9.9.9]:1", "[64:ff9b::8.8.8.8]:1"})
    EXPECT_FALSE(policy.check(at(bad))) << bad;
}

TEST(RelayPolicyTest, a_list_of_peers_shuts_out_everybody_else_and_still_not_this_machine) {
  RelayPolicy::Settings settings;
  settings.own = {*IpAddress::parse("10.1.0.9")};
  settings.only = {{*IpAddress::parse("10.1.0.0"), 24},
                   {*IpAddress::parse("9.9.9.9"), 32},
                   {*IpAddress::parse("127.0.0.0"), 8}};
  settings.deny = {{*IpAddress::parse("10.1.0.5"), 32}};
  const TransportAddress live = at("8.8.8.8:50000");
  const RelayPolicy policy(settings, [&](const TransportAddress& peer) { return peer == live; });
  for (const char* good : {"10.1.0.1:1", "10.1.0.255:1", "9.9.9.9:1"})
    EXPECT_TRUE(policy.check(at(good))) << good;
  for (const char* bad : {"10.1.1.0:1", "9.9.9.8:1", "8.8.8.8:50000", "10.1.0.9:1", "10.1.0.5:1",
                          "127.0.0.1:1", "[::ffff:10.1.0.1]:1", "[2606:4700::1]:1"})
    EXPECT_FALSE(policy.check(at(bad))) << bad;
}

TEST(TurnServer, a_permission_for_the_servers_own_host_without_a_port_opens_its_relays_alone) {
  TestRelay relay;
  TestClient mei(relay);
  TestClient ben(relay, "9.9.9.8:2000", "ben");
  ASSERT_EQ(mei.allocate().code(), 0);
  const TransportAddress bens = ben.allocate().address(stun::AttributeType::kXorRelayedAddress);
  EXPECT_EQ(mei.permit({bens.ip, Port{0}}).code(), 0);
  EXPECT_EQ(mei.permit({bens.ip, Port{3478}}).code(), 403);
  relay.to_peers.clear();
  mei.send_indication({bens.ip, Port{3478}}, "to the server itself");
  mei.send_indication({bens.ip, Port{22}}, "to its secure shell");
  EXPECT_TRUE(relay.to_peers.empty());
}

}  // namespace
}  // namespace beeline::turn
