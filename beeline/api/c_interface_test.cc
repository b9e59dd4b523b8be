// The C interface as C sees it: numbers that never change, handles that may be freed anywhere,
// nothing thrown.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/beeline.h"

namespace beeline::api {
namespace {

template <typename Enum>
consteval bool is(Enum value, int number) {
  return static_cast<int>(value) == number;
}
static_assert(is(Reason::kNone, BEELINE_OK) && is(Reason::kWrongState, BEELINE_REASON_WRONG_STATE));
static_assert(is(Reason::kBadIceServer, BEELINE_REASON_BAD_ICE_SERVER));
static_assert(is(Reason::kNoPath, BEELINE_REASON_NO_PATH));
static_assert(is(Reason::kInternal, BEELINE_REASON_INTERNAL));
static_assert(is(Reason::kOldOpenssl, BEELINE_REASON_OLD_OPENSSL));
static_assert(is(Reason::kChannelNotOpen, BEELINE_REASON_CHANNEL_NOT_OPEN));
static_assert(is(Reason::kTooManyChannels, BEELINE_REASON_TOO_MANY_CHANNELS));
static_assert(is(ConnectionState::kNew, BEELINE_NEW) &&
              is(ConnectionState::kClosed, BEELINE_CLOSED));
static_assert(is(ConnectionState::kFailed, BEELINE_FAILED));
static_assert(is(DataChannelState::kOpen, BEELINE_CHANNEL_OPEN));
static_assert(is(DataChannelState::kClosed, BEELINE_CHANNEL_CLOSED));

class CInterface : public testing::Test {
 protected:
  struct End {
    CInterface* test;
    beeline_connection* connection;
    beeline_channel* channel;
    End* other;
    std::vector<std::string> heard;
    std::vector<int> states;
    bool frees_all = false;
  };

  CInterface() : loop(beeline_loop_new()) {
    beeline_configuration here{};
    here.size = sizeof here;
    here.loopback = 1;
    for (End* end : {&alice, &bob}) {
      end->connection = beeline_connection_new(loop, &here, nullptr);
      beeline_connection_set_events(end->connection, &kEvents, end);
    }
  }
  ~CInterface() override {
    free_all();
    beeline_loop_free(loop);
  }
  void free_all() {
    for (End* end : {&alice, &bob}) {
      beeline_channel_free(std::exchange(end->channel, nullptr));
      beeline_connection_free(std::exchange(end->connection, nullptr));
    }
  }

  static void on_candidate(void* user, const beeline_ice_candidate* candidate) {
    const End& other = *static_cast<End*>(user)->other;
    if (other.connection != nullptr) {
      EXPECT_EQ(beeline_connection_add_ice_candidate(other.connection, candidate), BEELINE_OK);
    }
  }
  static void on_state(void* user, int state) { static_cast<End*>(user)->states.push_back(state); }
  static void on_channel(void* user, beeline_channel* channel) {
    auto& end = *static_cast<End*>(user);
    end.channel = channel;
    beeline_channel_set_events(channel, &kChannelEvents, user);
  }
  static void on_message(void* user, int, const void* bytes, size_t size) {
    auto& end = *static_cast<End*>(user);
    end.heard.emplace_back(static_cast<const char*>(bytes), size);
    if (end.frees_all) end.test->free_all();
  }
  static constexpr beeline_connection_events kEvents{sizeof(beeline_connection_events),
                                                     on_candidate, nullptr, on_state, on_channel};
  static constexpr beeline_channel_events kChannelEvents{sizeof(beeline_channel_events), nullptr,
                                                         on_message, nullptr, nullptr};

  void connect() {
    int reason = -1;
    alice.channel =
        beeline_connection_create_data_channel(alice.connection, "test", nullptr, &reason);
    ASSERT_EQ(reason, BEELINE_OK);
    for (End* end : {&alice, &bob}) {
      ASSERT_EQ(beeline_connection_set_local_description(end->connection), BEELINE_OK);
      const std::string type = beeline_connection_local_type(end->connection);
      ASSERT_EQ(
          beeline_connection_set_remote_description(end->other->connection, type.c_str(),
                                                    beeline_connection_local_sdp(end->connection)),
          BEELINE_OK);
    }
    run_until([&] {
      return bob.channel != nullptr && beeline_channel_state(alice.channel) == BEELINE_CHANNEL_OPEN;
    });
  }
  template <typename Done>
  void run_until(Done done) {
    for (int i = 0; i < 100'000 && !done(); ++i) beeline_run_once(loop, 100);
    EXPECT_TRUE(done());
  }

  beeline_loop* loop;
  End alice{this, nullptr, nullptr, &bob, {}, {}};
  End bob{this, nullptr, nullptr, &alice, {}, {}};
};

TEST_F(CInterface, two_ends_talk) {
  connect();
  EXPECT_STREQ(beeline_channel_label(bob.channel), "test");
  EXPECT_EQ(beeline_channel_id(bob.channel), beeline_channel_id(alice.channel));
  EXPECT_EQ(beeline_channel_send_text(alice.channel, "hello", 5), BEELINE_OK);
  EXPECT_EQ(beeline_channel_send_bytes(alice.channel, "\0\1", 2), BEELINE_OK);
  run_until([&] { return bob.heard.size() == 2; });
  EXPECT_EQ(bob.heard[0], "hello");
  EXPECT_EQ(bob.heard[1], std::string("\0\1", 2));
  EXPECT_EQ(beeline_connection_state(alice.connection), BEELINE_CONNECTED);
  EXPECT_NE(std::string(beeline_connection_explain(alice.connection)).find("directly"),
            std::string::npos);
  EXPECT_EQ(beeline_channel_buffered_amount(alice.channel), 0U);
  beeline_connection_close(alice.connection);
  run_until([&] { return bob.states.back() == BEELINE_CLOSED; });
  EXPECT_EQ(beeline_connection_failure(bob.connection), BEELINE_REASON_CLOSED_BY_PEER);
}

TEST_F(CInterface, everything_may_be_freed_inside_a_callback) {
  connect();
  bob.frees_all = true;
  beeline_channel_send_text(alice.channel, "one", 3);
  beeline_channel_send_text(alice.channel, "two", 3);
  run_until([&] { return bob.connection == nullptr; });
  while (beeline_run_once(loop, 0) != 0) {
  }
  EXPECT_EQ(bob.heard.size(), 1U);
}

TEST_F(CInterface, messages_wait_while_there_is_no_callback_for_them) {
  connect();
  beeline_channel_set_events(bob.channel, nullptr, nullptr);
  beeline_channel_send_text(alice.channel, "later", 5);
  run_until([&] { return beeline_channel_buffered_amount(alice.channel) == 0; });
  while (beeline_run_once(loop, 0) != 0) {
  }
  EXPECT_TRUE(bob.heard.empty());
  beeline_channel_set_events(bob.channel, &kChannelEvents, &bob);
  run_until([&] { return bob.heard.size() == 1; });
}

TEST_F(CInterface, what_cannot_be_has_a_number_a_name_and_a_sentence) {
  const int reason =
      beeline_connection_set_remote_description(alice.connection, "offer", "v=0\r\nnonsense\r\n");
  EXPECT_EQ(reason, BEELINE_REASON_UNREADABLE_DESCRIPTION);
  EXPECT_STREQ(beeline_reason_name(reason), "unreadable_description");
  EXPECT_GT(std::string(beeline_reason_advice(reason)).size(), 20U);
  EXPECT_EQ(beeline_connection_set_remote_description(alice.connection, "nonsense", ""),
            BEELINE_REASON_UNREADABLE_DESCRIPTION);
  EXPECT_STREQ(beeline_reason_name(99), "unknown");
  const beeline_ice_server server{"turn:example.org", nullptr, nullptr};
  beeline_configuration bad{};
  bad.size = sizeof bad;
  bad.ice_servers = &server;
  bad.ice_server_count = 1;
  int why = 0;
  EXPECT_EQ(beeline_connection_new(loop, &bad, &why), nullptr);
  EXPECT_EQ(why, BEELINE_REASON_BAD_ICE_SERVER);
  beeline_channel_init twice{sizeof twice, 0, 1, 1, nullptr, -1};
  EXPECT_EQ(beeline_connection_create_data_channel(alice.connection, "a", &twice, &why), nullptr);
  EXPECT_EQ(why, BEELINE_REASON_BAD_CHANNEL_INIT);
}

TEST_F(CInterface, a_structure_of_an_older_program_is_read_as_far_as_it_goes) {
  const beeline_ice_server server{"stun:127.0.0.1:9", nullptr, nullptr};
  beeline_configuration old{};
  old.size = offsetof(beeline_configuration, ice_servers);
  old.ice_servers = &server;
  old.ice_server_count = 100;  // beyond what it says it has
  int why = -1;
  beeline_connection* const made = beeline_connection_new(loop, &old, &why);
  EXPECT_EQ(why, BEELINE_OK);
  beeline_connection_free(made);
}

TEST_F(CInterface, a_waiting_loop_is_woken_from_another_thread) {
  while (beeline_run_once(loop, 0) != 0) {
  }
  std::jthread other([&] { beeline_loop_wake(loop); });
  EXPECT_EQ(beeline_run_once(loop, -1), 1);
}

TEST(CVersion, is_the_headers) {
  EXPECT_EQ(beeline_abi_version(), BEELINE_ABI);
  EXPECT_STREQ(beeline_version(), BEELINE_VERSION);
}

}  // namespace
}  // namespace beeline::api
