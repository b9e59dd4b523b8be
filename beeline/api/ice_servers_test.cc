// URLs of ICE servers, good and bad.
#include "beeline/api/ice_servers.h"

#include <gtest/gtest.h>

namespace beeline::api {
namespace {

using ice::ServerKind;
using ice::ServerTransport;

ice::Server parsed(const std::string& url) {
  const auto servers = parse_ice_servers({{.urls = {url}, .username = "u", .credential = "c"}});
  EXPECT_TRUE(servers) << url;
  return servers ? servers->at(0) : ice::Server{};
}
bool refused(const std::string& url) {
  const auto servers = parse_ice_servers({{.urls = {url}, .username = "u", .credential = "c"}});
  return !servers && servers.error().reason == Reason::kBadIceServer;
}

//= RFC 7065 §3.1 test
TEST(IceServers, urls_of_turn_name_host_port_and_transport) {
  const ice::Server plain{
      ServerKind::kTurn, ServerTransport::kUdp, "a.example", Port{3478}, "u", "c"};
  EXPECT_EQ(parsed("turn:a.example"), plain);
  EXPECT_EQ(parsed("turn:a.example:3478?transport=udp"), plain);
  ice::Server tcp = plain;
  tcp.transport = ServerTransport::kTcp;
  tcp.port = Port{80};
  EXPECT_EQ(parsed("turn:a.example:80?transport=tcp"), tcp);
  ice::Server tls = plain;
  tls.transport = ServerTransport::kTls;
  tls.port = Port{5349};
  EXPECT_EQ(parsed("turns:a.example"), tls);
  EXPECT_EQ(parsed("turns:a.example?transport=tcp"), tls);
}

TEST(IceServers, urls_of_stun_have_no_credentials) {
  const ice::Server stun{
      ServerKind::kStun, ServerTransport::kUdp, "2001:db8::1", Port{19302}, "", ""};
  EXPECT_EQ(parsed("stun:[2001:db8::1]:19302"), stun);
  EXPECT_EQ(parsed("stun:192.0.2.1").host, "192.0.2.1");
}

TEST(IceServers, what_is_no_url_of_a_server_is_refused) {
  for (const char* url :
       {"", "stun:", "stun", "stuns:a", "http://a", "turn:a:", "turn:a:0", "turn:a:65536",
        "turn:a:12x", "turn:[::1", "turn:[::1]x", "turn:a?transport=sctp", "turns:a?transport=udp",
        "stun:a?transport=udp", "turn:user@a", "turn:?transport=udp"})
    EXPECT_TRUE(refused(url)) << url;
  EXPECT_EQ(parsed("turn:a:65535").port, Port{65535});
  EXPECT_FALSE(parse_ice_servers({{.urls = {"turn:a"}, .username = "u"}}));
}

TEST(IceServers, several_urls_of_one_server_are_several_servers) {
  const auto servers = parse_ice_servers(
      {{.urls = {"stun:a", "stun:b"}}, {.urls = {"turn:c"}, .username = "u", .credential = "c"}});
  ASSERT_TRUE(servers);
  EXPECT_EQ(servers->size(), 3U);
}

}  // namespace
}  // namespace beeline::api
