#include "beeline/server/turn_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "beeline/server/startup.h"

namespace beeline::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class TurnSetup : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  std::filesystem::path write(std::string_view content) {
    std::ofstream(file_) << content;
    return file_;
  }
  std::filesystem::path file_ = std::filesystem::path(testing::TempDir()) /
                                ("turn-setup-secret-" + std::to_string(::getpid()));
};

TEST_F(TurnSetup, a_secret_comes_from_a_file_without_its_line_end) {
  EXPECT_EQ(given_turn_secret(write("s3cret\n")), "s3cret");
  EXPECT_EQ(given_turn_secret(write("s3 cret\r\n")), "s3 cret");
}

TEST_F(TurnSetup, a_file_that_holds_no_secret_is_an_error_and_never_an_empty_secret) {
  EXPECT_THAT(given_turn_secret(write("\n")).error(), HasSubstr("is empty\ntry: "));
  EXPECT_THAT(given_turn_secret("no/such/file").error(), HasSubstr("cannot be read\ntry: "));
}

TEST_F(TurnSetup, the_defaults_limit_and_only_the_lab_lifts_them) {
  Config config;
  const turn::Settings usual = turn_settings(config, {}, "s");
  EXPECT_EQ(usual.limits.allocations_per_user, turn::Limits().allocations_per_user);
  EXPECT_EQ(usual.limits.strangers.per_second, 1'000U);
  EXPECT_EQ(turn_stream_limits(config).connections_per_source, 2'048U);
  config.lab_limits = true;
  EXPECT_GT(turn_settings(config, {}, "s").limits.strangers.per_second, 1'000'000U);
  EXPECT_GT(turn_stream_limits(config).connections_per_source, 100'000U);
}

TEST_F(TurnSetup, what_the_owner_sets_reaches_the_server) {
  Config config;
  config.realm = "example.org";
  config.peers_only = {*Prefix::parse("10.20.0.0/24")};
  const turn::Settings settings = turn_settings(config, {}, "shared");
  EXPECT_EQ(settings.realm, "example.org");
  EXPECT_EQ(settings.secret, "shared");
  ASSERT_EQ(settings.policy.only.size(), 1U);
  EXPECT_EQ(settings.policy.only[0].bits, 24U);
}

TEST_F(TurnSetup, the_start_names_every_port) {
  Config config;
  Addresses addresses;
  const IpAddress ip = *IpAddress::parse("192.0.2.7");
  addresses.relays = {{ip, ip}};
  EXPECT_THAT(turn_facts(config, addresses),
              ElementsAre("UDP and TCP port 3478, TLS port 5349 and 8443",
                          "relays from 192.0.2.7 ports 49152-65535"));
  config.web = false;
  EXPECT_EQ(turn_facts(config, addresses)[0], "UDP and TCP port 3478, TLS port 5349");
}

TEST_F(TurnSetup, a_start_without_web_app_invites_nobody) {
  StartupFacts facts;
  facts.turn = {"UDP and TCP port 3478, TLS port 5349"};
  EXPECT_THAT(startup_text(facts, false), Not(HasSubstr("room")));
  EXPECT_THAT(startup_json(facts), Not(HasSubstr("room_url")));
  facts.room = "abc";
  facts.local_url = "http://localhost:8443";
  EXPECT_THAT(startup_text(facts, false), HasSubstr("http://localhost:8443/#abc"));
}

}  // namespace
}  // namespace beeline::server
