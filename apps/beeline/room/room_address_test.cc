#include "apps/beeline/room/room_address.h"

#include <gmock/gmock.h>

namespace beeline::cli {
namespace {

using testing::HasSubstr;

const std::string kRoom = "abcdefghijklmnopqrstuvwxyz";
const std::string kNew = "zzzzzzzzzzzzzzzzzzzzzzzzzz";

TEST(RoomAddress, of_the_links_that_browsers_show) {
  const auto meeting = parse_room("https://meet.example/#" + kRoom, "", kNew);
  ASSERT_TRUE(meeting);
  EXPECT_TRUE(meeting->secure);
  EXPECT_EQ(meeting->host, "meet.example");
  EXPECT_EQ(meeting->port, Port{443});
  EXPECT_EQ(meeting->folder, "/");
  EXPECT_EQ(meeting->room, kRoom);
  for (const char* kind : {"live/", "messages/"}) {
    const auto other = parse_room("https://meet.example/#" + std::string(kind) + kRoom, "", kNew);
    ASSERT_TRUE(other) << kind;
    EXPECT_EQ(other->room, kRoom);
  }
}

TEST(RoomAddress, ports_folders_and_addresses) {
  const auto room = parse_room("http://[2001:db8::1]:8080/bee/index.html#" + kRoom, "", kNew);
  ASSERT_TRUE(room);
  EXPECT_FALSE(room->secure);
  EXPECT_EQ(room->host, "2001:db8::1");
  EXPECT_EQ(room->port, Port{8080});
  EXPECT_EQ(room->folder, "/bee/");
  EXPECT_EQ(room->link(), "http://[2001:db8::1]:8080/bee/#" + kRoom);
  EXPECT_EQ(parse_room("http://localhost#" + kRoom, "", kNew)->port, Port{80});
}

TEST(RoomAddress, case_does_not_matter_because_people_type_it) {
  const auto room = parse_room("HTTPS://meet.example/#ABCDEFGHIJKLMNOPQRSTUVWXYZ", "", kNew);
  ASSERT_TRUE(room);
  EXPECT_EQ(room->room, kRoom);
}

TEST(RoomAddress, letters_alone_need_a_server) {
  EXPECT_FALSE(parse_room(kRoom, "", kNew));
  const auto room = parse_room(kRoom, "https://meet.example:8443", kNew);
  ASSERT_TRUE(room);
  EXPECT_EQ(room->link(), "https://meet.example:8443/#" + kRoom);
  EXPECT_EQ(parse_room(kRoom, "meet.example", kNew)->link(), "https://meet.example/#" + kRoom);
}

TEST(RoomAddress, without_a_room_it_is_a_new_one) {
  EXPECT_EQ(parse_room("", "https://meet.example", kNew)->room, kNew);
  EXPECT_THAT(parse_room("", "", kNew).error(), HasSubstr("try: "));
}

TEST(RoomAddress, what_is_none_says_what_to_try) {
  for (const std::string& wrong : std::vector<std::string>{
           "https://meet.example/", "https://meet.example/#", "https://meet.example/#short",
           "https://meet.example/#" + kRoom + "a", "https://meet.example/#dance/" + kRoom,
           "ftp://meet.example/#" + kRoom, "https://:443/#" + kRoom, "https://a:99999/#" + kRoom,
           "https://meet.example/#abcdefghijklmnopqrstuvwxy1"}) {
    const auto room = parse_room(wrong, "", kNew);
    ASSERT_FALSE(room) << wrong;
    EXPECT_THAT(room.error(), HasSubstr("try: ")) << wrong;
  }
}

TEST(RoomAddress, round_trip) {
  for (const std::string& link : {"https://meet.example/#" + kRoom, "http://10.0.0.1:81/#" + kRoom})
    EXPECT_EQ(parse_room(link, "", kNew)->link(), link);
}

TEST(RoomAddress, this_machine) {
  for (const char* host : {"localhost", "127.0.0.1", "[::1]", "a.localhost"})
    EXPECT_TRUE(parse_room(kRoom, std::string("http://") + host, kNew)->is_this_machine()) << host;
  EXPECT_FALSE(parse_room(kRoom, "http://192.0.2.1", kNew)->is_this_machine());
}

//= RFC 7064 §3.1 test
TEST(IceUrl, stun) {
  const auto server = parse_ice_url("stun:example.org");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->kind, ice::ServerKind::kStun);
  EXPECT_EQ(server->host, "example.org");
  EXPECT_EQ(server->port, Port{3478});
  EXPECT_EQ(parse_ice_url("STUN:[2001:db8::1]:99")->port, Port{99});
}

//= RFC 7065 §3.1 test
TEST(IceUrl, turn) {
  EXPECT_EQ(parse_ice_url("turn:a:1?transport=udp")->transport, ice::ServerTransport::kUdp);
  EXPECT_EQ(parse_ice_url("turn:a:1?transport=tcp")->transport, ice::ServerTransport::kTcp);
  EXPECT_EQ(parse_ice_url("turn:a")->transport, ice::ServerTransport::kUdp);
  const auto tls = parse_ice_url("turns:a?transport=tcp");
  EXPECT_EQ(tls->transport, ice::ServerTransport::kTls);
  EXPECT_EQ(tls->kind, ice::ServerKind::kTurn);
  EXPECT_EQ(tls->port, Port{5349});
}

TEST(IceUrl, what_ice_cannot_use_is_none) {
  for (const char* url : {"", "stun", "http://a", "turns:a?transport=udp", "turn:a?transport=sctp",
                          "turn:a?speed=5", "turn::5", "turn:a:x"})
    EXPECT_FALSE(parse_ice_url(url)) << url;
}

TEST(IceUrl, servers_of_an_offer_have_its_credentials) {
  const auto servers =
      ice_servers({{{{"stun:a"}, {}, {}}, {{"turn:a", "turn:b?x"}, "u", "c"}}, {}});
  ASSERT_EQ(servers.size(), 2U);
  EXPECT_EQ(servers[1].username, "u");
  EXPECT_EQ(servers[1].password, "c");
}

}  // namespace
}  // namespace beeline::cli
