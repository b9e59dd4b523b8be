#include "beeline/net/udp_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace beeline::net {
namespace {

using testing::UnorderedElementsAre;

const IpAddress kLoopback = IpAddress::loopback(IpFamily::kV4);

class UdpSocketTest : public testing::Test {
 protected:
  std::unique_ptr<UdpSocket> bind(const TransportAddress& local, UdpSocket::Callbacks callbacks) {
    auto socket = UdpSocket::bind(loop_, local, std::move(callbacks));
    EXPECT_TRUE(socket) << socket.error().message();
    return socket ? std::move(*socket) : nullptr;
  }
  // Runs the loop until something stops it; the alarm is there so that a broken test ends.
  void run() {
    Alarm too_long(loop_, [this] {
      ADD_FAILURE() << "nothing happened within 5 s";
      loop_.stop();
    });
    too_long.set(loop_.now() + std::chrono::seconds(5));
    loop_.run([](const std::string& what) { FAIL() << what; });
    loop_.io().restart();
  }

  EventLoop loop_;
};

TEST_F(UdpSocketTest, a_batch_arrives_whole_and_says_where_it_was_sent_to) {
  std::vector<std::string> texts;
  int batches = 0;
  TransportAddress local;
  TransportAddress remote;
  const auto receiver = bind({IpAddress::any(IpFamily::kV4), Port{0}},
                             {[&](ReceivedDatagram datagram) {
                                texts.emplace_back(as_text(datagram.packet.bytes()));
                                local = datagram.local;
                                remote = datagram.remote;
                              },
                              [&] {
                                ++batches;
                                if (texts.size() == 3) loop_.stop();
                              },
                              {}});
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  const TransportAddress to{*IpAddress::parse("127.0.0.9"), receiver->local().port};
  for (const char* text : {"one", "two", "three"})
    sender->send(to, kLoopback, loop_.packets().make(as_bytes(text)));
  sender->flush();
  run();
  EXPECT_THAT(texts, UnorderedElementsAre("one", "two", "three"));
  EXPECT_GE(batches, 1);
  EXPECT_EQ(local, to) << "a wildcard socket knows which of its addresses was meant";
  EXPECT_EQ(remote, sender->local());
}

TEST_F(UdpSocketTest, a_wildcard_socket_answers_from_the_address_that_was_asked) {
  TransportAddress answered_by;
  const auto asker = bind({kLoopback, Port{0}}, {[&](ReceivedDatagram datagram) {
                                                   answered_by = datagram.remote;
                                                   loop_.stop();
                                                 },
                                                 {},
                                                 {}});
  const auto wildcard =
      bind({IpAddress::any(IpFamily::kV4), Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  const IpAddress from = *IpAddress::parse("127.0.0.77");
  wildcard->send(asker->local(), from, loop_.packets().make(as_bytes("answer")));
  wildcard->flush();
  run();
  EXPECT_EQ(answered_by.ip, from);
}

// Sizes as a flood has them: full ones, a smaller last one, then others; to a receiver that takes
// runs, once it has noticed that much comes, and to one that does not.
TEST_F(UdpSocketTest, runs_of_one_size_arrive_as_the_datagrams_they_were) {
  for (const bool runs : {false, true}) {
    std::vector<std::string> received;
    std::vector<std::string> sent;
    const auto receiver =
        bind({kLoopback, Port{0}}, {[&](ReceivedDatagram datagram) {
                                      received.emplace_back(as_text(datagram.packet.bytes()));
                                      if (received.size() % 75 == 0) loop_.stop();
                                    },
                                    {},
                                    {}});
    if (runs) receiver->receive_runs();
    const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
    for (int flood = 0; flood < 2; ++flood) {
      EXPECT_EQ(receiver->receives_runs(), runs && flood > 0);
      for (int i = 0; i < 75; ++i) {
        const int size = i == 40 ? 300 : i == 41 ? 1400 : i > 60 ? 10 + i % 3 : 1200;
        sent.emplace_back(static_cast<std::size_t>(size), static_cast<char>('0' + i % 60));
        sender->send(receiver->local(), kLoopback, loop_.packets().make(as_bytes(sent.back())));
      }
      sender->flush();
      run();
    }
    EXPECT_EQ(received, sent) << (runs ? "with runs" : "without");
    EXPECT_EQ(sender->send_failures() + receiver->truncated(), 0u);
  }
}

// The kernel's switch is dear; who hears little never touches it.
TEST_F(UdpSocketTest, a_socket_that_may_take_runs_does_not_before_much_comes) {
  int heard = 0;
  const auto receiver = bind({kLoopback, Port{0}}, {[&](ReceivedDatagram) { ++heard; },
                                                    [&] {
                                                      if (heard >= 15) loop_.stop();
                                                    },
                                                    {}});
  receiver->receive_runs();
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  for (int i = 0; i < 15; ++i)
    sender->send(receiver->local(), kLoopback, loop_.packets().make(as_bytes("one")));
  sender->flush();
  run();
  EXPECT_FALSE(receiver->receives_runs());
}

TEST_F(UdpSocketTest, a_socket_closed_while_a_run_is_read_hears_no_more_of_it) {
  int heard = 0;
  bool closes = false;
  std::unique_ptr<UdpSocket> receiver;
  receiver = bind({kLoopback, Port{0}}, {[&](ReceivedDatagram) {
                                           ++heard;
                                           if (!closes && heard < 60) return;
                                           loop_.defer([&] { loop_.stop(); });
                                           if (closes) receiver.reset();
                                         },
                                         {},
                                         {}});
  receiver->receive_runs();
  const TransportAddress to = receiver->local();
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  const auto send = [&](int count) {
    for (int i = 0; i < count; ++i)
      sender->send(to, kLoopback, loop_.packets().make(as_bytes(std::string(500, 'x'))));
    sender->flush();
    run();
  };
  send(60);
  ASSERT_TRUE(receiver->receives_runs());
  closes = true;
  send(10);
  EXPECT_EQ(heard, 61);
}

TEST_F(UdpSocketTest, those_that_may_be_cut_and_those_that_may_not_leave_in_order) {
  std::vector<std::size_t> received;
  const auto receiver = bind({kLoopback, Port{0}}, {[&](ReceivedDatagram datagram) {
                                                      received.push_back(datagram.packet.size());
                                                      if (datagram.packet.size() == 5) loop_.stop();
                                                    },
                                                    {},
                                                    {}});
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  const auto send = [&](std::size_t size, Fragmenting fragmenting) {
    Packet packet = loop_.packets().make(as_bytes(std::string(size, 'x')));
    packet.set_fragmenting(fragmenting);
    sender->send(receiver->local(), kLoopback, std::move(packet));
  };
  // Loopback takes all of these whole; that the kernel takes them in turn is what is seen here.
  send(1400, Fragmenting::kForbidden);
  send(300, Fragmenting::kAny);
  send(1400, Fragmenting::kAllowed);
  send(1400, Fragmenting::kForbidden);
  send(5, Fragmenting::kAny);
  sender->flush();
  run();
  EXPECT_EQ(received, (std::vector<std::size_t>{1400, 300, 1400, 1400, 5}));
}

TEST_F(UdpSocketTest, a_closed_port_is_heard_of_and_does_not_hold_up_the_next_datagram) {
  const auto receiver =
      bind({kLoopback, Port{0}}, {[&](ReceivedDatagram datagram) {
                                    if (as_text(datagram.packet.bytes()) == "second") loop_.stop();
                                  },
                                  {},
                                  {}});
  const TransportAddress nobody{kLoopback, Port{9}};
  TransportAddress unreachable;
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  std::unique_ptr<UdpSocket> unlucky = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {},
                                                                   {},
                                                                   [&](const IcmpError& error) {
                                                                     unreachable = error.remote;
                                                                     EXPECT_EQ(error.type, 3);
                                                                     EXPECT_EQ(error.code, 3);
                                                                     loop_.stop();
                                                                   }});
  unlucky->send(nobody, kLoopback, loop_.packets().make(as_bytes("lost")));
  unlucky->flush();
  run();
  EXPECT_EQ(unreachable, nobody);
  unlucky->send(nobody, kLoopback, loop_.packets().make(as_bytes("lost again")));
  unlucky->send(receiver->local(), kLoopback, loop_.packets().make(as_bytes("first")));
  unlucky->send(receiver->local(), kLoopback, loop_.packets().make(as_bytes("second")));
  unlucky->flush();
  run();
}

TEST_F(UdpSocketTest, a_port_in_use_is_an_error_with_a_name) {
  const auto first = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  const auto second = UdpSocket::bind(loop_, first->local(), {[](ReceivedDatagram) {}, {}, {}});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), std::errc::address_in_use);
}

TEST_F(UdpSocketTest, sockets_that_are_ready_together_are_all_read_before_any_batch_is_done) {
  std::vector<std::string> seen;
  const auto callbacks = [&](const std::string& name) {
    return UdpSocket::Callbacks{[&seen, name](ReceivedDatagram) { seen.push_back(name + " read"); },
                                [this, &seen, name] {
                                  seen.push_back(name + " done");
                                  if (seen.size() == 4) loop_.stop();
                                },
                                {}};
  };
  const auto one = bind({kLoopback, Port{0}}, callbacks("one"));
  const auto two = bind({kLoopback, Port{0}}, callbacks("two"));
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  for (const auto* socket : {&one, &two})
    sender->send((*socket)->local(), kLoopback, loop_.packets().make(as_bytes("x")));
  sender->flush();
  run();
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 2),
              UnorderedElementsAre("one read", "two read"));
}

TEST_F(UdpSocketTest, more_than_a_batch_arrives_in_order_and_a_busy_socket_does_not_starve_others) {
  std::vector<int> busy;
  std::size_t when_other = 0;
  const auto one = bind({kLoopback, Port{0}}, {[&](ReceivedDatagram datagram) {
                                                 busy.push_back(datagram.packet.bytes()[0]);
                                                 if (busy.size() == 200) loop_.stop();
                                               },
                                               {},
                                               {}});
  const auto two =
      bind({kLoopback, Port{0}}, {[&](ReceivedDatagram) { when_other = busy.size(); }, {}, {}});
  const auto sender = bind({kLoopback, Port{0}}, {[](ReceivedDatagram) {}, {}, {}});
  for (std::uint8_t i = 0; i < 200; ++i)
    sender->send(one->local(), kLoopback, loop_.packets().make(Bytes(&i, 1)));
  sender->send(two->local(), kLoopback, loop_.packets().make(as_bytes("x")));
  sender->flush();
  run();
  for (std::size_t i = 0; i < busy.size(); ++i) EXPECT_EQ(busy[i], static_cast<int>(i));
  EXPECT_EQ(busy.size(), 200U);
  EXPECT_LE(when_other, 64U);
}

// A use of freed memory otherwise, which only a sanitizer sees.
TEST(EventLoop, what_was_deferred_dies_while_its_socket_can_still_take_its_leave) {
  EventLoop loop;
  auto socket = UdpSocket::bind(loop, {kLoopback, Port{}}, {[](ReceivedDatagram) {}, {}, {}});
  ASSERT_TRUE(socket);
  loop.defer([kept = std::shared_ptr<UdpSocket>(std::move(*socket))] {});
}

}  // namespace
}  // namespace beeline::net
