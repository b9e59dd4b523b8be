// TurnStreams over real loopback connections: frames in and out, and every limit.
#include "beeline/server/turn_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <set>

namespace beeline::server {
namespace {

using boost::asio::ip::tcp;
using testing::ElementsAre;

constexpr std::string_view kChannelFrame("\x40\x01\x00\x05hello\0\0\0", 12);

class TurnStreamsTest : public testing::Test {
 protected:
  void serve(TurnStreams::Limits limits = {}) {
    streams_ = std::make_unique<TurnStreams>(
        loop_, limits,
        TurnStreams::Callbacks{
            .received =
                [this](const turn::FiveTuple& client, Packet packet) {
                  client_ = client;
                  frames_.emplace_back(as_text(packet.bytes()));
                },
            .batch_done = [this] { ++batches_; },
            .closed = [this](const turn::FiveTuple& client) { closed_.push_back(client); },
            .has_allocation =
                [this](const turn::FiveTuple& client) { return allocated_.contains(client); }});
    auto listener = net::TcpListener::listen(
        loop_, {IpAddress::loopback(IpFamily::kV4), Port{0}},
        [this](net::FileDescriptor socket) { streams_->accept(std::move(socket), nullptr); });
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
  }
  tcp::socket connect() {
    tcp::socket socket(loop_.io());
    socket.connect({boost::asio::ip::address_v4::loopback(), listener_->local().port.value});
    return socket;
  }
  static void send(tcp::socket& socket, std::string_view bytes) {
    boost::asio::write(socket, boost::asio::buffer(bytes.data(), bytes.size()));
  }
  // What has arrived; the end of the stream is an empty text.
  static std::string read(tcp::socket& socket) {
    std::string bytes(4096, '\0');
    boost::system::error_code error;
    bytes.resize(socket.read_some(boost::asio::buffer(bytes), error));
    return bytes;
  }
  // Runs the loop until `done` or, in a broken test, for five seconds.
  template <typename Done>
  void until(Done done) {
    const Instant give_up = loop_.now() + std::chrono::seconds(5);
    while (!done() && loop_.now() < give_up) {
      loop_.io().restart();
      loop_.io().run_one_for(std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(done());
  }

  net::EventLoop loop_;
  std::unique_ptr<TurnStreams> streams_;
  std::unique_ptr<net::TcpListener> listener_;
  turn::FiveTuple client_;
  std::vector<std::string> frames_;
  std::set<turn::FiveTuple> allocated_;
  std::vector<turn::FiveTuple> closed_;
  int batches_ = 0;
};

TEST_F(TurnStreamsTest, frames_come_in_whole_and_go_out_padded) {
  serve();
  tcp::socket socket = connect();
  send(socket, kChannelFrame.substr(0, 7));
  until([&] { return batches_ == 1; });
  EXPECT_TRUE(frames_.empty());
  send(socket, kChannelFrame.substr(7));
  until([&] { return !frames_.empty(); });
  EXPECT_THAT(frames_, ElementsAre(kChannelFrame));
  streams_->send(client_, loop_.packets().make(as_bytes(kChannelFrame.substr(0, 9))));
  until([&] { return socket.available() > 0; });
  EXPECT_EQ(read(socket), kChannelFrame);
}

TEST_F(TurnStreamsTest, a_client_that_goes_away_is_told_of_once) {
  serve();
  tcp::socket socket = connect();
  send(socket, kChannelFrame);
  until([&] { return !frames_.empty(); });
  socket.close();
  until([&] { return !closed_.empty(); });
  EXPECT_THAT(closed_, ElementsAre(client_));
  EXPECT_EQ(streams_->connections(), 0U);
}

TEST_F(TurnStreamsTest, what_is_not_turn_is_closed) {
  serve();
  tcp::socket socket = connect();
  send(socket, "\x16\x03\x01 is TLS, which is not spoken here");
  until([&] { return closed_.size() == 1; });
  EXPECT_EQ(streams_->counters().broken, 1U);
  until([&] { return socket.available() == 0 && streams_->connections() == 0; });
}

TEST_F(TurnStreamsTest, without_an_allocation_a_connection_ends_and_with_one_it_stays) {
  TurnStreams::Limits limits;
  limits.without_allocation = std::chrono::milliseconds(100);
  serve(limits);
  tcp::socket useful = connect();
  send(useful, kChannelFrame);
  until([&] { return !frames_.empty(); });
  const turn::FiveTuple kept = client_;
  allocated_.insert(kept);
  tcp::socket idle = connect();
  until([&] { return closed_.size() == 1; });
  EXPECT_NE(closed_[0], kept);
  EXPECT_EQ(streams_->connections(), 1U);
  allocated_.clear();
  streams_->allocation_ended(kept);
  until([&] { return closed_.size() == 2; });
  EXPECT_EQ(closed_[1], kept);
}

TEST_F(TurnStreamsTest, connections_are_bounded_per_source_and_in_total) {
  for (const bool per_source : {true, false}) {
    TurnStreams::Limits limits;
    (per_source ? limits.connections_per_source : limits.connections) = 2;
    serve(limits);
    tcp::socket one = connect();
    tcp::socket two = connect();
    until([&] { return streams_->connections() == 2; });
    EXPECT_EQ(streams_->counters().refused, 0U);
    tcp::socket three = connect();
    until([&] { return streams_->counters().refused == 1; });
    EXPECT_EQ(read(three), "") << "closed";
    one.close();
    until([&] { return streams_->connections() == 1; });
    tcp::socket four = connect();
    until([&] { return streams_->connections() == 2; });
  }
}

TEST_F(TurnStreamsTest, a_slow_reader_loses_packets_and_not_the_servers_memory) {
  TurnStreams::Limits limits;
  limits.unsent_bytes = 100'000;
  serve(limits);
  tcp::socket socket = connect();
  send(socket, kChannelFrame);
  until([&] { return !frames_.empty(); });
  const std::string frame = std::string("\x40\x01\x05\xDC", 4) + std::string(1500, 'x');
  for (int i = 0; i < 10'000; ++i)  // 15 MB: more than the kernel takes
    streams_->send(client_, loop_.packets().make(as_bytes(frame)));
  EXPECT_GT(streams_->counters().dropped, 0U);
  EXPECT_TRUE(closed_.empty());
  // What does arrive is whole frames, one after the other.
  const std::size_t expected = (10'000 - streams_->counters().dropped) * frame.size();
  std::string received;
  until([&] {
    while (socket.available() > 0) received += read(socket);
    return received.size() == expected;
  });
  for (std::size_t at = 0; at + frame.size() <= received.size(); at += frame.size())
    ASSERT_EQ(received.compare(at, frame.size(), frame), 0) << at;
}

}  // namespace
}  // namespace beeline::server
