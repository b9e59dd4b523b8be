// Who may die when: anything may be destroyed inside of any handler, before its executor and after.
// Worth most under AddressSanitizer.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <stdexcept>

#include "beeline/api/test_peers.h"

namespace beeline::api {
namespace {

using boost::asio::awaitable;
using boost::system::error_code;

class Lifetime : public Peers {
 protected:
  // Everything there is, inside of whatever calls this.
  void destroy_everything() {
    alice.reset();
    bob.reset();
    ours = {};
    theirs = {};
    destroyed = true;
  }
  std::function<void()> on_call() {
    return [this] { destroy_everything(); };
  }
  // Until it happened, and what was on its way is gone.
  void expect_destroyed() {
    run_until([this] { return destroyed; });
    io.run();  // nothing is left to wait for
  }

  bool destroyed = false;
};

TEST_F(Lifetime, in_a_candidates_handler) {
  ours = alice->create_data_channel("test").value();
  alice->on_ice_candidate([this](const IceCandidate&) { destroy_everything(); });
  ASSERT_TRUE(alice->set_local_description());
  expect_destroyed();
}

TEST_F(Lifetime, in_the_handler_of_needed_negotiation) {
  ours = alice->create_data_channel("test").value();
  alice->on_negotiation_needed(on_call());
  expect_destroyed();
}

TEST_F(Lifetime, in_the_handlers_of_states) {
  for (const ConnectionState at : {ConnectionState::kConnecting, ConnectionState::kConnected}) {
    alice.emplace(io, here());
    bob.emplace(io, here());
    destroyed = false;
    signal();
    alice->on_connection_state_change([this, at](ConnectionState state) {
      if (state == at) destroy_everything();
    });
    ours = alice->create_data_channel("test").value();
    expect_destroyed();
  }
}

TEST_F(Lifetime, in_the_handler_of_the_other_sides_goodbye) {
  connect();
  bob->on_connection_state_change([this](ConnectionState state) {
    if (state == ConnectionState::kClosed) destroy_everything();
  });
  alice.reset();
  expect_destroyed();
}

TEST_F(Lifetime, in_the_handler_of_a_signaling_state) {
  alice->on_signaling_state_change([this](SignalingState) { destroy_everything(); });
  ours = alice->create_data_channel("test").value();
  ASSERT_TRUE(alice->set_local_description());
  expect_destroyed();
}

TEST_F(Lifetime, in_the_handler_of_a_channel_that_comes) {
  signal();
  bob->on_data_channel([this](const DataChannel& channel) {
    channel.on_message([](const Message&) { FAIL() << "told after the end"; });
    destroy_everything();
  });
  ours = alice->create_data_channel("test").value();
  ours.on_open([this] { ours.send("hello"); });
  expect_destroyed();
}

TEST_F(Lifetime, in_a_channels_open_handler) {
  signal();
  ours = alice->create_data_channel("test").value();
  ours.on_open(on_call());
  expect_destroyed();
}

TEST_F(Lifetime, in_a_message_handler_with_more_messages_behind_it) {
  connect();
  int told = 0;
  theirs.on_message([&](const Message& message) {
    ++told;
    EXPECT_EQ(message.text(), "one");
    destroy_everything();
    EXPECT_EQ(message.text(), "one") << "the message is the handler's own";
  });
  ours.send("one");
  ours.send("two");
  ours.send("three");
  expect_destroyed();
  EXPECT_EQ(told, 1);
}

TEST_F(Lifetime, in_a_close_handler) {
  connect();
  theirs.on_close([this](const Error&) { destroy_everything(); });
  ours.close();
  expect_destroyed();
}

TEST_F(Lifetime, in_the_handler_of_a_low_buffer) {
  connect();
  theirs.on_message([](const Message&) {});
  ours.on_buffered_amount_low(on_call());
  ours.send(std::vector<std::uint8_t>(200'000));
  expect_destroyed();
}

TEST_F(Lifetime, in_completions) {
  connect();
  theirs.receive([this](error_code error, const Message& message) {
    EXPECT_FALSE(error);
    EXPECT_EQ(message.text(), "hello");
    destroy_everything();
  });
  int ended = 0;
  ours.receive([&](error_code error, const Message&) {
    EXPECT_EQ(error, Reason::kChannelClosed);
    ++ended;
  });
  bob->accept_data_channel([&](error_code error, const DataChannel& channel) {
    EXPECT_EQ(error, Reason::kClosed);
    EXPECT_FALSE(channel);
    ++ended;
  });
  ours.closed([&](error_code error) {
    EXPECT_FALSE(error);
    ++ended;
  });
  ours.send("hello");
  expect_destroyed();
  EXPECT_EQ(ended, 3) << "whoever waits is told exactly once";
}

TEST_F(Lifetime, handlers_that_hold_what_they_are_about_do_not_leak_it) {
  auto token = std::make_shared<int>();
  connect();
  theirs.on_message([channel = theirs, token](const Message&) {});
  theirs.on_close([channel = theirs, token](const Error&) {});
  ours.on_open([channel = ours, token] {});
  alice.reset();
  run_until([&] { return bob->connection_state() == ConnectionState::kClosed; });
  bob.reset();
  theirs = {};
  ours = {};
  io.run();
  EXPECT_EQ(token.use_count(), 1);
}

// It was kept until its connection ended, however long that lived.
TEST_F(Lifetime, a_closed_channel_does_not_live_on_in_its_message_handler) {
  auto token = std::make_shared<int>();
  connect();
  int heard = 0;
  theirs.on_message([&heard, channel = theirs, token](const Message&) { ++heard; });
  ours.send("the last word");
  ours.close();
  theirs = {};
  run_until([&] { return token.use_count() == 1; });
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(bob->connection_state(), ConnectionState::kConnected);
}

TEST_F(Lifetime, a_handler_may_replace_itself) {
  connect();
  std::string told;
  theirs.on_message([&](const Message& message) {
    told += message.text();
    theirs.on_message([&](const Message& later) { told += std::string(later.text()) + "!"; });
    told += ";";
  });
  ours.send("a");
  ours.send("b");
  run_until([&] { return told.size() >= 4; });
  EXPECT_EQ(told, "a;b!");
}

TEST_F(Lifetime, what_follows_a_handler_that_throws_is_told_all_the_same) {
  connect();
  std::string told;
  theirs.on_message([&](const Message& message) {
    told += message.text();
    if (told == "a") throw std::runtime_error("the application's");
  });
  ours.send("a");
  ours.send("b");
  EXPECT_THROW(run_until([&] { return false; }), std::runtime_error);
  run_until([&] { return told == "ab"; });
}

TEST_F(Lifetime, handles_outlive_their_connection_and_know_that_it_is_gone) {
  connect();
  alice.reset();
  EXPECT_EQ(ours.ready_state(), DataChannelState::kClosed);
  EXPECT_EQ(ours.label(), "test");
  EXPECT_EQ(ours.buffered_amount(), 0U);
  EXPECT_EQ(ours.send("hello").error().reason, Reason::kChannelNotOpen);
  ours.close();
  ours.set_buffered_amount_low_threshold(1);
  error_code told;
  ours.receive([&](error_code error, const Message&) { told = error; });
  run_until([&] { return told == Reason::kChannelClosed; });
}

TEST_F(Lifetime, a_channel_that_nobody_holds_is_closed_and_what_it_got_is_no_burden) {
  connect();
  ours.send(std::vector<std::uint8_t>(100'000));
  theirs = {};
  run_until([&] { return ours.ready_state() == DataChannelState::kClosed; });
  // With a handler for its messages it lives.
  signal();
  ours = alice->create_data_channel("second").value();
  int heard = 0;
  bob->on_data_channel(
      [&](const DataChannel& channel) { channel.on_message([&](const Message&) { ++heard; }); });
  run_until([&] { return ours.ready_state() == DataChannelState::kOpen; });
  ours.send("hello");
  run_until([&] { return heard == 1; });
  EXPECT_EQ(ours.ready_state(), DataChannelState::kOpen);
}

// --- executors -----------------------------------------------------------------------------------

awaitable<void> hold_and_wait([[maybe_unused]] PeerConnection connection, DataChannel channel,
                              std::shared_ptr<int> token) {
  co_await channel.receive();
  ADD_FAILURE() << "nothing was sent, and the executor went away";
  *token = 1;
}

TEST(Executor, may_go_away_with_coroutines_that_hold_connections) {
  auto token = std::make_shared<int>();
  {
    boost::asio::io_context io;
    PeerConnection alice(io, {.loopback = true});
    auto channel = alice.create_data_channel("test").value();
    ASSERT_TRUE(alice.set_local_description());
    co_spawn(io, hold_and_wait(std::move(alice), channel, token), boost::asio::detached);
    io.poll();
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Executor, may_go_away_before_its_connections) {
  auto io = std::make_unique<boost::asio::io_context>();
  PeerConnection alice(*io, {.loopback = true});
  PeerConnection bob(*io, {.loopback = true});
  const auto channel = alice.create_data_channel("test").value();
  alice.on_ice_candidate([&](const IceCandidate&) { bob.close(); });
  ASSERT_TRUE(alice.set_local_description());
  alice.connected([](error_code) { FAIL() << "there is nobody to call this"; });
  io.reset();
  EXPECT_EQ(alice.connection_state(), ConnectionState::kClosed);
  EXPECT_EQ(channel.ready_state(), DataChannelState::kClosed);
  const auto offer = alice.create_offer();
  ASSERT_FALSE(offer);
  EXPECT_EQ(offer.error().reason, Reason::kClosed);
  alice.close();
}

TEST(Executor, has_nothing_to_do_once_the_last_connection_is_gone) {
  boost::asio::io_context io;
  {
    PeerConnection alice(io, {.loopback = true});
    PeerConnection bob(io, {.loopback = true});
    io.poll();
    EXPECT_FALSE(io.stopped());
  }
  io.run();
  io.restart();
  PeerConnection again(io, {.loopback = true});
  again.close();
  io.run();
}

}  // namespace
}  // namespace beeline::api
