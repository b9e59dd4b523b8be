#include "beeline/server/ice_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::server {
namespace {

using testing::ElementsAre;

class OwnIceServersTest : public testing::Test {
 protected:
  OwnIceServersTest() { servers_.set_wall_time({std::chrono::seconds(1'790'000'000)}); }
  OwnIceServers servers_{{"secret", {Port{3478}, Port{5349}, Port{443}}, "192.0.2.7"}};
};

TEST_F(OwnIceServersTest, names_the_server_as_the_client_called_it) {
  const auto offer = servers_.offer("m1", "meet.example");
  ASSERT_EQ(offer.servers.size(), 2U);
  EXPECT_THAT(offer.servers[0].urls, ElementsAre("stun:meet.example:3478"));
  EXPECT_THAT(offer.servers[1].urls, ElementsAre("turn:meet.example:3478?transport=udp",
                                                 "turn:meet.example:3478?transport=tcp",
                                                 "turns:meet.example:443?transport=tcp"))
      << "best first";
  EXPECT_THAT(servers_.offer("m1", "2001:db8::7").servers[0].urls,
              ElementsAre("stun:[2001:db8::7]:3478"));
}

TEST_F(OwnIceServersTest, this_machine_is_told_an_interface_address) {
  for (const char* name : {"localhost", "127.0.0.1", "::1", "app.localhost"})
    EXPECT_THAT(servers_.offer("m1", name).servers[0].urls, ElementsAre("stun:192.0.2.7:3478"))
        << name;
}

TEST_F(OwnIceServersTest, credentials_are_each_members_own_and_are_renewed_before_they_expire) {
  const auto one = servers_.offer("m1", "meet.example");
  const auto two = servers_.offer("m2", "meet.example");
  EXPECT_EQ(one.servers[1].username, "1790003600:m1");
  EXPECT_NE(one.servers[1].credential, two.servers[1].credential);
  EXPECT_LT(one.renew_in, std::chrono::hours(1));
  EXPECT_TRUE(one.servers[0].username.empty());
}

}  // namespace
}  // namespace beeline::server
