// How much may wait where: senders are held back at the high-water mark, the other side by whoever
// does not take its messages; and every kind of completion token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "beeline/api/test_peers.h"

namespace beeline::api {
namespace {

using boost::asio::awaitable;
using boost::asio::detached;
using boost::asio::use_awaitable;
using boost::system::error_code;

std::vector<std::uint8_t> bytes(std::size_t size) {
  return std::vector<std::uint8_t>(size, 'x');
}

class Flow : public Peers {
 protected:
  // So many messages of 64 KiB from alice, each awaited.
  awaitable<void> send_many(int count) {
    for (int i = 0; i < count; ++i) {
      co_await ours.send(bytes(65536));
      ++sent;
      most_buffered = std::max(most_buffered, ours.buffered_amount());
    }
  }
  // Turns of the loop in which nothing happens to `value`.
  template <typename T>
  void run_until_still(const T& value) {
    T before = value;
    auto since = std::chrono::steady_clock::now();
    run_until([&] {
      if (value != before) {
        before = value;
        since = std::chrono::steady_clock::now();
      }
      return std::chrono::steady_clock::now() - since > std::chrono::milliseconds(300);
    });
  }

  int sent = 0;
  std::size_t most_buffered = 0;
};

TEST_F(Flow, an_awaited_send_goes_on_at_the_high_water_mark_and_not_above_it) {
  connect();
  ours.set_high_water_mark(100'000);
  theirs.on_message([](const Message&) {});
  co_spawn(io, send_many(300), detached);
  run_until([&] { return sent == 300; });
  EXPECT_LE(most_buffered, 100'000U + 65536U);
  EXPECT_EQ(ours.high_water_mark(), 100'000U);
}

TEST_F(Flow, the_mark_itself_is_no_reason_to_wait_and_a_byte_more_is) {
  connect();
  ours.set_high_water_mark(1000);
  bool first = false;
  bool second = false;
  ours.send(bytes(1000))([&](error_code error) { first = !error; });
  ours.send(bytes(1))([&](error_code error) { second = !error; });
  EXPECT_EQ(ours.buffered_amount(), 1001U);
  EXPECT_FALSE(first) << "never from inside the call";
  run_until([&] { return first && second; });
}

TEST_F(Flow, messages_that_nobody_takes_hold_the_other_side_back) {
  alice.emplace(io, here());
  bob.emplace(io, Configuration{.loopback = true, .receive_window = 1024 * 1024});
  connect();
  co_spawn(io, send_many(200), detached);  // 12.5 MiB
  run_until_still(sent);
  EXPECT_LT(sent, 100) << "a window and what waits here, and not all of it";
  std::size_t heard = 0;
  theirs.on_message([&](const Message& message) { heard += message.size(); });
  run_until([&] { return heard == 200 * 65536; });
  EXPECT_EQ(sent, 200);
}

awaitable<void> receive_all(DataChannel channel, std::size_t& heard, bool& ended) {
  try {
    for (;;) {
      const Message message = co_await channel.receive();
      heard += message.size();
    }
  } catch (const boost::system::system_error& error) {
    ended = error.code() == Reason::kChannelClosed;
  }
}

TEST_F(Flow, everything_sent_before_a_close_is_received_before_the_end) {
  connect();
  std::size_t heard = 0;
  bool ended = false;
  bool closed = false;
  co_spawn(io, receive_all(theirs, heard, ended), detached);
  for (int i = 0; i < 50; ++i) ours.send(bytes(65536));
  ours.close();
  EXPECT_EQ(ours.ready_state(), DataChannelState::kClosing);
  EXPECT_EQ(ours.send("late").error().reason, Reason::kChannelNotOpen);
  ours.closed([&](error_code error) { closed = !error; });
  run_until([&] { return ended && closed; });
  EXPECT_EQ(heard, 50U * 65536);
}

TEST_F(Flow, messages_that_were_not_taken_survive_the_end_of_the_connection) {
  connect();
  ours.send("one");
  ours.send("two");
  run_until([&] { return bob->get_stats().data_channels[0].messages_received == 2; });
  alice->close();
  run_until([&] { return bob->connection_state() == ConnectionState::kClosed; });
  io.run();
  std::size_t heard = 0;
  bool ended = false;
  co_spawn(io, receive_all(theirs, heard, ended), detached);
  run_until([&] { return ended; });
  EXPECT_EQ(heard, 6U);
}

TEST_F(Flow, a_low_buffer_is_told_once_it_has_fallen_to_the_threshold) {
  connect();
  theirs.on_message([](const Message&) {});
  std::vector<std::size_t> told;
  ours.set_buffered_amount_low_threshold(50'000);
  ours.on_buffered_amount_low([&] { told.push_back(ours.buffered_amount()); });
  ours.send(bytes(50'000));
  run_until([&] { return ours.buffered_amount() == 0; });
  EXPECT_TRUE(told.empty()) << "it was never above";
  ours.send(bytes(50'001));
  run_until([&] { return told.size() == 1; });
  EXPECT_LE(told[0], 50'000U);
  EXPECT_EQ(ours.buffered_amount_low_threshold(), 50'000U);
}

TEST_F(Flow, what_cannot_be_sent_is_refused_with_the_reason) {
  ours = alice->create_data_channel("early").value();
  EXPECT_EQ(ours.send("hello").error().reason, Reason::kChannelNotOpen);
  error_code waited;
  ours.send("hello")([&](error_code error) { waited = error; });
  run_until([&] { return waited == Reason::kChannelNotOpen; });
  ours.close();
  connect();
  EXPECT_TRUE(ours.send(bytes(256 * 1024)).ok());
  EXPECT_EQ(ours.send(bytes(256 * 1024 + 1)).error().reason, Reason::kMessageTooLong);
}

TEST_F(Flow, a_full_queue_refuses_and_says_how_full_it_is) {
  bob.emplace(io, Configuration{.loopback = true, .receive_window = 1024 * 1024});
  connect();
  std::size_t taken = 0;
  Error refused;
  while (!refused) {
    const auto sending = ours.send(bytes(256 * 1024));
    refused = sending.error();
    taken += sending ? 256 * 1024 : 0;
  }
  EXPECT_EQ(refused.reason, Reason::kSendQueueFull);
  EXPECT_EQ(taken, DataChannel::kMostBuffered) << "what is allowed, to the last byte";
  EXPECT_FALSE(refused.detail.empty());
}

// --- completion tokens ---------------------------------------------------------------------------

TEST_F(Flow, a_waiting_receive_can_be_cancelled_and_the_next_one_gets_the_message) {
  using boost::asio::experimental::awaitable_operators::operator||;
  connect();
  std::string heard;
  auto body = [&]() -> awaitable<void> {
    boost::asio::steady_timer timer(io, std::chrono::milliseconds(20));
    const auto first = co_await (theirs.receive() || timer.async_wait(use_awaitable));
    EXPECT_EQ(first.index(), 1U) << "the timer";
    ours.send("hello");
    const Message message = co_await theirs.receive();
    heard = message.text();
  };
  co_spawn(io, body, detached);
  run_until([&] { return heard == "hello"; });
}

TEST_F(Flow, errors_are_values_for_whoever_wants_that) {
  connect();
  error_code told;
  auto body = [&]() -> awaitable<void> {
    ours.close();
    const auto [error, message] = co_await ours.receive(boost::asio::as_tuple(use_awaitable));
    told = error;
  };
  co_spawn(io, body, detached);
  run_until([&] { return told == Reason::kChannelClosed; });
}

TEST_F(Flow, operations_can_be_deferred) {
  connect();
  auto receive = theirs.receive(boost::asio::deferred);
  std::string heard;
  std::move(receive)([&](error_code, const Message& message) { heard = message.text(); });
  ours.send("hello");
  run_until([&] { return heard == "hello"; });
}

TEST_F(Flow, a_future_is_had_by_another_thread) {
  connect();
  ours.send("hello");
  auto future = theirs.receive(boost::asio::use_future);
  std::string heard;
  std::atomic<bool> done = false;
  std::jthread other([&] {
    heard = future.get().text();
    done = true;
  });
  run_until([&] { return done.load(); });
  EXPECT_EQ(heard, "hello");
}

TEST_F(Flow, a_completion_runs_on_the_executor_it_is_bound_to_and_keeps_it_busy) {
  connect();
  boost::asio::io_context other;
  std::thread::id ran_on;
  theirs.receive(boost::asio::bind_executor(
      other, [&](error_code, const Message&) { ran_on = std::this_thread::get_id(); }));
  std::atomic<bool> done = false;
  std::jthread thread([&] {
    other.run();  // returns when the completion has run, and not before
    done = true;
  });
  const auto id = thread.get_id();
  run_ready();
  EXPECT_FALSE(done);
  ours.send("hello");
  run_until([&] { return done.load(); });
  EXPECT_EQ(ran_on, id);
}

}  // namespace
}  // namespace beeline::api
